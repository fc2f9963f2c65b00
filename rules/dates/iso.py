"""ISO dates, as they should be (tier 1) and as they arrive (tier 2).

Always year, month, day. Tier 1 is strict. Tier 2 takes what begins like an ISO date-time and was
damaged in ways that are known: a one-digit offset hour, blanks inside, a plus lost in URL decoding,
`Z` beside an offset, a zone word; and the date-times of mails and browsers.

>>> find_iso("2026-12-08T17:00:05.111Z").time
datetime.time(17, 0, 5, 111000)
>>> str(find_iso("2026-12-08T05:00:00 5: 30").offset), find_iso("2026-W50-2")
('UTC+05:30', None)
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

from rules.dates.reading import DateUnreadable, Form, Written, calendar_date, clock_time

__all__ = ["find_iso"]

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_INDIA = timezone(timedelta(hours=5, minutes=30))

_DATE = r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<part>\d+))?)?"
_DAMAGED_CLOCK = _CLOCK.replace(":(?P<", ": ?(?P<")
_BASIC_CLOCK = r"T(?P<hour>\d\d)(?P<minute>\d\d)(?:(?P<second>\d\d)(?:[.,](?P<part>\d+))?)?"
_NAME = rf"(?P<name>{'|'.join(_MONTHS)})"
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})"
# After a blank a minus makes an offset without a colon, `09:00 - 11:00` being a range; with a colon
# only behind seconds or a `T`, which no range has.
_LOOSE_ZONE = (
    r"(?: ?(?P<word>Z|UTC|GMT|IST))?"
    r"(?:(?P<sign> ?\+ ?|-|(?(second) -|(?!)))(?P<hours>\d{1,2})(?::? ?(?P<minutes>\d\d))?"
    r"| (?P<lost>-?\d\d\d\d|\d{1,2}: ?\d\d))?"
)
_MAIL_CLOCK = rf"{_DAMAGED_CLOCK}(?=.)(?! \(){_LOOSE_ZONE}(?: \([^()]*\))?"
_DATE_ALONE = len("2026-12-08")
_CANONICAL = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:[Zz]|[+-]\d\d(?::?[0-5]\d)?)?)?\Z",
    re.ASCII,
).match
_STRICT_ZONE = (
    r"(?:(?P<word>Z)"
    r"|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d)(?::(?P<seconds>\d\d))?)?)?"
)
_STRICT = (
    rf"{_DATE}(?:[T ]{_CLOCK}{_STRICT_ZONE})?",
    rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d){_BASIC_CLOCK}{_STRICT_ZONE}",
)
_REPAIRABLE = (
    rf"{_DATE}T ?{_DAMAGED_CLOCK}{_LOOSE_ZONE.replace('(?(second) -|(?!))', ' -')}",
    rf"{_DATE} {_DAMAGED_CLOCK}{_LOOSE_ZONE}",
    rf"(?:{_WEEKDAY},? )?(?P<day>\d{{1,2}}) {_NAME} (?P<year>\d{{4}}) {_MAIL_CLOCK}",
    rf"{_WEEKDAY} {_NAME} (?P<day>\d\d) (?P<year>\d{{4}}) {_MAIL_CLOCK}",
)


def find_iso(text: str) -> Written | None:
    """What an ISO text says, strict forms first; `None` for another shape."""
    if ":" not in text and not text[:4].isdigit():
        return None
    if _CANONICAL(text) and text[11:13] != "24":  # which newer Pythons take
        try:
            moment = datetime.fromisoformat(text.upper())
        except ValueError:
            pass  # the long way finds out why
        else:
            clock = moment.time() if len(text) > _DATE_ALONE else None
            return Written(moment.date(), clock, Form.ISO, moment.tzinfo)
    for form, pattern in _patterns():
        if match := pattern.match(text):
            return _written(match.groupdict(), form)
    return None


@cache
def _patterns() -> list[tuple[Form, re.Pattern[str]]]:
    return [
        (form, re.compile(pattern + r"\Z", re.ASCII | re.IGNORECASE))
        for form, patterns in ((Form.ISO, _STRICT), (Form.REPAIRED, _REPAIRABLE))
        for pattern in patterns
    ]


def _written(said: dict[str, str | None], form: Form) -> Written:
    clock = offset = None
    if hour := said["hour"]:
        part = (said["part"] or "")[:6].ljust(6, "0")
        clock = clock_time(int(hour), int(said["minute"] or 0), int(said["second"] or 0), int(part))
        offset = _offset(said)
    name, weekday = said.get("name"), said.get("weekday")
    month = _MONTHS.index(name.lower()) + 1 if name else int(said["month"] or 0)
    day = calendar_date(int(said["year"] or 0), month, int(said["day"] or 0))
    return Written(day, clock, form, offset, _WEEKDAYS.index(weekday.lower()) if weekday else None)


def _offset(said: dict[str, str | None]) -> timezone | None:
    """The offset written; beside a zone word the offset counts, and it must not contradict IST."""
    word = (said["word"] or "").upper()
    lost = (said.get("lost") or "").replace(":", "").replace(" ", "")
    sign = said["sign"] or lost[:-4]
    hours, minutes = (lost[-4:-2], lost[-2:]) if lost else (said["hours"], said["minutes"])
    if hours is None:
        return _INDIA if word == "IST" else UTC if word else None
    ahead = clock_time(int(hours), int(minutes or 0), int(said.get("seconds") or 0))
    offset = timedelta(hours=ahead.hour, minutes=ahead.minute, seconds=ahead.second)
    zone = timezone(-offset if "-" in sign else offset)
    if word == "IST" and zone != _INDIA:
        raise DateUnreadable
    return zone
