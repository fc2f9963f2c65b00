"""Putting variables into the parts of a request, and finding those without value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rules.errors import RulesError
from rules.variables import Variable, Variables, substitute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rules.webhooks.spec import Entry

__all__ = [
    "BadRequest",
    "Given",
    "Missing",
    "as_variables",
    "entries",
    "raw",
    "render",
    "value_of",
]

Given = Variables | Mapping[str, str | None] | Iterable[tuple[str, str | None]]
"""How variables may be handed over: full names and values."""


class Missing(RulesError):
    """A variable that must have a value has none."""

    code = "INVALID_FLOW_VAR"


class BadRequest(RulesError):
    """A part of the request is not what it must be; the message holds no value."""

    code = "INVALID_REQUEST"


def as_variables(given: Given) -> Variables:
    """Variables to look up."""
    if isinstance(given, Variables):
        return given
    return Variables(given.items() if isinstance(given, Mapping) else given)


def value_of(variable: Variable) -> str:
    """The value; raises `Missing` when it is absent or null."""
    if variable.value is None:
        raise Missing(f"{variable.name} has no value")
    return variable.value


def raw(text: str, variables: Variables) -> str:
    """The text with values as they are; raises `Missing`."""
    return substitute(text, variables, value_of)


def render(text: str, variables: Variables, put: Callable[[str], str], unset: str) -> str:
    """The text of a body: `put` writes a value, one without is left empty or standing."""

    def one(variable: Variable) -> str:
        if variable.value is None:
            return put(variable.written) if unset == "keep" else ""
        return put(variable.value)

    return substitute(text, variables, one)


def entries(given: Sequence[Entry], variables: Variables) -> Iterator[tuple[str, str]]:
    """Keys and values; an optional entry without value is left out, a mandatory one is missing."""
    for entry in given:
        try:
            pair = raw(entry.key, variables), raw(entry.value, variables)
        except Missing:
            if entry.mandatory:
                raise
            continue
        yield pair
