"""How long a leg talked: the two layouts write seconds and milliseconds, the times decide.

>>> talk_of("44", connected=True, connect=None, end=None, milliseconds=False)
(44000, '')
>>> talk_of("0", connected=False, connect=None, end=None, milliseconds=True)
(0, '')
"""

from __future__ import annotations

from datetime import datetime, timedelta

__all__ = ["talk_of"]

_NEAR = 1500
_MILLISECOND = timedelta(milliseconds=1)
_MOST_DIGITS = 15


def talk_of(
    duration: str,
    *,
    connected: bool,
    connect: datetime | None,
    end: datetime | None,
    milliseconds: bool,
) -> tuple[int | None, str]:
    """Milliseconds of talk (or `None`) and a warning (or nothing).

    `connected`: was a connect time sent at all; `milliseconds`: is that the layout's unit.
    """
    digits = duration.isascii() and duration.isdigit() and len(duration) <= _MOST_DIGITS
    said = int(duration) if digits else None
    if not connected:
        return 0, "DURATION_WITHOUT_CONNECT" if said else ""
    measured = (end - connect) // _MILLISECOND if connect and end else None
    if said is None:
        return measured, ""
    by_layout = said if milliseconds else 1000 * said
    if measured is None:
        return by_layout, ""
    as_milliseconds = abs(said - measured) <= _NEAR
    as_seconds = abs(1000 * said - measured) <= _NEAR
    if as_milliseconds is as_seconds:
        return by_layout, "" if as_milliseconds else "DURATION_MISMATCH"
    return (said if as_milliseconds else measured), ""
