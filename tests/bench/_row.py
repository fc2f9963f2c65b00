"""One measured figure, and how it is taken: in turn with its yardstick, the median counts."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Row", "in_turn", "seconds"]


@dataclass(frozen=True)
class Row:
    """`ours` and `yardstick` in `unit`; `ratio` as `wanted` speaks of it (`>= 20`, `<= 1.3`).

    `against` names the yardstick; an empty `wanted` is a figure that is only reported.
    """

    name: str
    ours: float
    unit: str
    yardstick: float | None = None
    against: str = ""
    ratio: float | None = None
    wanted: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Is the ratio (without one, our figure) as wanted? `None` when nothing is wanted."""
        if not self.wanted:
            return None
        sign, bound = self.wanted.split()
        figure = self.ours if self.ratio is None else self.ratio
        return figure >= float(bound) if sign == ">=" else figure <= float(bound)


def seconds(call: Callable[[], object], *, number: int) -> float:
    """CPU seconds of one call, over `number` calls, collector off."""
    gc.disable()
    try:
        start = time.process_time()
        for _ in range(number):
            call()
        return (time.process_time() - start) / number
    finally:
        gc.enable()


def in_turn(
    ours: Callable[[], object],
    yardstick: Callable[[], object],
    *,
    repeats: int = 7,
    number: int = 1000,
    yardstick_number: int | None = None,
) -> tuple[float, float]:
    """Median CPU seconds a call of both, measured one after the other, repeat by repeat."""
    first, second = [], []
    ours(), yardstick()
    for _ in range(repeats):
        first.append(seconds(ours, number=number))
        second.append(seconds(yardstick, number=yardstick_number or number))
    return statistics.median(first), statistics.median(second)
