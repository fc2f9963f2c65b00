"""How each table of `data/` is built: one module per topic, each listed here.

A builder is a function from the folder of sources to an `Output`: its tables, and its section of
`data/README.md`. A new topic is one module and one line in `BUILDERS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from building.base import Builder

__all__ = ["BUILDERS"]

BUILDERS: tuple[Builder, ...] = ()
