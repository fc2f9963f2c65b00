"""How far a list is: a bar on a terminal, else a line every ten seconds."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rules.gateways.campaign import Seen

__all__ = ["Pace", "watch"]

_EVERY = 10.0


class Pace:
    """Speed and time left, from where this run began."""

    def __init__(self, now: float) -> None:
        self._began = now
        self._first: Seen | None = None

    def words(self, seen: Seen, now: float) -> str:
        """Share, rows, rate, and time left."""
        self._first = self._first or seen
        spent = max(now - self._began, 1e-6)
        share = seen.done / seen.total if seen.total else 1.0
        begun = self._first.done / self._first.total if self._first.total else 0.0
        gained = share - begun if self._first is not seen else share
        rate = (seen.rows - (self._first.rows if self._first is not seen else 0)) / spent
        left = _clock(spent * (1 - share) / gained) if gained > 0 else "?"
        return f"{share:6.1%}  {seen.rows:,} rows  {rate:,.0f} rows/s  {left} left"


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{second:02}"


@contextmanager
def watch(*, quiet: bool) -> Iterator[Callable[[Seen], None]]:
    """A function to be told how far the work is; what it shows goes to standard error."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as see:
            yield see
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Callable[[Seen], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    bar = Progress(
        BarColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
    )
    pace = Pace(time.monotonic())
    with bar:
        task = bar.add_task("starting", total=None)

        def see(seen: Seen) -> None:
            words = pace.words(seen, time.monotonic())
            bar.update(task, total=seen.total, completed=seen.done, description=words)

        yield see


def _lines() -> Callable[[Seen], None]:
    pace = Pace(time.monotonic())
    said = time.monotonic()

    def see(seen: Seen) -> None:
        nonlocal said
        now = time.monotonic()
        words = pace.words(seen, now)
        if now - said >= _EVERY:
            said = now
            print(words, file=sys.stderr, flush=True)

    return see
