"""Columns of a list as numbers: kinds of line, and blocks of plain regular numbers. Needs polars.

>>> block_of(pl.Series(["9848012345", "+919848012345", "09848012345", "98480 1"]), None).to_list()
[984801, 984801, 2984801, 0]
"""

from __future__ import annotations

import polars as pl

from rules.telecom.words import Source

__all__ = ["BLOCK_COUNT", "KINDS", "block_of", "kinds_of", "texts_of"]

KINDS = (None, Source.MOBILE, Source.LANDLINE)
"""The kinds of line a number can be said to come from."""
BLOCK_COUNT = 1_000_000
"""Blocks of six digits; a block is counted behind those of the kinds before its own."""
_TEN = 10**10
_INDIA = 91 * _TEN
_LEAST = 10**9


def texts_of(column: pl.Series) -> pl.Series:
    """A column as texts: whole numbers, also in floating point, by their digits; null as blank."""
    if column.dtype.is_float():
        whole = column.cast(pl.Int64, strict=False)
        column = (
            pl.select(
                pl.when(column == whole)
                .then(whole.cast(pl.String))
                .otherwise(column.cast(pl.String))
            )
            .to_series()
            .alias(column.name)
        )
    return column.cast(pl.String).fill_null("")


def kinds_of(sources: pl.Series | None) -> pl.Series | None:
    """The kind of line each row's word means, as a place in `KINDS`."""
    if sources is None:
        return None
    words = texts_of(sources)
    known = words.unique()
    kinds = [KINDS.index(Source.read(word)) for word in known]
    return words.replace_strict(known, pl.Series(kinds, dtype=pl.UInt32), return_dtype=pl.UInt32)


def block_of(texts: pl.Series, kinds: pl.Series | None) -> pl.Series:
    """Kind of line and first six digits of plain regular numbers, as a place; 0 for the others.

    A text of digits is told from its length and its value as a whole: a sign in front makes it
    longer, a zero smaller.
    """
    size, value = pl.col("size"), pl.col("value")
    kind = pl.col("kind").cast(pl.Int64) * BLOCK_COUNT if kinds is not None else pl.lit(0)
    trunk = KINDS.index(Source.LANDLINE) * BLOCK_COUNT
    coded = size.is_in((12, 13)) & value.is_between(_INDIA + _LEAST, _INDIA + _TEN, closed="left")
    bare = value.is_between(_LEAST, _TEN, closed="left")
    plus = pl.col("text").str.starts_with("+")
    frame = pl.DataFrame({"text": texts, "kind": kinds if kinds is not None else 0})
    frame = frame.with_columns(
        size=pl.col("text").str.len_bytes(), value=pl.col("text").cast(pl.Int64, strict=False)
    )
    return frame.select(
        pl.when(bare & (size == 10))
        .then(value // 10_000 + kind)
        .when(coded)
        .then((value - _INDIA) // 10_000 + kind)
        .when(bare & (size == 11) & ~plus)
        .then(value // 10_000 + trunk)
        .otherwise(0)
        .cast(pl.UInt32)
        .alias("block")
    ).to_series()
