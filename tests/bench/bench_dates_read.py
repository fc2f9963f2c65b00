"""Reading dates: each text of a run is another one, so no answer can come from memory."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import partial
from zoneinfo import ZoneInfo

from dateutil.parser import parse

from rules.dates import read_date
from tests.bench._row import Row, in_turn

__all__ = ["BENCHES"]

TEXTS = 2_000
TODAY = date(2026, 11, 18)
INDIA = ZoneInfo("Asia/Kolkata")
START = datetime(2015, 1, 1, 5, 0, 7, tzinfo=timezone(timedelta(hours=5, minutes=30)))
MOMENTS = [START + timedelta(hours=37 * at, seconds=at) for at in range(TEXTS)]


def ours(texts: list[str]) -> None:
    """Read every text once."""
    for text in texts:
        read_date(text, today=TODAY, zone=INDIA)


def yardstick(texts: list[str]) -> None:
    """The same by dateutil."""
    for text in texts:
        parse(text)


def measured(texts: list[str], *, dateutil: bool) -> tuple[float, float]:
    """Median microseconds a text, ours and of dateutil (0 when it cannot read such texts)."""
    few = texts[:: TEXTS // 200]
    mine, theirs = in_turn(
        partial(ours, texts),
        partial(yardstick, few if dateutil else []),
        repeats=11,
        number=2,
        yardstick_number=1,
    )
    return mine / len(texts) * 1e6, theirs / len(few) * 1e6


def against_dateutil(name: str, form: str, bound: str, ratio: str) -> list[Row]:
    """Our time against its bound, and against `dateutil.parser.parse` of such texts."""
    mine, theirs = measured([form.format(moment) for moment in MOMENTS], dateutil=True)
    other = "dateutil.parser.parse"
    bounds = [Row(name, mine, "µs", wanted=bound, note="the bound")] if bound else []
    return [*bounds, Row(name, mine, "µs", theirs, other, theirs / mine, ratio)]


def iso() -> list[Row]:
    """The form every reply has."""
    name = "read ISO with offset, 2,000 different texts"
    return against_dateutil(name, "{0:%Y-%m-%dT%H:%M:%S}+05:30", "<= 1.0", ">= 30")


def plain_words() -> list[Row]:
    """The form people write."""
    name = "read `4 November 2019`, 2,000 different texts"
    return against_dateutil(name, "{0.day} {0:%B} {0.year}", "<= 2.5", ">= 9")


def platform() -> list[Row]:
    """The form the platform sends, with milliseconds."""
    form = "{0:%Y-%m-%dT%H:%M:%S}.000+05:30"
    return against_dateutil("read ISO with milliseconds, 2,000 different texts", form, "", "")


def numbers() -> list[Row]:
    """Numbers with a time; dateutil reads them month first."""
    form = "{0:%d/%m/%Y} 5:30 pm"
    return against_dateutil("read `04/11/2019 5:30 pm`, 2,000 different texts", form, "", "")


def spoken() -> Row:
    """A sentence in Hindi, which no yardstick reads."""
    texts = [f"{1 + at % 31} din baad shaam {4 + at % 5} baje" for at in range(TEXTS)]
    mine, _ = measured(texts, dateutil=False)
    return Row("read `3 din baad shaam 5 baje`, 155 different texts", mine, "µs")


BENCHES = [iso, plain_words, platform, numbers, spoken]
