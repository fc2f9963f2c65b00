from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pendulum
import pytest
from dateutil.parser import isoparse
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rules.dates import DateUnreadable, Form, read_clock, read_date, read_iso, to_moment
from rules.dates.read import read_moment, read_numeric
from rules.dates.wordlist import COLUMNS
from rules.tables import read_table
from tests.rows import each

WORDS = read_table("date_words", COLUMNS)
ZONES = [
    ZoneInfo(name) for name in ("Asia/Kolkata", "UTC", "America/New_York", "Australia/Lord_Howe")
]
INDIA = ZONES[0]
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2100, 12, 30), timezones=OFFSETS)  # noqa: DTZ001
PIECES = st.one_of(
    st.sampled_from([row[0] for row in WORDS]),
    st.sampled_from(["5", "12", "26", "2026", "4/11", "4/11/2026", "17:00", "5.30", "15th", "'26"]),
    st.sampled_from(["2026-11-18", "T", "Z", "+05:30", "pm", ",", "-", "/", ":", "#", "*", "IST"]),
    st.text(max_size=3),
)
SENTENCES = st.lists(PIECES, max_size=8).flatmap(
    lambda pieces: st.sampled_from([" ", "", "-"]).map(lambda blank: blank.join(pieces))
)


@given(text=st.one_of(st.text(), SENTENCES), today=st.dates(), zone=st.sampled_from(ZONES))
@example(text="0001-01-01T00:00:00+05:31", today=date.min, zone=INDIA)
@example(text="in 999 weeks", today=date.max, zone=INDIA)
def test_reading_gives_a_date_or_the_one_refusal(text, today, zone):
    try:
        found = read_date(text, today=today, zone=zone)
    except DateUnreadable as refused:
        assert refused.code in {"UNPARSEABLE", "NOT_A_CALENDAR_DATE", "WEEKDAY_MISMATCH"}
        assert (refused.reading is not None) == (refused.code == "WEEKDAY_MISMATCH")
    else:
        assert isinstance(found.form, Form)
        assert found.time is None or found.time.microsecond == 0
        assert found.alternate is None or found.ambiguous
        assert found.time is not None or not found.time_ambiguous


@given(text=st.one_of(st.text(), SENTENCES), zone=st.sampled_from(ZONES))
def test_the_small_readers_never_raise_anything_else(text, zone):
    now = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
    assert read_iso(text, zone) is None or read_iso(text, zone).tzinfo
    assert read_numeric(text, zone) is None or read_numeric(text, zone).tzinfo
    for reader in (read_clock, lambda said: read_moment(said, now=now, zone=zone)):
        try:
            reader(text)
        except DateUnreadable:
            continue


@given(moment=MOMENTS, zone=st.sampled_from(ZONES), mark=st.sampled_from("T "))
def test_a_moment_rendered_as_iso_is_read_back(moment, zone, mark):
    text = moment.isoformat(mark)
    assert read_iso(text, zone) == moment
    found = read_date(text, today=date(2026, 11, 18), zone=zone)
    there = moment.astimezone(zone).replace(microsecond=0, tzinfo=None)
    assert (found.date, found.time, found.form) == (there.date(), there.time(), Form.ISO)
    again = to_moment(found.date, found.time, zone).isoformat()
    assert read_date(again, today=date(2000, 1, 1), zone=zone)[:2] == found[:2]


@given(
    moment=MOMENTS,
    parts=st.sampled_from(["minutes", "seconds", "milliseconds", "microseconds"]),
    offset=st.sampled_from(["%z", "%:z", "Z", ""]),
)
def test_dateutil_and_pendulum_read_iso_the_same(moment, parts, offset):
    text = moment.replace(tzinfo=None).isoformat("T", parts)
    text += {"%z": f"{moment:%z}", "%:z": moment.isoformat()[-6:]}.get(offset, offset)
    ours = read_iso(text, INDIA)
    dateutils = isoparse(text)
    assert ours == (dateutils if dateutils.tzinfo else dateutils.replace(tzinfo=INDIA))
    assert ours == pendulum.parse(text, strict=True, tz="Asia/Kolkata")


@given(day=DAYS, basic=st.booleans())
def test_dateutil_reads_dates_the_same(day, basic):
    text = f"{day:%Y%m%d}" if basic else str(day)
    assert read_date(text, today=day, zone=INDIA).date == day == isoparse(text).date()


@given(
    text=st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", fullmatch=True)
)
def test_dateutil_refuses_the_same_iso_texts(text):
    assume(text[11:13] != "24")  # which it reads as the next day
    try:
        second = isoparse(text).replace(tzinfo=INDIA)
    except ValueError:
        assert read_iso(text, INDIA) is None
    else:
        assert read_iso(text, INDIA).replace(tzinfo=INDIA) == second


@given(
    moment=st.datetimes(datetime(1970, 1, 1), datetime(2037, 12, 31)),  # noqa: DTZ001
    zone=st.sampled_from(ZONES),
)
@example(moment=datetime(2026, 3, 8, 2, 30), zone=ZONES[2])  # noqa: DTZ001
@example(moment=datetime(2026, 11, 1, 1, 30), zone=ZONES[2])  # noqa: DTZ001
@example(moment=datetime(2026, 10, 4, 2, 15), zone=ZONES[3])  # noqa: DTZ001
@example(moment=datetime(2026, 4, 5, 1, 45), zone=ZONES[3])  # noqa: DTZ001
def test_pendulum_changes_clocks_the_same(moment, zone):
    ours = to_moment(moment.date(), moment.time(), zone)
    fields = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    fields += (moment.microsecond,)
    there = pendulum.timezone(zone.key)
    first = pendulum.datetime(*fields, tz=there, fold=0)
    skipped = first.naive() != moment
    theirs = pendulum.datetime(*fields, tz=there, fold=1) if skipped else first
    assert ours.astimezone(UTC) == theirs.astimezone(UTC)
    assert ours.replace(tzinfo=None) == theirs.naive()


def changes(zone, years):
    """Days on which the clocks of a zone change."""
    day = datetime(years.start, 1, 1, tzinfo=zone)
    while day.year in years:
        following = day + timedelta(days=1)
        if day.utcoffset() != following.utcoffset():
            yield day.replace(tzinfo=None)
        day = following


@each(
    "name",
    [
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Pacific/Apia",
        "Asia/Kolkata",
    ],
)
def test_around_every_clock_change_an_offset_is_converted_exactly(name):
    zone = ZoneInfo(name)
    for day in changes(zone, range(1940, 2038)):
        for minutes in range(-25 * 60, 49 * 60, 45):
            wall = day + timedelta(minutes=minutes)
            for known in (day, day + timedelta(days=1)):
                offset = timezone(zone.utcoffset(known))
                said = wall.replace(tzinfo=offset)
                there = said.astimezone(zone)
                found = read_date(said.isoformat(), today=wall.date(), zone=zone)
                assert (found.date, found.time) == (there.date(), there.time())


@given(day=DAYS, today=DAYS, other=DAYS, mark=st.sampled_from("-/. "), short=st.booleans())
def test_a_numeric_date_with_its_year_does_not_depend_on_today(day, today, other, mark, short):
    assume(not short or day.year >= 2000)
    year = f"{day.year % 100:02}" if short and day.year < 2100 else day.year
    text = f"{day.day}{mark}{day.month}{mark}{year}"
    found = read_date(text, today=today, zone=INDIA)
    assert (found.date, found.ambiguous, found.form) == (day, False, Form.NUMERIC)
    assert found == read_date(text, today=other, zone=INDIA)


@given(day=DAYS, today=DAYS, data=st.data())
def test_a_named_date_is_read_in_every_language_and_order(day, today, data):
    month = data.draw(st.sampled_from([r[0] for r in WORDS if r[2:4] == ("month", str(day.month))]))
    name = data.draw(
        st.sampled_from([r[0] for r in WORDS if r[2:4] == ("weekday", str(day.weekday()))])
    )
    order = data.draw(
        st.sampled_from(["{d} {m} {y}", "{m} {d}, {y}", "{y} {m} {d}", "{d}-{m}-{y}"])
    )
    said = order.format(d=day.day, m=month, y=day.year)
    clock = data.draw(
        st.sampled_from(["{}", "{} 5 pm", "5 pm {}", "{} shaam 5 baje", "{} ko 17:00"])
    )
    for text in (clock.format(said), f"{name} {clock.format(said)}"):
        found = read_date(text, today=today, zone=INDIA)
        assert (found.date, found.form) == (day, Form.WORDS)
        assert found.time == (None if clock == "{}" else time(17))


@given(day=DAYS, today=DAYS)
def test_a_date_without_a_year_is_the_next_one(day, today):
    found = read_date(f"{day.day}/{day.month}", today=today, zone=INDIA).date
    assert (found.day, found.month) == (day.day, day.month)
    assert (
        today
        <= found
        <= today.replace(year=min(today.year + 8, 2104), day=28, month=12) + timedelta(days=3)
    )
    assert found == read_date(f"{day:%d %B}", today=today, zone=INDIA).date
    assert found == read_date(f"{day:%d%m}", today=today, zone=INDIA).date


@given(today=DAYS, number=st.integers(0, 6), data=st.data())
def test_weekdays_keep_their_distances(today, number, data):
    names = [row[0] for row in WORDS if row[2:4] == ("weekday", str(number))]
    name = data.draw(st.sampled_from(names))
    bare, this, following = (
        read_date(f"{word}{name}", today=today, zone=INDIA) for word in ("", "this ", "agle ")
    )
    assert {found.date.weekday() for found in (bare, this, following)} == {number}
    assert 1 <= (bare.date - today).days <= 7
    assert 0 <= (this.date - today).days <= 6
    monday = today + timedelta(days=7 - today.weekday())
    assert monday <= following.date < monday + timedelta(days=7)
    assert following.alternate in {None, following.date - timedelta(days=7)}
    assert following.ambiguous == (today < following.date - timedelta(days=7))


@given(count=st.integers(1, 31), today=DAYS, data=st.data())
def test_counted_days_are_counted_in_digits_and_words(count, today, data):
    names = [row[0] for row in WORDS if row[2:4] == ("number", str(count))]
    said = data.draw(st.sampled_from([str(count), *names]))
    form = data.draw(
        st.sampled_from(["in {} days", "{} din baad", "आज से {} दिन बाद", "{} days hence"])
    )
    assume(said != "sat")  # in English that is Saturday
    found = read_date(form.format(said), today=today, zone=INDIA)
    assert found.date == today + timedelta(days=count)


@pytest.mark.soak
@settings(max_examples=100_000, deadline=None)
@given(text=SENTENCES)
def test_many_sentences_raise_nothing_else(text):
    try:
        read_date(text, today=date(2026, 11, 18), zone=INDIA)
    except DateUnreadable:
        return
