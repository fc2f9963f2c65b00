"""Frames of a list: polars frames and Arrow tables with the added columns. Needs polars.

>>> from rules.telecom.enrich import Wanted
>>> frame = pl.DataFrame({"phone": ["98480 12345"]})
>>> Enricher(Wanted(numbers=("phone",), columns=("class", "circle"))).enrich(frame).row(0)
('98480 12345', 'MOBILE', 'ANDHRA PRADESH')
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from rules.telecom.vector import Engine

if TYPE_CHECKING:
    from collections import Counter

    from rules.telecom.answers import Asker
    from rules.telecom.cells import Joined
    from rules.telecom.enrich import Wanted

__all__ = ["Enricher", "enrich_any"]


class Enricher:
    """Adds the wanted columns to the frames of one list; use one for the whole list."""

    def __init__(
        self,
        wanted: Wanted,
        *,
        joined: Joined | None = None,
        coded: bool = False,
        asker: Asker | None = None,
    ) -> None:
        self.wanted = wanted
        self._engines = {
            number: Engine(
                settings=wanted.settings,
                languages=wanted.languages,
                columns=wanted.wanted,
                joined=joined,
                coded=coded,
                asker=asker,
            )
            for number in wanted.numbers
        }

    def added(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The added columns alone, for a frame with at least the columns that are looked at.

        With `joined` some come as one, under the name of the first; with `coded` as categories.
        """
        wanted = self.wanted
        sources = frame[wanted.source] if wanted.source else None
        lists = frame[wanted.languages_column] if wanted.languages_column else None
        return pl.concat(
            [
                engine.run(frame[number], sources=sources, lists=lists).rename(
                    partial(wanted.name, number)
                )
                for number, engine in self._engines.items()
            ],
            how="horizontal",
        )

    def enrich(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A frame with the added columns behind its own."""
        self.wanted.check(frame.columns)
        return frame.hstack(self.added(frame))

    def arrow(self, table: pa.Table) -> pa.Table:
        """An Arrow table with the added columns behind its own, which stay as they are."""
        self.wanted.check(table.column_names)
        added = self.added(pl.DataFrame(table.select(self.wanted.read)))
        for name, column in zip(added.columns, strings(added), strict=True):
            table = table.append_column(name, column)
        return table

    def tally(self) -> dict[str, dict[str, Counter[str]]]:
        """Rows counted so far, for each column of numbers."""
        return {number: engine.tally for number, engine in self._engines.items()}


def strings(frame: pl.DataFrame) -> list[pa.ChunkedArray]:
    """Columns of texts as Arrow has them by default."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return [column.cast(pa.string()) for column in table.columns]


def enrich_any(frame_or_batches: Any, wanted: Wanted) -> Any:
    """The same kind of frame, table, batch or stream of them, with the added columns."""
    return _one(frame_or_batches, Enricher(wanted))


def _one(given: Any, enricher: Enricher) -> Any:
    if isinstance(given, pl.DataFrame):
        return enricher.enrich(given)
    if isinstance(given, pa.Table):
        return enricher.arrow(given)
    if isinstance(given, pa.RecordBatch):
        table = enricher.arrow(pa.Table.from_batches([given])).combine_chunks()
        return next(iter(table.to_batches()), pa.RecordBatch.from_pylist([], table.schema))
    if isinstance(given, Iterable) and not isinstance(given, str | bytes | dict):
        return (_one(part, enricher) for part in given)
    raise TypeError(f"cannot enrich {type(given).__name__}: give a polars frame or Arrow data")
