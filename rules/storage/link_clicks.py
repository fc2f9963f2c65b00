"""Clicks on short links in the database: rows, counts, and the key of the day's visitor marks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, distinct, func, insert, select

from rules.links.clicks import DAY, DAY_BEGINS, Device
from rules.services.links import Counts, Day
from rules.storage.engine import reading, transaction
from rules.storage.link_tables import CLICKS, KEYS, from_second, to_second
from rules.storage.upsert import insert_or_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from rules.services.links import Click

__all__ = ["SqlClicks", "day_text"]

_EPOCH = date(1970, 1, 1)
_DEVICES = {device: place for place, device in enumerate(Device)}
_C = CLICKS.c
_HUMAN = func.count(case((_C.human, 1)))
_BOT = func.count(case((_C.human, None), else_=1))
_VISITORS = func.count(distinct(case((_C.human, _C.visitor))))
"""Marks of different days differ, so this is the sum of the days' visitors."""


def day_text(number: int) -> str:
    """A day's number as `2026-11-18`."""
    return (_EPOCH + timedelta(days=number)).isoformat()


class SqlClicks:
    """`ClickStore` on the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, clicks: Sequence[Click]) -> None:
        """Keep clicks."""
        rows = [
            {
                "link": click.link,
                "at": to_second(click.at),
                "human": click.human,
                "device": _DEVICES[click.device],
                "visitor": click.visitor,
            }
            for click in clicks
        ]
        with transaction(self._engine) as connection:
            connection.execute(insert(CLICKS), rows)

    def counts(self, link: int) -> Counts:
        """Clicks of a link."""
        human = case((_C.human, _C.at))
        wanted = select(_HUMAN, _BOT, _VISITORS, func.min(human), func.max(human))
        with reading(self._engine) as connection:
            row = connection.execute(wanted.where(_C.link == link)).one()
        return Counts(row[0], row[1], row[2], from_second(row[3]), from_second(row[4]))

    def days(self, link: int) -> Sequence[Day]:
        """Clicks of a link by day of Indian time, oldest first."""
        day = ((_C.at + DAY_BEGINS) // DAY).label("day")
        devices = [
            func.count(case((_C.human & (_C.device == place), 1))) for place in _DEVICES.values()
        ]
        wanted = select(day, _HUMAN, _BOT, _VISITORS, *devices).where(_C.link == link)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.group_by(day).order_by(day)).all()
        return [Day(day_text(number), *counts) for number, *counts in rows]

    def visitor_key(self, day: int, fresh: bytes) -> bytes:
        """The key of a day's visitor marks: `fresh`, unless there is one; older keys are gone."""
        with transaction(self._engine) as connection:
            connection.execute(delete(KEYS).where(KEYS.c.day < day))
            insert_or_nothing(connection, KEYS, {"day": day, "key": fresh})
            key = connection.execute(select(KEYS.c.key).where(KEYS.c.day == day)).scalar_one()
        return bytes(key)
