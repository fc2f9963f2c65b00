"""Webhooks: calls that flows make to other APIs, and flow ends pushed to accounts.

A custom call goes to any HTTP API and puts parts of the answer into variables. A flow end is read
from either layout and written in either; receivers check ours with `verify`.

`prepare` and `interpret` are pure; only `call_webhook` touches the network, through the sender it
is given.

>>> spec = WebhookSpec.from_mapping({
...     "url": "https://api.example/slots/$flow.key.city",
...     "mapping": [{"save_in": "$flow.key.slot", "path": "data.slots[0]", "mandatory": True}],
... })
>>> request = prepare(spec, {"$flow.key.city": "Pune"})
>>> request.method, request.url
('GET', 'https://api.example/slots/Pune')
>>> outcome = interpret(spec, Reply(200, (), b'{"slots": ["10:30"]}', 0.2))
>>> outcome.ok, dict(outcome.variables)
(True, {'$flow.key.slot': '10:30'})
"""

from rules.outgoing import Reply
from rules.webhooks.call import call_webhook, send
from rules.webhooks.flow_end import FlowEnd, Leg, read_flow_end
from rules.webhooks.flow_end_text import render_flow_end
from rules.webhooks.mapping import MapEntry
from rules.webhooks.outcome import Failure, Outcome, Reason, interpret, interpret_error
from rules.webhooks.request import PreparedRequest, prepare
from rules.webhooks.settings import WEBHOOKS, WebhookSettings
from rules.webhooks.signing import BadSignature, verify
from rules.webhooks.spec import Entry, SpecRefused, WebhookSpec, mistakes

__all__ = [
    "WEBHOOKS",
    "BadSignature",
    "Entry",
    "Failure",
    "FlowEnd",
    "Leg",
    "MapEntry",
    "Outcome",
    "PreparedRequest",
    "Reason",
    "Reply",
    "SpecRefused",
    "WebhookSettings",
    "WebhookSpec",
    "call_webhook",
    "interpret",
    "interpret_error",
    "mistakes",
    "prepare",
    "read_flow_end",
    "render_flow_end",
    "send",
    "verify",
]
