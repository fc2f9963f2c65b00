"""Cells for the answers of a list's rows: each answer's texts once, then put where they belong.

For a list written as lines of text, cells that stand side by side and depend on the answer alone
are one text, delimiters included; so there is less to put together for each row. Needs polars.

>>> from rules.telecom.lookup import lookup
>>> answers = Answers()
>>> found = pl.DataFrame({"place": [answers.place(lookup("9848012345"))], "e164": ["+91..."]})
>>> Cells(answers, None, ("class", "circle"), ",".join).of(found, None).rows()
[('MOBILE,ANDHRA PRADESH',)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from rules.telecom.answers import Answers, entries

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

__all__ = ["FACTS", "Cells", "Joined"]

Joined = Callable[[Sequence[str]], str]
"""Makes one text of the texts of neighbouring cells."""
FACTS = ("class", "operator", "operator_now", "circle", "circle_confidence", "reason")
"""The columns of `Answers.facts`."""
_SPOKEN = ("language", "language_basis")


class Cells:
    """Columns of one list, each apart and as it is unless another form is wanted.

    `joined` writes what can be one text as one, named as its first column. `coded` gives
    categories instead of texts: a number a row and each text once.
    """

    def __init__(
        self,
        answers: Answers,
        languages: Sequence[str] | None,
        columns: Sequence[str],
        joined: Joined | None,
        *,
        coded: bool = False,
    ) -> None:
        self._answers = answers
        self._languages = languages
        self._columns = columns
        self._joined = joined
        self._kinds = {name: pl.Categorical(pl.Categories.random()) for name in columns if coded}
        self._table = pl.DataFrame()
        self._names: list[str] = []
        self._counts: Counter[str] = Counter()

    def none(self) -> pl.DataFrame:
        """No rows."""
        return pl.DataFrame(schema=dict.fromkeys(self._columns, pl.String))

    def of(self, found: pl.DataFrame, lists: pl.Series | None) -> pl.DataFrame:
        """The cells of rows with a `place` and an `e164`; each may have its own list."""
        places = found["place"]
        if len(self._table) != len(self._answers):
            self._tabulate(("e164",) if lists is None else ("e164", *_SPOKEN))
        frame = self._table[places].with_columns(found["e164"])
        if lists is not None:
            frame = frame.with_columns(*self._spoken(places, lists))
        return frame.select(self._names)

    def languages(self, counts: Mapping[int, int]) -> Counter[str]:
        """Rows by language, from rows by place."""
        if self._counts:
            return self._counts.copy()
        found: Counter[str] = Counter()
        for place, rows in counts.items():
            found[self._answers.language(place, self._languages).name] += rows
        return found

    def _tabulate(self, apart: Sequence[str]) -> None:
        """The texts of each place; those `apart` are filled in row by row."""
        spoken = [
            self._answers.language(place, self._languages) for place in range(len(self._answers))
        ]
        texts = dict(zip(FACTS, zip(*self._answers.facts, strict=True), strict=True))
        texts["language"] = tuple(language.name for language in spoken)
        texts["language_basis"] = tuple(language.basis.value for language in spoken)
        texts["e164"] = ("",) * len(spoken)
        groups = {group[0]: group for group in self._groups(apart)}
        self._names = list(groups)
        self._table = pl.DataFrame(
            {
                name: self._column(name, *(texts[column] for column in group))
                for name, group in ({"e164": ("e164",)} | groups).items()
            }
        )

    def _groups(self, apart: Container[str]) -> Iterator[Sequence[str]]:
        """The wanted columns, those together whose texts are written as one."""
        if self._joined is None:
            yield from ((column,) for column in self._columns)
            return
        for is_apart, group in groupby(self._columns, key=lambda column: column in apart):
            together = list(group)
            yield from ([column] for column in together) if is_apart else (together,)

    def _column(self, name: str, *texts: Sequence[str]) -> pl.Series:
        """One column; of the texts of several, joined."""
        join = self._joined
        cells = [join(row) for row in zip(*texts, strict=True)] if join else texts[0]
        return pl.Series(name, cells, self._kinds.get(name, pl.String))

    def _spoken(self, places: pl.Series, lists: pl.Series) -> list[pl.Series]:
        """Language and its basis: once for each answer and list that occur together."""
        asked = pl.DataFrame({"place": places, "list": lists})
        each = asked.group_by("place", "list").len("rows")
        spoken = []
        for place, text, rows in each.iter_rows():
            spoken.append(self._answers.language(place, entries(text) or self._languages))
            self._counts[spoken[-1].name] += rows
        each = each.with_columns(
            self._column("language", [one.name for one in spoken]),
            self._column("language_basis", [one.basis.value for one in spoken]),
        )
        joined = asked.join(each, on=["place", "list"], how="left", maintain_order="left")
        return [joined[name] for name in _SPOKEN]
