"""Wall clock to moment: pendulum and dateutil as second opinions around changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pendulum
from dateutil import tz
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.dates import to_moment

STEADY = settings(derandomize=True, deadline=None, database=None)
ZONES = ("Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Europe/London", "UTC")
CHANGES = (
    *(datetime(2026, month, day) for month, day in ((3, 8), (11, 1), (4, 5), (10, 4), (3, 29))),  # noqa: DTZ001
    datetime(2026, 10, 25),  # noqa: DTZ001
)
WALLS = st.one_of(
    st.builds(
        lambda change, minutes: change + timedelta(minutes=minutes),
        st.sampled_from(CHANGES),
        st.integers(-60, 300),
    ),
    st.datetimes(datetime(1950, 1, 1), datetime(2037, 1, 1)).map(  # noqa: DTZ001
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
)


@settings(STEADY)
@given(WALLS, st.sampled_from(ZONES))
def test_two_libraries_agree(wall, name):
    ours = to_moment(wall.date(), wall.time(), ZoneInfo(name))
    dateutil = tz.resolve_imaginary(wall.replace(tzinfo=tz.gettz(name), fold=0))
    assert ours.astimezone(UTC) == dateutil.astimezone(UTC)
    shifted = ours.replace(tzinfo=None) != wall
    # pendulum moves a skipped time forward only when it is asked for the later of two
    parts = (wall.year, wall.month, wall.day, wall.hour, wall.minute)
    second = pendulum.datetime(*parts, tz=name, fold=int(shifted))
    assert ours.astimezone(UTC) == second.astimezone(UTC)


@settings(STEADY)
@given(WALLS, st.sampled_from(ZONES), st.integers(0, 1))
def test_a_moment_is_its_own_wall_clock(wall, name, fold):
    zone = ZoneInfo(name)
    moment = to_moment(wall.date(), wall.time().replace(fold=fold), zone)
    again = to_moment(moment.date(), moment.time(), zone)
    assert again == moment
    assert again.utcoffset() == moment.utcoffset()


def test_the_ends_of_the_calendar():
    for name in ZONES:
        zone = ZoneInfo(name)
        for day in (date.min, date.max):
            assert to_moment(day, time(12), zone).replace(tzinfo=None) == datetime.combine(
                day, time(12)
            )
