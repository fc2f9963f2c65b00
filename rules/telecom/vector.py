"""Whole columns of numbers at once: the same answers as `find_language`, millions a second.

Plain spellings (digits alone, `0`, `91` or `+91` in front; blanks, dashes, dots and brackets
between) are settled with arithmetic and one array: the kind of line and the first six digits give
the place of the answer. Each other text that differs goes once through `lookup`. Needs polars,
which the extra `flow-rules[bulk]` installs; nothing else loads this module.

>>> engine = Engine(languages=["TELGU", "HINDI"])
>>> engine.run(pl.Series(["98480 12345", "98480XXXXX"]))["language"].to_list()
['TELGU', 'HINDI']
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from rules.telecom.answers import ADDED, Answers
from rules.telecom.blocks import BLOCKS
from rules.telecom.cells import FACTS, Cells
from rules.telecom.columns import BLOCK_COUNT, KINDS, block_of, kinds_of, texts_of
from rules.telecom.lookup import DEFAULT, lookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.telecom.answers import Asker
    from rules.telecom.cells import Joined
    from rules.telecom.model import Lookup
    from rules.telecom.settings import TelecomSettings
    from rules.telecom.words import Source

__all__ = ["COUNTED", "Engine"]

COUNTED = ("class", "operator", "circle", "circle_confidence", "reason", "language")
_NOT_ASKED, _ODD, _FIRST = 0, 1, 2
"""Marks in the array of blocks: not worked out yet, to be looked up one by one, first answer."""
_DIGITS = {100: 4, 10: 5, 1: 6}
"""Digits that so many neighbouring blocks share."""
_LONGEST = 64
_SLICE = 250_000
"""Rows worked on at a time: what they need stays near the processor."""


class Engine:
    """Answers columns of one list; keeps what it has worked out, so use one for the whole list.

    `languages` is the list for all rows, `columns` those of `ADDED` that are wanted. `joined` makes
    one text of neighbouring cells, as lines of text want it: columns that do not differ within an
    answer then come as one, under the name of the first. `coded` gives categories instead of texts,
    but for `e164`. `asker` asks a live source.
    """

    def __init__(
        self,
        *,
        settings: TelecomSettings = DEFAULT,
        languages: Sequence[str] | None = None,
        columns: Sequence[str] = ADDED,
        joined: Joined | None = None,
        coded: bool = False,
        asker: Asker | None = None,
    ) -> None:
        self._settings = settings
        self._asker = asker
        self._answers = Answers(settings)
        self._cells = Cells(self._answers, languages, columns, joined, coded=coded)
        self._blocks = pl.zeros(len(KINDS) * BLOCK_COUNT, dtype=pl.UInt32, eager=True)
        self._marks: dict[int, int] = {}  # by record of `BLOCKS`, while overrides say nothing
        self._blocks[0] = _ODD  # where `block_of` points for what is not plain
        self._counts: Counter[int] = Counter()

    def run(
        self,
        numbers: pl.Series,
        *,
        sources: pl.Series | None = None,
        lists: pl.Series | None = None,
    ) -> pl.DataFrame:
        """The columns wanted for a column of numbers.

        `sources` holds words for the kind of line, `lists` a list of languages for each row; a row
        with a blank one has the list of all rows.
        """
        if numbers.is_empty():
            return self._cells.none()
        parts = [
            self._slice(
                texts_of(numbers.slice(start, _SLICE)),
                kinds_of(sources.slice(start, _SLICE) if sources is not None else None),
                lists.slice(start, _SLICE) if lists is not None else None,
            )
            for start in range(0, len(numbers), _SLICE)
        ]
        return pl.concat(parts)

    def _slice(
        self, texts: pl.Series, kinds: pl.Series | None, lists: pl.Series | None
    ) -> pl.DataFrame:
        found = self._settled(texts, kinds)
        self._counts.update(dict(found["place"].value_counts().iter_rows()))
        return self._cells.of(found, texts_of(lists) if lists is not None else None)

    @property
    def tally(self) -> dict[str, Counter[str]]:
        """Rows answered so far, by the values of each column that is worth a count."""
        counts: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
        for place, rows in self._counts.items():
            for name, value in zip(FACTS, self._answers.facts[place], strict=True):
                if name in counts:
                    counts[name][value] += rows
        counts["language"] = self._cells.languages(self._counts)
        return counts

    # places and international forms

    def _settled(self, texts: pl.Series, kinds: pl.Series | None) -> pl.DataFrame:
        """Place of the answer and international form of each text."""
        if self._asker is not None and self._asker.left > 0:
            return self._looked_up(texts, kinds)
        found = self._plain(texts, kinds)
        odd = found["place"].is_null()
        if not odd.any():
            return found
        rows = odd.arg_true()
        others = self._squeezed(
            texts.gather(rows), kinds.gather(rows) if kinds is not None else None
        )
        return _filled(found, odd, others)

    def _squeezed(self, texts: pl.Series, kinds: pl.Series | None) -> pl.DataFrame:
        """The same without blanks, dashes, dots, brackets, a leading `'` and a trailing `.0`."""
        bare = (
            texts.str.replace("^ *'", "")
            .str.replace("([0-9])[.]00? *$", "$1")
            .str.replace_all("[ ().-]", "")
        )
        short = texts.str.len_bytes() <= _LONGEST
        found = self._plain(bare.zip_with(short, pl.Series([""])), kinds)
        odd = found["place"].is_null()
        if not odd.any():
            return found
        rows = odd.arg_true()
        others = self._looked_up(
            texts.gather(rows), kinds.gather(rows) if kinds is not None else None
        )
        return _filled(found, odd, others)

    def _looked_up(self, texts: pl.Series, kinds: pl.Series | None) -> pl.DataFrame:
        """Each text that differs, or is said to come from another kind of line, once."""
        asked = pl.DataFrame({"text": texts, "kind": kinds if kinds is not None else 0})
        each = asked.unique(maintain_order=True)
        found = [self._one(text, KINDS[kind]) for text, kind in each.iter_rows()]
        each = each.with_columns(
            pl.Series("place", [self._answers.place(one) for one in found], pl.UInt32),
            pl.Series("e164", [one.e164 for one in found], pl.String),
        )
        joined = asked.join(each, on=["text", "kind"], how="left", maintain_order="left")
        return joined.select("place", "e164")

    def _one(self, text: str, kind: Source | None) -> Lookup:
        """A text looked up, and asked about where that is wanted."""
        found = lookup(text, source=kind, settings=self._settings)
        live = self._asker(found) if self._asker is not None else None
        if live is None:
            return found
        return lookup(text, source=kind, settings=self._settings, live=live)

    def _plain(self, texts: pl.Series, kinds: pl.Series | None) -> pl.DataFrame:
        """Places and international forms of plain regular numbers; null for the others."""
        block = block_of(texts, kinds)
        marks = self._blocks.gather(block)
        if (new := marks.eq(_NOT_ASKED)).any():
            self._work_out(block.filter(new))
            marks = self._blocks.gather(block)
        reached = pl.Series([False] * _FIRST + self._answers.has_e164).gather(marks)
        digits = texts.cast(pl.Binary).bin.slice(-10, 10).zip_with(reached, pl.Series([b""]))
        written = (pl.Series([b"+91"]) + digits).cast(pl.String)
        return pl.select(
            place=pl.when(marks >= _FIRST).then(marks - _FIRST),
            e164=pl.when(reached).then(written).otherwise(pl.lit("")),
        )

    def _work_out(self, new: pl.Series) -> None:
        """Fill the array for blocks not met before: those that share four digits, then five."""
        decided: list[tuple[int, int, int]] = []
        for size in _DIGITS:
            places = new // size
            marks = [(place, self._mark(place, size)) for place in places.unique().to_list()]
            decided += [(place * size, size, mark) for place, mark in marks if mark]
            new = new.filter(places.is_in([place for place, mark in marks if not mark]))
        ranges = pl.DataFrame(decided, ["first", "size", "mark"], orient="row")
        each = ranges.select(
            pl.int_ranges("first", pl.col("first") + pl.col("size")).alias("block"), "mark"
        ).explode("block")
        self._blocks.scatter(each["block"], each["mark"])

    def _mark(self, place: int, size: int) -> int:
        """The mark of so many neighbouring blocks, `_NOT_ASKED` when they may differ."""
        kind, digits = divmod(place, BLOCK_COUNT // size)
        text, source = f"{digits:0{_DIGITS[size]}}", KINDS[kind]
        record = BLOCKS[source][text]
        if record is None or self._settings.overrides.divides(text):
            return _ODD if size == 1 else _NOT_ASKED
        sample = text.ljust(10, "0")
        if self._settings.overrides:
            return self._answered(sample, source)
        mark = self._marks.get(id(record))
        if mark is None:
            mark = self._marks[id(record)] = self._answered(sample, source)
        return mark

    def _answered(self, sample: str, kind: Source | None) -> int:
        found = lookup(sample, source=kind, settings=self._settings)
        return self._answers.place(found) + _FIRST


def _filled(found: pl.DataFrame, odd: pl.Series, others: pl.DataFrame) -> pl.DataFrame:
    """`found`, with the rows marked `odd` taken in order from `others`."""
    later = (odd.cum_sum() - 1).cast(pl.UInt32) + len(found)
    here = pl.int_range(len(found), dtype=pl.UInt32, eager=True)
    return pl.concat([found, others])[later.zip_with(odd, here).alias("row")]
