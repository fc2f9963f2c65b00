"""Account settings of outbound calls: where the dialler is, when to call, what the gate knows.

>>> read_settings({"hold": "until_due", "call_hours": "10:00-18:00"}).hold.value
'until_due'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from rules.errors import SettingMistake
from rules.outbound.hours import Hours, read_hours
from rules.outbound.purposes import Purpose, read_purpose
from rules.outbound.records import load_rules
from rules.settings import DEFAULT_ZONE, Files, Topic, read_flag, read_zone
from rules.urls import UrlRefused, read_url

__all__ = [
    "OUTBOUND",
    "DiallerMode",
    "Hold",
    "OnUncertain",
    "OutboundSettings",
    "OutsideWindow",
    "read_settings",
]

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

_NAMES = (
    "zone",
    "http_enabled",
    "dialler_url",
    "dialler_mode",
    "hold",
    "expire_after_minutes",
    "on_uncertain",
    "uncertain_minutes",
    "idempotency_hours",
    "cancel_by_create",
    "purpose",
    "caller_id",
    "entity_type",
    "callback_hours",
    "call_hours",
    "on_outside_window",
    "show_drafts",
)


class DiallerMode(Enum):
    """What the dialler's address answers with: ids of each call, or only that it took them in."""

    REALTIME = "realtime"
    BULK = "bulk"


class Hold(Enum):
    """When an order is handed over: at once, or when its start has come."""

    NEVER = "never"
    UNTIL_DUE = "until_due"


class OnUncertain(Enum):
    """After an attempt of unknown fate: try again with the same bytes, or leave it to a person."""

    RETRY = "retry"
    HOLD = "hold"


class OutsideWindow(Enum):
    """A call outside its hours: moved to the next allowed moment, or refused."""

    DEFER = "defer"
    REJECT = "reject"


@dataclass(frozen=True)
class OutboundSettings:
    """What holds for outbound calls of one account and flow."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_ZONE))
    dialler_url: str = ""
    dialler_mode: DiallerMode = DiallerMode.REALTIME
    hold: Hold = Hold.NEVER
    expire_after: timedelta | None = None
    on_uncertain: OnUncertain = OnUncertain.RETRY
    uncertain: timedelta = timedelta(minutes=10)
    idempotency: timedelta = timedelta(hours=24)
    cancel_by_create: bool = False
    purpose: Purpose | None = None
    caller_id: str = ""
    entity_type: str = ""
    callback_hours: Hours = field(default_factory=lambda: read_hours("08:00-20:00"))
    call_hours: Mapping[Purpose | None, Hours] = field(default_factory=dict)
    on_outside_window: OutsideWindow = OutsideWindow.DEFER
    show_drafts: bool = False

    def hours_for(self, purpose: Purpose) -> Hours | None:
        """The account's own narrowing for a purpose, `None` when it has none."""
        return self.call_hours.get(purpose, self.call_hours.get(None))


def read_settings(mapping: Mapping[str, Any], _: Files | None = None) -> OutboundSettings:
    """Settings from what an accounts file says; `SettingMistake` names the first bad one."""
    read = _Reader(mapping)
    minutes = read.whole("expire_after_minutes", 0)
    return OutboundSettings(
        zone=read_zone(mapping),
        dialler_url=read.use("dialler_url", "", _dialler(http=read_flag(mapping, "http_enabled"))),
        dialler_mode=read.word("dialler_mode", DiallerMode.REALTIME),
        hold=read.word("hold", Hold.NEVER),
        expire_after=timedelta(minutes=minutes) if minutes else None,
        on_uncertain=read.word("on_uncertain", OnUncertain.RETRY),
        uncertain=timedelta(minutes=read.whole("uncertain_minutes", 10)),
        idempotency=timedelta(hours=read.whole("idempotency_hours", 24)),
        cancel_by_create=read_flag(mapping, "cancel_by_create"),
        purpose=read.use("purpose", "", _purpose) if mapping.get("purpose") else None,
        caller_id=read.use("caller_id", "", _caller_id),
        entity_type=read.use("entity_type", "", _entity_type),
        callback_hours=read.use("callback_hours", "08:00-20:00", read_hours),
        call_hours=_call_hours(mapping.get("call_hours")),
        on_outside_window=read.word("on_outside_window", OutsideWindow.DEFER),
        show_drafts=read_flag(mapping, "show_drafts"),
    )


class _Reader:
    """Reads one setting after the other; every mistake becomes a `SettingMistake`."""

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        self._mapping = mapping

    def use(self, key: str, default: str, read: Callable[[str], T]) -> T:
        text = self._mapping.get(key, default)
        if not isinstance(text, str):
            raise SettingMistake(key, "must be text")
        try:
            return read(text.strip())
        except ValueError as error:
            raise SettingMistake(key, str(error)) from None

    def word(self, key: str, default: E) -> E:
        kind = type(default)
        names = [str(option.value) for option in kind]
        text = self._mapping.get(key, default.value)
        if text not in names:
            raise SettingMistake(key, f"must be one of {', '.join(names)}")
        return kind(text)

    def whole(self, key: str, default: int) -> int:
        number = self._mapping.get(key, default)
        if not isinstance(number, int) or isinstance(number, bool):
            raise SettingMistake(key, "must be a whole number")
        if key in self._mapping and not 1 <= number <= 525_600:
            raise SettingMistake(key, "must be from 1 to 525600")
        return number


def _dialler(*, http: bool) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text:
            return ""
        try:
            scheme = read_url(text, schemes=("https", "http")).scheme
        except UrlRefused:
            raise ValueError("must be the full address of the dialler's create path") from None
        if scheme != "https" and not http:
            raise ValueError("must begin with https:// (http:// needs http_enabled = true)")
        return text

    return read


def _purpose(text: str) -> Purpose:
    purpose = read_purpose(text)
    if purpose is None:
        raise ValueError(f"must be one of {', '.join(p.value for p in Purpose)}")
    return purpose


def _caller_id(text: str) -> str:
    if text and not any(c.isdigit() for c in text):
        raise ValueError("must be the number that calls")
    return text


def _entity_type(text: str) -> str:
    if text and text not in load_rules().entity_types:
        raise ValueError(f"must be one of {', '.join(sorted(load_rules().entity_types))}")
    return text


def _call_hours(value: Any) -> dict[Purpose | None, Hours]:
    """One window for all purposes, or a table of purpose to window."""
    if value is None:
        return {}
    table = value if isinstance(value, Mapping) else {None: value}
    try:
        return {
            None if word is None else _purpose(str(word)): read_hours(str(hours))
            for word, hours in table.items()
        }
    except ValueError as error:
        raise SettingMistake("call_hours", str(error)) from None


OUTBOUND: Topic[OutboundSettings] = Topic(names=_NAMES, build=read_settings)
