"""The outer form of every request and reply: parse, fill, render.

A request is a method name and a list of named values; a reply is a list of named texts. This
package knows the form and its leniency, and no method.

>>> request = parse(b'{"method": "x", "keys": [{"name": "validmaxdays", "value": 5}]}')
>>> days = Field("$flow.key.validMAxDays", integer, "days that may be booked", None)
>>> request.fill((days,))[days]
5
>>> render([("$flow.key.outputDay", "Sunday")])
{'keys': [{'name': '$flow.key.outputDay', 'value': 'Sunday'}]}
"""

from rules.envelope.fields import NEEDED, Field, Filled, Rest, is_missing
from rules.envelope.protocol import PROTOCOL, ProtocolSettings
from rules.envelope.readers import Unusable, boolean, choice, integer, items, text, within
from rules.envelope.reply import failure, render
from rules.envelope.request import Envelope, decode, parse

__all__ = [
    "NEEDED",
    "PROTOCOL",
    "Envelope",
    "Field",
    "Filled",
    "ProtocolSettings",
    "Rest",
    "Unusable",
    "boolean",
    "choice",
    "decode",
    "failure",
    "integer",
    "is_missing",
    "items",
    "parse",
    "render",
    "text",
    "within",
]
