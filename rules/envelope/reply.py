"""A reply: named texts in the platform's shape. The one place that knows this shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules.errors import BadParameters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.errors import RulesError

__all__ = ["failure", "render"]


def render(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`{"keys": [{"name": ..., "value": ...}, ...]}` in the order given; every value is text."""
    return {"keys": [{"name": name, "value": value} for name, value in pairs]}


def failure(
    error: RulesError, pairs: Iterable[tuple[str, str]] = (), *, request_id: str
) -> dict[str, Any]:
    """Body of a refusal: the method's failure values, then what is wrong and where."""
    fields = error.fields if isinstance(error, BadParameters) else ()
    return {
        **render(pairs),
        "error": {
            "code": error.code,
            "message": str(error),
            "request_id": request_id,
            "fields": [{"name": f.name, "code": f.code, "message": f.message} for f in fields],
        },
    }
