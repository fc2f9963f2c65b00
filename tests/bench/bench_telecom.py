"""Lookups of single numbers against the phone library, on the same numbers in the same run."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import phonenumbers
from phonenumbers import carrier

from rules.envelope import items
from rules.tables import read_table
from rules.telecom import find_language, lookup
from tests.bench._row import Row, in_turn

COUNT, YARDSTICK_COUNT, REPEATS = 20_000, 2_000, 7
LANGUAGES = items(
    "HINDI,ENGLISH,TELGU,TAMIL,KANNADA,MALAYALAM,MARATHI,GUJARATI,BENGALI,PUNJABI,ORIYA,ASSAMESE,"
    "RAJASTHANI,URDU,KASHMIRI,KONKANI,NEPALI,SINDHI,MANIPURI,BODO,DOGRI,MAITHILI,SANTALI,SANSKRIT"
)
AGAINST = "phonenumbers: parse and carrier.name_for_number"
LOADED = """
import time
start = time.process_time()
import rules.telecom
rules.telecom.find_language("9848012345", ["HINDI"])
print(time.process_time() - start)
"""


def texts() -> list[str]:
    """20,000 numbers of known series: bare, `91`, `+91` and `0` in equal shares."""
    draw = random.Random(3)
    prefixes = [row[0] for row in read_table("circles", ("prefix",), exact=False)]
    found = []
    for place in range(COUNT):
        prefix = draw.choice(prefixes)
        rest = 10 - len(prefix)
        number = f"{prefix}{draw.randrange(10**rest):0{rest}}"
        found.append(("", "91", "+91", "0")[place % 4] + number)
    return found


def _compared(name: str, wanted: str, ours: Callable[[str], object]) -> Row:
    numbers = texts()
    known = numbers[:YARDSTICK_COUNT]

    def mine() -> None:
        for text in numbers:
            ours(text)

    def theirs() -> None:
        for text in known:
            carrier.name_for_number(phonenumbers.parse(text, "IN"), "en")

    mine_seconds, their_seconds = in_turn(mine, theirs, repeats=REPEATS, number=1)
    micro = mine_seconds / COUNT * 1e6
    yardstick = their_seconds / YARDSTICK_COUNT * 1e6
    return Row(name, micro, "µs", yardstick, AGAINST, yardstick / micro, wanted)


def single_lookup() -> Row:
    """`lookup` of a number that has not been asked before, in blocks that have."""
    return _compared("lookup of one number", ">= 20", lookup)


def language() -> Row:
    """`find_language` with a list of 24 entries seen before."""
    return _compared(
        "find_language, list of 24", ">= 8", lambda text: find_language(text, LANGUAGES)
    )


def import_time() -> Row:
    """A fresh interpreter: the import, and the first language, which loads every table."""
    taken = []
    for _ in range(REPEATS):
        done = subprocess.run(
            [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
        )
        taken.append(float(done.stdout) * 1000)
        time.sleep(0.05)
    note = "CPU time of a fresh interpreter, tables loaded"
    return Row("import rules.telecom", statistics.median(taken), "ms", wanted="<= 150", note=note)


BENCHES = [single_lookup, language, import_time]
