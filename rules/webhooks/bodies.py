r"""The body of a request: variables are put in so that a value stays a value.

A variable without value becomes empty text (or keeps standing, as the account has it). In JSON a
value inside quotes is escaped, outside quotes it must itself be one JSON value, so it cannot add
members; in XML it cannot add elements; in a form it cannot add entries.

>>> known = Variables([("$flow.key.name", 'A "B"'), ("$flow.key.n", "5")])
>>> print(json_text('{"name": "$flow.key.name", "n": $flow.key.n}', known))
{"name": "A \"B\"", "n": 5}
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from rules.variables import Variables, read_pieces
from rules.webhooks import json_body, xml_body
from rules.webhooks.fill import BadRequest, render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.variables import Variable
    from rules.webhooks.spec import WebhookSpec

__all__ = ["build_body", "json_text"]

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_KEYS = re.compile(r'["\r\n\0]')
_QUOTES = {'"': "&quot;", "'": "&apos;"}
_QUOTE_OR_ESCAPE = re.compile(r'"|\\(.?)', re.DOTALL)


def build_body(
    spec: WebhookSpec, form: Sequence[tuple[str, str]], variables: Variables, unset: str
) -> tuple[bytes, str]:
    """Body and content type, both empty when there is no body; raises `BadRequest`."""
    kind = spec.body_type
    if kind == "json":
        return json_text(spec.body, variables, unset).encode(), "application/json; charset=utf-8"
    if kind == "xml":
        return _xml(spec.body, variables, unset), "application/xml; charset=utf-8"
    if kind == "form":
        text = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in form)
        return text.encode(), "application/x-www-form-urlencoded; charset=utf-8"
    if kind == "multipart":
        return _multipart(form)
    if kind == "plain_text":
        return render(spec.body, variables, str, unset).encode(), "text/plain; charset=utf-8"
    return b"", ""


def json_text(template: str, variables: Variables, unset: str = "empty") -> str:
    """A JSON text; raises `BadRequest` when it is none, or a value is more than a value."""
    written: list[str] = []
    inside = False
    for piece in read_pieces(template, variables):
        if isinstance(piece, str):
            inside = _is_inside(piece, inside=inside)
            written.append(piece)
        else:
            written.append(_json_value(piece, unset, inside=inside))
    text = "".join(written)
    _check_json(text)
    return text


def _is_inside(text: str, *, inside: bool) -> bool:
    """Is one inside quotes after this text? A backslash outside is no JSON, as is found later."""
    for match in _QUOTE_OR_ESCAPE.finditer(text):
        if match[0] == '"':
            inside = not inside
        elif inside and not match[1]:
            raise BadRequest("body: a variable or the end stands behind a backslash")
    return inside


def _json_value(variable: Variable, unset: str, *, inside: bool) -> str:
    value = variable.value
    if value is None:
        if unset != "keep":
            return ""
        value = variable.written
    if inside:
        return json.dumps(value, ensure_ascii=False)[1:-1]
    if variable.value is not None:
        _check_json(value)
    return value


def _check_json(text: str) -> None:
    try:
        json_body.read_text(text)
    except json_body.NotJson:
        raise BadRequest("body: no JSON with these values") from None


def _xml(template: str, variables: Variables, unset: str) -> bytes:
    def put(value: str) -> str:
        if _NOT_IN_XML.search(value):
            raise BadRequest("body: a value holds a character XML has not")
        return escape(value, _QUOTES)

    body = render(template, variables, put, unset).encode()
    if not xml_body.is_well_formed(body):
        raise BadRequest("body: no well-formed XML with these values, or a DOCTYPE")
    return body


def _multipart(form: Sequence[tuple[str, str]]) -> tuple[bytes, str]:
    """One text part per entry. The boundary is a hash of all of it, so no value can hold it."""
    if any(_NOT_IN_KEYS.search(key) for key, _ in form):
        raise BadRequest("body: a key holds a quote or a line end")
    parts = [
        f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in form
    ]
    boundary = hashlib.sha256(b"\0".join(parts)).hexdigest()[:40]
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + part for part in parts) + mark + b"--\r\n"
    return body, f"multipart/form-data; charset=utf-8; boundary={boundary}"
