"""The start of a call: one form written, several spellings read, month never taken first.

ISO 8601 with the damage it takes on its way is read first, then numbers with the day in front
(`11-01-2021 09:00`). The offset that was given stays; none given means the account's zone. What
cannot be read is `None`: the report then keeps the text as it is.

>>> from zoneinfo import ZoneInfo
>>> kolkata = ZoneInfo("Asia/Kolkata")
>>> start_text(read_start_time("2022-01-17T18: 07: 40.142+05: 30", zone=kolkata))
'2022-01-17T18:07:40.142+05:30'
>>> start_text(read_start_time("11-01-2021 09:00:00", zone=kolkata))
'2021-01-11T09:00:00.000+05:30'
>>> read_start_time("yesterday", zone=kolkata) is None
True
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from rules.dates.numeric import day_first
from rules.dates.reading import DateUnreadable

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["read_start_time", "start_text"]

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
_ZONE = r"(?:[Zz](?=[+-]))?(?P<offset>[Zz]|[+-]\d{1,2}(?::?\d\d)?)?"
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)[Tt]?(?=\d\d){_CLOCK}{_ZONE}\Z")
_BASIC = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)[Tt](?P<hour>\d\d)(?P<minute>\d\d)"
    rf"(?:(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?{_ZONE}\Z"
)
_DAY_FIRST = re.compile(
    r"(?P<date>\d{1,2}(?P<mark>[-./ ])\d{1,2}(?P=mark)(?:\d{4}|\d\d))"
    rf"(?:, ?|[Tt]| ){_CLOCK} ?{_ZONE}\Z"
)
_OFFSET = re.compile(r"([+-])(\d{1,2}?):?(\d\d)?\Z")
_LONGEST = 100


def start_text(moment: datetime) -> str:
    """The one written form: milliseconds, and the moment's own offset."""
    return moment.isoformat(timespec="milliseconds")


def read_start_time(text: str, *, zone: ZoneInfo) -> datetime | None:
    """The moment, in the offset given or else in `zone`; `None` when it cannot be read."""
    if len(text) > _LONGEST:
        return None
    solid = "".join(text.split())
    found = _ISO.match(solid) or _BASIC.match(solid)
    if found is None:
        found = _DAY_FIRST.match(re.sub(r" ?: ?", ":", " ".join(text.split())))
    if found is None:
        return None
    parts = found.groupdict()
    try:
        return _moment(parts, zone)
    except (ValueError, DateUnreadable):  # no such day, clock time or offset
        return None


def _moment(parts: dict[str, str | None], zone: ZoneInfo) -> datetime:
    """The moment that these digits name; raises when there is none."""
    if written := parts.get("date"):
        day, _ = day_first(written, date.min)  # it has a year: today makes no difference
    else:
        day = date(*(int(parts[name] or 0) for name in ("year", "month", "day")))
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    micros = int(((parts["fraction"] or "") + "000")[:3]) * 1000
    clock = time(hour, minute, second, micros, tzinfo=_offset(parts["offset"]) or zone)
    return datetime.combine(day, clock)


def _offset(text: str | None) -> timezone | None:
    """`Z`, `+5:30`, `+0530`, `+530`, `+05` as a fixed offset; `None` when none was given."""
    if not text:
        return None
    found = _OFFSET.match(text)
    if found is None:
        return UTC
    sign, hours, minutes = found[1], int(found[2]), int(found[3] or 0)
    if minutes > 59:
        raise ValueError("an hour has sixty minutes")
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if sign == "-" else distance)
