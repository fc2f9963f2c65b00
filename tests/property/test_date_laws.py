"""The laws of the date rule, in several zones and around changes of the clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.dates import (
    DateReason,
    DateRequest,
    DateSettings,
    Kind,
    TimeReason,
    WeekPattern,
    Window,
    judge,
    next_valid_slots,
    read_off_days,
    shipped_holidays,
    validate_date_and_time,
)
from rules.dates.week import KINDS

STEADY = settings(derandomize=True, deadline=None, database=None)
ZONES = ("Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
HOURS = ("09:00-18:00", "22:00-06:00", "00:00-23:59", "01:30-02:30", "18:00-00:00")
CHANGES = ("2026-03-08T07:00", "2026-11-01T06:00", "2026-04-04T15:00", "2026-10-03T15:30")
OWN = (
    (),
    (("2026-11-20", "closed"), ("2026-11-22", "open"), ("2026-11-23", "hours", "10:00-11:00")),
    (("2026-10-04", "hours", "02:00-02:20"), ("2026-11-01", "open", "01:00-02:00")),
)
OFF = ("none", "Sunday", "Saturday, Sunday", "Sunday, 2nd and 4th Saturday", "Mon-Sat", "all")


@cache
def account(zone, hours, own, same_day, roll):
    mapping = {
        "zone": zone,
        "holiday_sets": ["IN"],
        "callback_hours": hours,
        "business_hours": hours,
        "same_day_appointment": same_day,
        "same_day_callback": not same_day,
        "correction": "roll" if roll else "none",
    }
    return DateSettings.from_mapping(mapping, holidays=shipped_holidays(), own_dates=OWN[own])


ACCOUNTS = st.builds(
    account,
    st.sampled_from(ZONES),
    st.sampled_from(HOURS),
    st.integers(0, len(OWN) - 1),
    st.booleans(),
    st.sampled_from([True, True, True, False]),
)
CHANGE = st.sampled_from([datetime.fromisoformat(text).replace(tzinfo=UTC) for text in CHANGES])
MINUTES = st.integers(-3 * 60, 3 * 60).map(lambda n: timedelta(minutes=n))
SECONDS = st.sampled_from([timedelta(), timedelta(seconds=59, microseconds=1)])
NOWS = st.one_of(
    st.builds(lambda change, minutes, more: change + minutes + more, CHANGE, MINUTES, SECONDS),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
CLOCKS = st.one_of(
    st.none(),
    st.times().map(lambda clock: clock.replace(microsecond=0)),
    st.integers(0, 4 * 60 - 1).map(lambda n: time(n // 60, n % 60)),
)
PATTERNS = st.one_of(
    st.sampled_from(OFF).map(read_off_days), st.integers(0, (1 << KINDS) - 1).map(WeekPattern)
)


@st.composite
def questions(draw):
    """A request, its moment and its settings; the text is an ISO date near the moment."""
    now, rules = draw(NOWS), draw(ACCOUNTS)
    day = now.date() + timedelta(draw(st.integers(-2, 12)))
    clock = draw(CLOCKS)
    text = day.isoformat() + (f"T{clock.isoformat()}" if clock else "")
    request = DateRequest(
        text,
        draw(st.sampled_from(Kind)),
        weekly_off=draw(PATTERNS),
        window=draw(st.one_of(st.none(), st.sampled_from(HOURS).map(Window.read))),
        max_days=draw(st.one_of(st.none(), st.integers(0, 8))),
    )
    return request, now, rules


def again(request, moment, **more):
    """The same request for another moment."""
    return DateRequest(
        moment.isoformat(),
        request.kind,
        request.weekly_off,
        request.window,
        more.get("max_days", request.max_days),
    )


@settings(STEADY)
@given(questions())
def test_outputs_and_slots(question):
    request, now, rules = question
    result, slots = judge(request, now=now, settings=rules)
    # 1. The output, fed back, comes back.
    fed = validate_date_and_time(again(request, result.output), now=now, settings=rules)
    assert fed.output == result.output
    # 2. A corrected output and every slot are valid.
    for moment in (*slots, *([result.output] if result.corrected else [])):
        fed = validate_date_and_time(again(request, moment), now=now, settings=rules)
        assert (fed.date_valid, fed.time_valid) == (True, True), moment
        assert fed.output == moment
    assert len({slot.date() for slot in slots}) == len(slots) <= 3
    assert list(slots) == sorted(slots)
    if result.corrected:
        # 3. It is the first of the slots. 4. It lies before neither the asked moment nor now.
        assert result.output == slots[0]
        assert result.output.astimezone(UTC) > now
        asked = result.requested_time or time.min
        assert result.output.replace(tzinfo=None) >= datetime.combine(result.requested_date, asked)
    # 5. Both flags and a time given: the asked moment.
    if result.date_valid and result.time_valid and result.requested_time:
        asked = datetime.combine(result.requested_date, result.requested_time)
        assert result.output.replace(tzinfo=None) == asked
        assert not result.corrected
    assert result.date_valid == (result.date_reason is DateReason.OK)
    fine = {TimeReason.OK, TimeReason.NOT_GIVEN}
    assert result.time_valid == (result.time_reason in fine)
    assert next_valid_slots(request, now=now, settings=rules, count=1) == slots[:1]


@settings(STEADY)
@given(
    st.lists(st.booleans(), min_size=7, max_size=7).filter(any),
    st.lists(st.integers(-5, 60), max_size=15),
    st.integers(1, 60),
    st.integers(0, 30),
)
def test_numpy_counts_the_same_limit(mask, holidays, ahead, limit):
    today = date(2026, 11, 18)
    days = [today + timedelta(n) for n in holidays]
    numpy = np.busdaycalendar(weekmask=mask, holidays=days)
    rules = DateSettings.from_mapping(
        {"holiday_sets": ["IN-X"]},
        holidays=[("IN-X", day.isoformat(), "Day") for day in [*days, date(1990, 1, 1)]],
    )
    names = zip(("mo", "tu", "we", "th", "fr", "sa", "su"), mask, strict=True)
    off = ",".join(name for name, opens in names if not opens)
    asked = today + timedelta(ahead)
    request = DateRequest(
        asked.isoformat(), Kind.APPOINTMENT, read_off_days(off or "none"), max_days=limit
    )
    now = datetime(2026, 11, 18, 5, tzinfo=UTC)
    result = validate_date_and_time(request, now=now, settings=rules)
    count = np.busday_count(today + timedelta(1), asked + timedelta(1), busdaycal=numpy)
    assert result.date_valid == (bool(np.is_busday(asked, busdaycal=numpy)) and count <= limit)


@settings(STEADY)
@given(questions(), st.integers(1, 500))
def test_a_larger_limit_never_hurts(question, more):
    request, now, rules = question
    before = validate_date_and_time(request, now=now, settings=rules)
    larger = DateRequest(
        request.text,
        request.kind,
        request.weekly_off,
        request.window,
        max_days=None if request.max_days is None else request.max_days + more,
    )
    after = validate_date_and_time(larger, now=now, settings=rules)
    assert after.date_valid or not before.date_valid
    assert after.time_valid == before.time_valid


@settings(STEADY)
@given(questions(), st.integers(1, 400), st.booleans())
def test_a_holiday_elsewhere_changes_nothing(question, distance, later):
    request, now, rules = question
    result = validate_date_and_time(request, now=now, settings=rules)
    today = now.astimezone(rules.zone).date()
    asked = result.requested_date
    elsewhere = (max(today, asked) if later else min(today, asked)) + timedelta(
        distance if later else -distance
    )
    assume(not rules.own.closed and not rules.own.opened)
    rows = [
        *([("IN", day.isoformat(), "Day") for day in rules.shut.holidays]),
        ("IN", elsewhere.isoformat(), "Elsewhere"),
    ]
    mapping = {
        "zone": rules.zone.key,
        "same_day_appointment": rules.same_day_appointment,
        "same_day_callback": rules.same_day_callback,
        "callback_hours": f"{rules.callback_hours.start:%H:%M}-{rules.callback_hours.end:%H:%M}",
        "business_hours": f"{rules.business_hours.start:%H:%M}-{rules.business_hours.end:%H:%M}",
    }
    with_it = DateSettings.from_mapping(mapping, holidays=rows)
    without = DateSettings.from_mapping(mapping, holidays=rows[:-1])
    first = validate_date_and_time(request, now=now, settings=without)
    second = validate_date_and_time(request, now=now, settings=with_it)
    assert (first.date_valid, first.time_valid) == (second.date_valid, second.time_valid)


@settings(STEADY)
@given(st.text(max_size=120), st.sampled_from(Kind), NOWS, ACCOUNTS, PATTERNS, st.integers(-9, 9))
def test_no_text_makes_it_raise(text, kind, now, rules, pattern, increment):
    request = DateRequest(text, kind, pattern, increment=increment)
    result, slots = judge(request, now=now, settings=rules)
    assert (result.output is None) == (result.requested_date is None)
    assert len(slots) <= 3


SCRIPT = """
import json, locale, sys
from datetime import datetime
from rules.dates import *
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
settings = DateSettings.from_mapping({"holiday_sets": ["IN", "GB"]}, holidays=shipped_holidays())
now = datetime.fromisoformat("2026-11-18T20:30:00+00:00")
texts = ["kal shaam 5 baje", "today", "next Friday", "1796729400", "24/11/2026", "31 April"]
rows = [{"inputDate": text, "type": "Callback", "validMAxDays": "30"} for text in texts]
print(json.dumps(list(validate_rows(rows, now=now, settings=settings))))
"""


@cache
def elsewhere(zone, locale):
    """What the script says in a process of this zone and locale."""
    environ = {**os.environ, "TZ": zone, "LC_ALL": locale, "LANGUAGE": locale[:2]}
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", SCRIPT],
        env=environ,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("zone", "locale"), [("Asia/Kolkata", "C.UTF-8"), ("America/New_York", "hi_IN"), ("", "de_DE")]
)
def test_zone_and_locale_of_the_process_change_nothing(zone, locale):
    rows = elsewhere(zone, locale)
    assert rows == elsewhere("UTC", "C")
    assert rows[0]["outputDate"] == "2026-11-20T17:00:00+05:30"
