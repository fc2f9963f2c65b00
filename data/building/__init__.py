"""How each table of `data/` is built: one module per topic, each listed here.

A builder is a function from the folder of sources, and the rows of `sources.csv` by id, to an
`Output`: its tables, and its section of `data/README.md`. A new topic is one module and one line.
"""

from __future__ import annotations

from building import call_rules, date_words, holidays_in, links, telecom, translation
from building.base import Builder

__all__ = ["BUILDERS"]

BUILDERS: dict[str, Builder] = {
    "call_rules": call_rules.build,
    "date_words": date_words.build,
    "holidays": holidays_in.build,
    "links": links.build,
    "telecom": telecom.build,
    "translation": translation.build,
}
