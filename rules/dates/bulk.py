"""Many requests at once: rows in, the same rows with the reply's columns out, one by one.

A designer's error stands in `dateReason` of its row, all codes joined by a comma, and never stops
the run. Column names are matched like names in a request: in any case, with or without prefix.

>>> from datetime import datetime
>>> from rules.dates.settings import DateSettings
>>> settings = DateSettings.from_mapping({"holiday_sets": []}, holidays=())
>>> now = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
>>> rows = [{"inputDate": "kal", "type": "Callback"}, {"inputDate": "kal", "type": "visit"}]
>>> [row["dateReason"] for row in validate_rows(rows, now=now, settings=settings)]
['OK', 'INVALID_TYPE']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules.dates.appointment import judge
from rules.dates.reply import EXTRA_NAMES, FAILURE, reply_texts
from rules.dates.request import REQUEST_NAMES, read_request
from rules.errors import BadParameters
from rules.variables import is_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from rules.dates.settings import DateSettings

__all__ = ["validate_rows"]

_PREFIX = "$flow.key."
_KNOWN = {name.casefold(): name for name in REQUEST_NAMES}


def validate_rows(
    rows: Iterable[Mapping[str, Any]], *, now: datetime, settings: DateSettings
) -> Iterator[dict[str, Any]]:
    """Each row with the columns of its reply behind its own; lazily, in order."""
    for row in rows:
        try:
            request = read_request(_texts(row), zone=settings.zone)
        except BadParameters as error:
            yield {**row, **_refused(error, title_flags=settings.title_flags)}
        else:
            result, slots = judge(request, now=now, settings=settings)
            yield {**row, **reply_texts(result, slots, title_flags=settings.title_flags)}


def _texts(row: Mapping[str, Any]) -> dict[str, str | None]:
    """The columns of a request by their documented names; the last of two equal ones holds."""
    texts: dict[str, str | None] = {}
    for column, value in row.items():
        name = _KNOWN.get(str(column).strip().casefold().removeprefix(_PREFIX))
        if name is not None:
            text = "" if value is None else str(value).strip()
            texts[name] = None if is_missing(text) else text
    return texts


def _refused(error: BadParameters, *, title_flags: bool) -> dict[str, str]:
    codes = ",".join(dict.fromkeys(problem.code for problem in error.fields))
    reply = {**FAILURE, **dict.fromkeys(EXTRA_NAMES, ""), "dateReason": codes}
    if title_flags:
        reply |= {name: "False" for name, text in reply.items() if text == "false"}
    return reply
