"""Lists of numbers: rows or whole frames in, the same with class, operator, circle and language.

`enrich_rows` is plain Python. `enrich` takes polars frames, Arrow tables, or a stream of Arrow
batches as a distributed engine hands them out, and gives back the same kind; it needs the extra
`flow-rules[bulk]`. No row is dropped, added or moved.

>>> rows = [{"phone": "98480 12345"}, {"phone": "9175748XXXXX"}]
>>> [row["tel_class"] for row in enrich_rows(rows, number="phone")]
['MOBILE', 'INVALID']
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rules.errors import BadColumns
from rules.telecom.answers import ADDED, cells, entries
from rules.telecom.lookup import DEFAULT, lookup
from rules.telecom.words import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rules.telecom.settings import TelecomSettings

__all__ = ["Wanted", "enrich", "enrich_rows"]


@dataclass(frozen=True)
class Wanted:
    """What a list's rows get: which columns hold what, and which are added under which names.

    `languages` is the list for all rows; `languages_column` names a column of lists, of which a
    blank one stands for the list of all rows.
    """

    numbers: tuple[str, ...]
    source: str | None = None
    languages: tuple[str, ...] | None = None
    languages_column: str | None = None
    prefix: str | None = None
    columns: tuple[str, ...] = ADDED
    settings: TelecomSettings = DEFAULT

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that are looked at."""
        others = (self.source, self.languages_column)
        return tuple(dict.fromkeys((*self.numbers, *(name for name in others if name))))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all added columns in their order."""
        return tuple(self.name(number, column) for number in self.numbers for column in self.wanted)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The added columns, without prefix, in their usual order."""
        return tuple(column for column in ADDED if column in self.columns)

    def name(self, number: str, column: str) -> str:
        """The name of an added column."""
        if len(self.numbers) > 1:
            return f"{self.prefix or ''}{number}_{column}"
        return f"{'tel_' if self.prefix is None else self.prefix}{column}"

    def check(self, header: Sequence[str]) -> None:
        """Raises `BadColumns` for a list with this header that cannot be worked on."""
        counts, names = Counter(header), Counter(self.names)
        if unknown := [column for column in self.columns if column not in ADDED]:
            raise BadColumns(f"no column to add: {', '.join(unknown)}; use {', '.join(ADDED)}")
        if missing := [name for name in self.read if name not in counts]:
            raise BadColumns(f"the list has no column {', '.join(missing)}")
        if twice := [name for name in self.read if counts[name] > 1]:
            raise BadColumns(f"the list has more than one column {', '.join(twice)}")
        if clashes := [name for name in names if name in counts or names[name] > 1]:
            raise BadColumns(
                f"the list already has a column {', '.join(clashes)}; choose another prefix"
            )


def enrich_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    number: str,
    settings: TelecomSettings = DEFAULT,
    languages: Sequence[str] | None = None,
    source: str | None = None,
    languages_column: str | None = None,
    prefix: str = "tel_",
) -> Iterator[dict[str, Any]]:
    """Rows with what is known of their numbers, one by one as they are asked for."""
    names = [prefix + column for column in ADDED]
    for row in rows:
        kind = Source.read(_text(row.get(source))) if source else None
        wanted = entries(_text(row.get(languages_column))) if languages_column else None
        found = lookup(_text(row[number]), source=kind, settings=settings)
        yield {**row, **dict(zip(names, cells(found, wanted or languages, settings), strict=True))}


def _text(value: Any) -> str:
    """A cell as text; nothing as blank, a whole float by its digits."""
    if value is None or value != value:  # noqa: PLR0124  not a number is not even itself
        return ""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def enrich(
    frame_or_batches: Any,
    *,
    number: str | Sequence[str],
    settings: TelecomSettings = DEFAULT,
    languages: Sequence[str] | None = None,
    source: str | None = None,
    languages_column: str | None = None,
    prefix: str | None = None,
    columns: Sequence[str] = ADDED,
) -> Any:
    """A polars frame, Arrow table or batch with the added columns behind its own.

    An iterable of them gives an iterator that works on one at a time. Raises `BadColumns` when a
    column is missing, or one to add is there already.
    """
    from rules.telecom.frames import enrich_any  # noqa: PLC0415  polars is an extra

    wanted = Wanted(
        numbers=(number,) if isinstance(number, str) else tuple(number),
        source=source,
        languages=None if languages is None else tuple(languages),
        languages_column=languages_column,
        prefix=prefix,
        columns=tuple(columns),
        settings=settings,
    )
    return enrich_any(frame_or_batches, wanted)
