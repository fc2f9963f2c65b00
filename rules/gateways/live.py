"""Live number sources over HTTP: prepare a question, send it, read the reply.

Two kinds, both configured, not coded: a provider's number data, and services that answer with
network codes. A third kind over HTTP is a function in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rules.gateways.live_questions import LiveQuestions
from rules.gateways.live_sources import read_sources
from rules.outgoing import Call, OutgoingError, TimedOut
from rules.services.telecom import LiveFailed
from rules.telecom import LiveAnswer
from rules.telecom.names import find_network
from rules.webhooks import json_body
from rules.webhooks.paths import UNRESOLVED

if TYPE_CHECKING:
    from datetime import datetime

    from rules.gateways.live_sources import SourceConfig
    from rules.services import Clock
    from rules.services.outgoing import Outgoing, Reply
    from rules.services.telecom import LiveStore
    from rules.settings import Settings
    from rules.webhooks.paths import JsonPath

__all__ = ["KINDS", "HttpSource", "live_numbers"]

LARGEST_REPLY = 65_536
_TRUE = ("true", "yes", "y", "1", "ported")
_FALSE = ("false", "no", "n", "0", "not ported", "not_ported")


def _in_form(e164: str, form: str) -> str:
    """The number as the source wants it written."""
    if form == "national":
        return e164.removeprefix("+91")
    return e164.removeprefix("+") if form == "digits" else e164


class HttpSource:
    """Implements `LiveSource` for what is configured."""

    def __init__(
        self,
        config: SourceConfig,
        outgoing: Outgoing,
        *,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self.name = config.name
        self.cost = config.cost
        self._config = config
        self._outgoing = outgoing
        self._clock = clock
        self._monotonic = monotonic

    def ask(self, e164: str, *, timeout: float) -> LiveAnswer | None:
        """What the source says, `None` when it knows nothing; raises `LiveFailed`."""
        deadline = self._monotonic() + timeout
        try:
            reply = self._outgoing.send(self._prepared(e164), deadline=deadline)
        except OutgoingError as error:
            timed_out = isinstance(error, TimedOut)
            raise LiveFailed(sent=error.sent, timed_out=timed_out) from None
        return self._read(reply)

    def _prepared(self, e164: str) -> Call:
        config = self._config
        number = _in_form(e164, config.number_form)
        body = config.fill(config.body, number)
        return Call(
            config.verb,
            config.fill(config.url, quote(number, safe="")),
            headers=config.headers,
            body=body.encode() if body else None,
            allow_http=config.http,
            max_reply=LARGEST_REPLY,
            purpose="live number source",
            secrets=(*config.secrets, e164.removeprefix("+91"), number),
            keep_alive=f"live:{config.name}",
        )

    def _read(self, reply: Reply) -> LiveAnswer | None:
        if reply.status == 404:
            return None
        if not 200 <= reply.status < 300:
            raise LiveFailed(sent=True)
        try:
            body = json_body.read(reply.body)
        except json_body.NotJson:
            raise LiveFailed(sent=True) from None
        config = self._config
        if config.found_path and _text(config.found_path, body) != config.found_value:
            return None
        members = {name: _text(path, body) for name, path in config.paths.items()}
        answer = KINDS[config.kind](members, self._clock())
        facts = (answer.operator, answer.circle, answer.ported, answer.line_type)
        return None if facts == (None, None, None, None) else answer


Members = Mapping[str, str | None]
"""What the configured paths found in a reply, by name."""


def number_metadata(members: Members, now: datetime) -> LiveAnswer:
    """A telephony provider's own number data: operator, circle, kind of line, ported."""
    ported = _flag(members.get("ported"))
    words = (members.get(name) for name in ("operator", "circle", "line_type"))
    operator, circle, line_type = words
    return LiveAnswer(operator, circle, ported, line_type, now)


def network_codes(members: Members, now: datetime) -> LiveAnswer:
    """A service that gives the present network as mobile country and network code."""
    network = find_network(members.get("mcc") or "", members.get("mnc") or "")
    operator, circle = network or (None, None)
    return LiveAnswer(operator, circle or None, _flag(members.get("ported")), None, now)


KINDS: dict[str, Callable[[Members, datetime], LiveAnswer]] = {
    "number_metadata": number_metadata,
    "network_codes": network_codes,
}


def live_numbers(
    settings: Settings,
    outgoing: Outgoing,
    store: LiveStore,
    *,
    clock: Clock,
    monotonic: Callable[[], float],
) -> LiveQuestions | None:
    """The sources of the installation's file; raises `SettingMistake`, gives `None` without one."""
    if not settings.live_sources:
        return None
    sources = {
        config.name: HttpSource(config, outgoing, clock=clock, monotonic=monotonic)
        for config in read_sources(settings.live_sources)
    }
    return LiveQuestions(
        sources, store, clock=clock, monotonic=monotonic, hash_key=settings.hash_key
    )


def _text(path: JsonPath, body: Any) -> str | None:
    """The text a path leads to; lists and objects say nothing."""
    value = path.find(body)
    if value is UNRESOLVED or isinstance(value, list | dict):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value.text if isinstance(value, json_body.Number) else str(value)
    return text.strip() or None


def _flag(text: str | None) -> bool | None:
    word = (text or "").casefold()
    return True if word in _TRUE else False if word in _FALSE else None
