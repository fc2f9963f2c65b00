"""From rows of `appointments.csv` to requests, and back from results to texts."""

from __future__ import annotations

from datetime import datetime

from rules.dates import (
    DateRequest,
    DateSettings,
    Kind,
    Unit,
    Window,
    read_off_days,
    shipped_holidays,
)

KINDS = {"A": Kind.APPOINTMENT, "C": Kind.CALLBACK}
WEDNESDAY = "2026-11-18T10:30"


def settings_of(text="", own_dates=()):
    """Settings from `name=value;name=value`; a list is separated by commas."""
    mapping = dict(part.split("=") for part in text.split(";") if part)
    return DateSettings.from_mapping(mapping, holidays=shipped_holidays(), own_dates=own_dates)


def now_of(text, settings):
    """A moment in the account's zone."""
    return datetime.fromisoformat(text or WEDNESDAY).replace(tzinfo=settings.zone)


def request_of(row):
    count, _, unit = row["increment"].partition(" ")
    return DateRequest(
        text=row["input"],
        kind=KINDS[row["kind"]],
        weekly_off=read_off_days(row["off"]) if row["off"] else None,
        window=Window.read(row["hours"]) if row["hours"] else None,
        max_days=int(row["max"]) if row["max"] else None,
        increment=int(count or 0),
        increment_unit=Unit(unit or "calendar"),
    )


def short(moment):
    """`2026-11-18T10:30`, and the offset where it is not India's."""
    text = moment.isoformat(timespec="minutes")
    return text.removesuffix("+05:30")
