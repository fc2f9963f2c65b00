"""Columns get the very answers that single numbers get."""

from __future__ import annotations

import random

import polars as pl
import pytest

from rules.telecom import (
    Confidence,
    LiveAnswer,
    Source,
    TelecomSettings,
    find_language,
    lookup,
)
from rules.telecom.answers import ADDED, cells
from rules.telecom.blocks import BLOCKS
from rules.telecom.columns import block_of, texts_of
from rules.telecom.overrides import read_overrides
from rules.telecom.tables import plan
from rules.telecom.vector import Engine
from tests._cases import cases as table
from tests.rows import each

LANGUAGES = ["TELGU", "ORIYA", " hindi ", "te-IN", "ENGLISH", "RAJASTHANI"]
WORDS = ["MOBILE", "land line", "sip", "", None]
SPELLINGS = [
    "9848012345", "98480 12345", "+91 98480-12345", "0091 98480 12345", "09848012345",
    "0919848012345", "9109848012345", "+91 (0) 98480 12345", "tel:+91-98480-12345", "'9848012345",
    "9848012345.0", "९८४८०१२३४५", "442079460958", "0044 20 7946 0958", "98480 TAXI9",
    "9848012345/9848012346", "26401234", "5755512345678", "1111111111", "7229212345",
    "07229212345", "080 4123 4567", "1600114123", "01600114123", "+971501234567", "anonymous",
    "9175748XXXXX", "", " ", "-",
    "0000000000", "266696687", "9.84801E+09", "VM-HDFCBK", "112",
    "+9848012345", "+919848012345", "-9848012345", "9848012345 .0", "' '9848012345", "1800123456",
    "18601234567",
    "1861123456789", "1409305260", "000800123456", "0008001234567", "57555", "5" * 13,
    "+91" + "9" * 13,
    "(98480) 12345", "(+91)98480.12345", "(0)9848012345", "98480123.45", "984801234.00", "(", ".0",
    "98480\n12345", "98480\x0012345", "\ud7ff", "9848012345,", "１２", "+", "++91",
]  # fmt: skip


def expected(texts, kinds, languages, settings):
    return [
        cells(lookup(text, source=Source.read(kind or ""), settings=settings), languages, settings)
        for text, kind in zip(texts, kinds, strict=True)
    ]


def compare(texts, *, settings=TelecomSettings(), languages=LANGUAGES, draw=None):  # noqa: B008  frozen
    kinds = [draw.choice(WORDS) for _ in texts] if draw else [None] * len(texts)
    engine = Engine(settings=settings, languages=languages)
    found = engine.run(pl.Series(texts, dtype=pl.String), sources=pl.Series(kinds, dtype=pl.String))
    assert found.columns == list(ADDED)
    wanted = expected(texts, kinds, languages, settings)
    wrong = [
        (text, kind, row, right)
        for text, kind, row, right in zip(texts, kinds, found.rows(), wanted, strict=True)
        if row != right
    ]
    assert wrong == []
    assert sum(engine.tally["class"].values()) == len(texts)


def digits(draw):
    front = draw.choice(["", "+", "0", "91", "00", "+91", "091", "0091", "910", "+0", "+910"])
    return front + "".join(draw.choices("0123456789", k=draw.randint(1, 16)))


def hostile(draw):
    signs = "0123456789+ -.()/xX*#?•…_eEtTlLsSip:;@<>',|\n\t०९９\u200e\u2013\xa0é😀"
    return "".join(draw.choices(signs, k=draw.randint(0, 40)))


def unicode(draw):
    ranges = [(32, 127), (0x900, 0x97F), (0x2000, 0x206F), (0xFF00, 0xFFEF), (0x1F300, 0x1F5FF)]
    return "".join(chr(draw.randint(*draw.choice(ranges))) for _ in range(draw.randint(0, 30)))


def nearly_plain(draw):
    signs = list(draw.choice(["", "+", "0", "91", "+91", "'"]) + str(draw.randrange(10**9, 10**10)))
    for _ in range(draw.randint(0, 3)):
        signs.insert(draw.randint(0, len(signs)), draw.choice(" -.()'+0x\t\n"))
    return "".join(signs) + draw.choice(["", "", ".0", ".00", " .0", ".0 ", " " * 60])


def test_every_spelling():
    for languages in (None, LANGUAGES, []):
        compare(SPELLINGS, languages=languages)
    known = [row.values[0]["number"] for row in table("telecom_known")]
    compare(known)


def ends(prefixes):
    for prefix in prefixes:
        rest = 10 - len(prefix)
        yield from (prefix + "0" * rest, prefix + "9" * rest)


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.soak)])
def test_lowest_and_highest_number_of_every_prefix(step):
    draw = random.Random(step)
    compare(list(ends(sorted(plan().series)[::step])), draw=draw)
    fixed = list(ends(sorted(plan().landlines)[::step]))
    compare([*fixed, *("0" + number for number in fixed)], draw=draw)
    compare(list(ends(["140", "1600", "1601", "16011", "1800", "1860", "1861"])), draw=draw)


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (digits, 8_000),
        (hostile, 6_000),
        (unicode, 3_000),
        (nearly_plain, 8_000),
        pytest.param(digits, 1_000_000, marks=pytest.mark.soak),
        pytest.param(hostile, 200_000, marks=pytest.mark.soak),
        pytest.param(unicode, 100_000, marks=pytest.mark.soak),
        pytest.param(nearly_plain, 200_000, marks=pytest.mark.soak),
    ],
)
def test_random_texts(make, count):
    draw = random.Random(count)
    compare([make(draw) for _ in range(count)], draw=draw)


OVERRIDES = """number,operator,circle,language,class,note
98480,Jio,KA,,,a whole block
984801,Airtel,,,,a finer block
9848012,,Delhi,,,finer than a block
9848012345,,,URDU,,one number
1111,,,,MOBILE,not in the plan
99,,,,EMERGENCY,short
+9715,Etisalat UAE,,ENGLISH,,another country
"""


def test_overrides_labels_and_grades():
    draw = random.Random(11)
    settings = TelecomSettings(
        min_confidence=Confidence.LOW,
        overrides=read_overrides(OVERRIDES),
        operator_labels={"Vodafone": "Old Vodafone", "Airtel": 'Air,"tel'},
        foreign_fallback_languages=("ENGLISH",),
    )
    heads = ["98480", "984801", "9848012", "9848012345", "1111", "99", "+9715", "72292", "6000"]
    texts = [
        (head + "".join(draw.choices("0123456789", k=10)))[: 13 if head[0] == "+" else 10]
        for head in heads
        for _ in range(150)
    ]
    compare([*texts, *("91" + text for text in texts), *SPELLINGS], settings=settings, draw=draw)
    compare(texts, settings=TelecomSettings(min_confidence=Confidence.HIGH), languages=None)


def test_a_list_of_languages_for_each_row():
    engine = Engine(languages=["KANNADA"])
    texts = ["9848012345", "9414012345", "anonymous"] * 4
    lists = ["TELGU;hindi"] * 3 + ["hindi"] * 3 + ["", " , ", None] + ["Tamil,Tamil"] * 3
    found = engine.run(pl.Series(texts), lists=pl.Series(lists))
    for text, entries, row in zip(texts, lists, found.rows(named=True), strict=True):
        wanted = [e for e in (entries or "").replace(";", ",").split(",") if e.strip()]
        answer = find_language(text, wanted or ["KANNADA"])
        assert (row["language"], row["language_basis"]) == (answer.name, answer.basis)
    assert sum(engine.tally["language"].values()) == len(texts)


@each(
    ("columns", "lists", "texts"),
    [
        (ADDED, False, ["class", "e164", "operator"]),
        (ADDED, True, ["class", "e164", "operator", "language", "language_basis", "reason"]),
        (("circle", "language"), False, ["circle"]),
        (("e164",), False, ["e164"]),
        (("language", "reason"), True, ["language", "reason"]),
    ],
)
def test_cells_of_an_answer_come_joined_where_lines_are_written(columns, lists, texts):
    numbers = pl.Series(["98480 12345", "09848012345", "9848OI2345", "", "9414012345"])
    wanted = pl.Series(["TELGU", "a|b", "", None, "hindi"]) if lists else None
    apart = Engine(columns=columns).run(numbers, lists=wanted)
    assert apart.columns == list(columns)
    joined = Engine(columns=columns, joined="|".join).run(numbers, lists=wanted)
    assert joined.columns == texts
    rows = ["|".join(row) for row in apart.rows()]
    assert ["|".join(row) for row in joined.rows()] == rows
    coded = Engine(columns=columns, coded=True).run(numbers, lists=wanted)
    assert coded.with_columns(pl.all().cast(pl.String)).equals(apart)
    assert [name for name in columns if coded[name].dtype == pl.String] == [
        name for name in columns if name == "e164"
    ]


@each(
    ("column", "texts"),
    [
        (pl.Series([9848012345, None], dtype=pl.Int64), ["9848012345", ""]),
        (pl.Series([9848012345.0, None, 1.5]), ["9848012345", "", "1.5"]),
        (pl.Series([float("nan"), float("inf")]), ["NaN", "inf"]),
        (pl.Series(["a", None], dtype=pl.Categorical), ["a", ""]),
        (pl.Series(["9848012345.00"]).cast(pl.Decimal(12, 2)), ["9848012345.00"]),
    ],
)
def test_columns_of_other_types(column, texts):
    assert texts_of(column).to_list() == texts


@each("digits", ["", "9", "984", "9848012", "0984", "9848O", "९८४८०"])
def test_other_texts_than_four_to_six_digits_are_no_block(digits):
    assert [BLOCKS[kind][digits] for kind in BLOCKS] == [None] * 3


def test_neighbouring_blocks_are_worked_out_together_only_when_they_agree():
    texts = [f"{four}{end}" for four in ("9848", "7229", "8041", "1600", "9999", "6000", "3333")
             for end in ("012345", "112345", "999999", "500000")]  # fmt: skip
    at_once = Engine().run(pl.Series(texts))
    one_by_one = pl.concat([Engine().run(pl.Series([text])) for text in texts])
    assert at_once.equals(one_by_one)


def test_answers_do_not_depend_on_the_rows_around():
    texts = [*SPELLINGS * 3000]
    engine = Engine(languages=LANGUAGES)
    together = engine.run(pl.Series(texts))
    assert together.equals(pl.concat([engine.run(pl.Series(SPELLINGS))] * 3000))
    assert len(engine.run(pl.Series([], dtype=pl.String))) == 0


def test_what_is_plain_is_told_by_length_and_value():
    plain = ["9848012345", "919848012345", "+919848012345", "0919848012345", "09848012345"]
    assert block_of(pl.Series(plain), None).to_list() == [984801] * 4 + [2_984_801]
    others = ["+9848012345", "0984801234", "-984801234", "9848012345678", "91984801234", "x"]
    assert block_of(pl.Series(others), None).to_list() == [0] * len(others)


class Asker:
    def __init__(self, now, most):
        self.asked, self.most, self.now = [], most, now

    @property
    def left(self):
        return self.most - len(self.asked)

    def __call__(self, found):
        if self.left <= 0 or found.reason:
            return None
        self.asked.append(found.national)
        return LiveAnswer("Airtel", "Delhi", True, None, self.now)


def test_a_live_source_is_asked_once_a_number_and_no_more_than_allowed(moment):
    asker = Asker(moment, 2)
    texts = ["9848012345", "9848012345", "anonymous", "9414012345", "9437012345"]
    found = Engine(asker=asker).run(pl.Series(texts))
    assert asker.asked == ["9848012345", "9414012345"]
    assert found["circle"].to_list() == ["DELHI", "DELHI", "", "DELHI", "ODISHA"]
    found = Engine(asker=asker).run(pl.Series(texts))
    assert found["circle"].to_list()[0] == "ANDHRA PRADESH"


@pytest.fixture
def moment():
    from datetime import UTC, datetime

    return datetime(2026, 11, 18, tzinfo=UTC)
