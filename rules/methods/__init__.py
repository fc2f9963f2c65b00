"""Every method of the webhook protocol, and the one call that answers a request.

To add a method: write its module here, put it into `METHODS`, add a folder of cases under
`tests/cases/` and a row in `docs/methods.md`. The endpoint, the command line and the console read
this table.
"""

from rules.methods._answer import STATUSES, Answer, answer, fill_call, find_method, refused
from rules.methods._method import Call, Method, Reply
from rules.methods._table import METHODS
from rules.methods._topics import TOPICS

__all__ = [
    "METHODS",
    "STATUSES",
    "TOPICS",
    "Answer",
    "Call",
    "Method",
    "Reply",
    "answer",
    "fill_call",
    "find_method",
    "refused",
]
