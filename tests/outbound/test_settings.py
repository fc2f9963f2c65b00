"""Account settings of outbound calls: what is read, and how a mistake is named."""

from datetime import timedelta

import pytest

from rules.errors import SettingMistake
from rules.outbound import OUTBOUND, DiallerMode, Hold, OnUncertain, OutboundSettings, Purpose
from rules.outbound.hours import Hours, common, read_hours
from rules.outbound.settings import OutsideWindow, read_settings
from rules.settings import Accounts
from tests.rows import each

URL = "https://dialler.example/kairos-apis/outbound/create"


def test_defaults():
    assert read_settings({}) == OutboundSettings()


def test_everything_set():
    found = read_settings(
        {
            "zone": "Asia/Dubai",
            "dialler_url": URL,
            "dialler_mode": "bulk",
            "hold": "until_due",
            "expire_after_minutes": 90,
            "on_uncertain": "hold",
            "uncertain_minutes": 5,
            "idempotency_hours": 48,
            "cancel_by_create": True,
            "purpose": "Service-Explicit",
            "caller_id": "1600123456",
            "entity_type": "commercial_bank",
            "callback_hours": "09:00-18:00",
            "call_hours": "10:00-17:00",
            "on_outside_window": "reject",
            "show_drafts": True,
        }
    )
    assert str(found.zone) == "Asia/Dubai"
    assert (found.dialler_url, found.dialler_mode, found.hold) == (
        URL,
        DiallerMode.BULK,
        Hold.UNTIL_DUE,
    )
    assert found.expire_after == timedelta(minutes=90)
    assert (found.on_uncertain, found.uncertain) == (OnUncertain.HOLD, timedelta(minutes=5))
    assert found.idempotency == timedelta(hours=48)
    assert found.cancel_by_create
    assert found.show_drafts
    assert found.purpose is Purpose.SERVICE_EXPLICIT
    assert (found.caller_id, found.entity_type) == ("1600123456", "commercial_bank")
    assert found.callback_hours == Hours(9 * 60, 18 * 60)
    assert found.hours_for(Purpose.RECOVERY) == Hours(10 * 60, 17 * 60)
    assert found.on_outside_window is OutsideWindow.REJECT


def test_hours_by_purpose():
    found = read_settings({"call_hours": {"recovery": "09:00-18:00"}})
    assert found.hours_for(Purpose.RECOVERY) == Hours(540, 1080)
    assert found.hours_for(Purpose.PROMOTIONAL) is None


def test_http_for_those_who_have_it():
    http = URL.replace("https", "http")
    assert read_settings({"dialler_url": http, "http_enabled": True}).dialler_url == http


MISTAKES = [
    ("zone", "Asia/Atlantis", "no zone"),
    ("zone", "../etc/passwd", "no zone"),
    ("zone", 5, "no zone '5'"),
    ("dialler_url", "dialler.example", "full address"),
    ("dialler_url", "http://dialler.example/create", "http_enabled"),
    ("dialler_url", "ftp://dialler.example/create", "full address"),
    ("dialler_mode", "express", "one of realtime, bulk"),
    ("hold", True, "one of never, until_due"),
    ("expire_after_minutes", 0, "from 1 to"),
    ("expire_after_minutes", "10", "whole number"),
    ("expire_after_minutes", True, "whole number"),
    ("on_uncertain", "cry", "one of retry, hold"),
    ("uncertain_minutes", -1, "from 1 to"),
    ("idempotency_hours", 1.5, "whole number"),
    ("cancel_by_create", "yes", "true or false"),
    ("purpose", "marketing", "one of promotional"),
    ("caller_id", "sales", "the number that calls"),
    ("entity_type", "circus", "one of"),
    ("callback_hours", "8-20", "HH:MM-HH:MM"),
    ("callback_hours", "08:00-08:00", "different times"),
    ("callback_hours", "24:00-08:00", "different times"),
    ("callback_hours", "08:00-24:30", "different times"),
    ("call_hours", "8-20", "HH:MM-HH:MM"),
    ("call_hours", {"marketing": "08:00-20:00"}, "one of promotional"),
    ("call_hours", 7, "HH:MM-HH:MM"),
    ("on_outside_window", "", "one of defer, reject"),
    ("show_drafts", 1, "true or false"),
]


@each(("key", "value", "says"), MISTAKES)
def test_a_mistake_names_its_setting(key, value, says):
    with pytest.raises(SettingMistake, match=says) as refused:
        read_settings({key: value})
    assert refused.value.key == key
    accounts = Accounts({"account": {"293": {key: value}}})
    assert [(found[1], found[2]) for found in accounts.mistakes((OUTBOUND,))] == [("293", key)]


@each(
    ("text", "inside", "outside"),
    [
        ("10:00-21:00", ["10:00", "20:59:59"], ["09:59:59", "21:00"]),
        ("22:00-06:00", ["22:00", "23:59", "00:00", "05:59"], ["06:00", "21:59"]),
        ("18:00-24:00", ["18:00", "23:59:59"], ["00:00", "17:59"]),
        ("18:00-00:00", ["18:00", "23:59:59"], ["00:00", "17:59"]),
        (" 08:00 - 20:00 ", ["08:00"], ["20:00"]),
    ],
)
def test_hours(text, inside, outside):
    from datetime import time

    hours = read_hours(text)
    assert all(hours.holds(time.fromisoformat(clock)) for clock in inside)
    assert not any(hours.holds(time.fromisoformat(clock)) for clock in outside)


@each(
    ("windows", "pieces"),
    [
        ([], ["00:00-24:00"]),
        (["09:00-21:00", "10:00-22:00"], ["10:00-21:00"]),
        (["09:00-12:00", "13:00-18:00"], []),
        (["22:00-06:00", "05:00-23:00"], ["05:00-06:00", "22:00-23:00"]),
    ],
)
def test_common_hours(windows, pieces):
    assert list(map(str, common(map(read_hours, windows)))) == pieces
