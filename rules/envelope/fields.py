"""Fields of a method, and what a request filled them with.

A method lists its fields by full wire name. Filling finds the best candidate for each, reads it,
and gathers **all** problems, so that a designer mends a flow in one go. A method with rules across
fields adds its own with `Filled.refuse` before it calls `Filled.check`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from rules.envelope.readers import Unusable
from rules.errors import BadParameters, FieldProblem
from rules.variables import NAMESPACES, is_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["NEEDED", "Field", "Filled", "Rest", "is_missing"]

T = TypeVar("T")
_SYSTEM, _FLOW = "$flow.syskey.", "$flow.key."


class Needed(Enum):
    """The default of a field that has none."""

    NEEDED = "needed"


NEEDED = Needed.NEEDED


@dataclass(frozen=True, eq=False)
class Field(Generic[T]):
    """One declared field: full wire name, reader, words for the documents, default.

    `code` replaces the reader's code for an unusable value. `secret` values are never quoted.
    `blank` is what a blank value means, where it is not simply missing.
    """

    name: str
    read: Callable[[str], T]
    about: str
    default: T | Needed = NEEDED
    code: str = ""
    secret: bool = False
    blank: T | Needed = NEEDED

    def __post_init__(self) -> None:
        """Work out once under which small-letter names a request may spell this field."""
        prefix = next(p for p in NAMESPACES if self.name.startswith(p))
        bare = self.name[len(prefix) :].casefold()
        object.__setattr__(self, "first", (self.name.casefold(), bare))
        object.__setattr__(self, "second", _FLOW + bare if prefix == _SYSTEM else None)

    first: Any = None
    second: Any = None

    @property
    def needed(self) -> bool:
        """Has the field no default?"""
        return self.default is NEEDED


@dataclass(frozen=True)
class Rest:
    """An open set: every variable of one namespace that is no declared field."""

    prefix: str
    about: str


class Filled:
    """Values of fields by field, and the problems met so far."""

    def __init__(self, fields: Sequence[Field[Any] | Rest]) -> None:
        self._fields = fields
        self._values: dict[Field[Any], Any] = {}
        self._problems: list[tuple[Field[Any], FieldProblem]] = []

    def __getitem__(self, field: Field[T]) -> T:
        """Value of a field that could be read; `KeyError` for one that could not."""
        return cast("T", self._values[field])

    def get(self, field: Field[T]) -> T | None:
        """Value of a field, `None` when it is missing or could not be read."""
        return cast("T | None", self._values.get(field))

    def put(self, field: Field[Any], value: str | None) -> None:
        """Read one wire text (`None`: absent) into a field; a problem is kept, not raised."""
        stripped = "" if value is None else value.strip()
        if value is not None and field.blank is not NEEDED and not stripped:
            self._values[field] = field.blank
        elif is_missing(stripped):
            if field.default is NEEDED:
                self.refuse(field, "MISSING_PARAMETER", "needed")
            else:
                self._values[field] = field.default
        else:
            try:
                self._values[field] = field.read(stripped)
            except Unusable as error:
                message = "cannot be used" if field.secret else str(error)
                self.refuse(field, field.code or error.code, message)

    def refuse(self, field: Field[Any], code: str, message: str) -> None:
        """Keep a problem with a field."""
        self._values.pop(field, None)
        self._problems.append((field, FieldProblem(field.name, code, message)))

    def check(self) -> Filled:
        """Raise `BadParameters` with every problem in field order, or give back the values."""
        if self._problems:
            order = {field: place for place, field in enumerate(self._fields)}
            found = sorted(self._problems, key=lambda pair: order.get(pair[0], len(order)))
            raise BadParameters(problem for _, problem in found)
        return self
