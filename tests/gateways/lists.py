"""Small lists for tests, and the job of enriching them."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from rules.gateways.campaign import Job, enrich_file
from rules.telecom.enrich import Wanted

EXAMPLE = b"""id,phone,city
1,98480 12345,Hyderabad
2,07229212345,Warud
3,9175748XXXXX,Pune
4,,Delhi
"""
ANSWER = b"""id,phone,city,tel_class,tel_e164,tel_operator,tel_operator_now,tel_circle,\
tel_circle_confidence,tel_language,tel_language_basis,tel_reason
1,98480 12345,Hyderabad,MOBILE,+919848012345,IDEA,VI,ANDHRA PRADESH,high,TELGU,circle,
2,07229212345,Warud,LANDLINE,+917229212345,BSNL,BSNL,MAHARASHTRA,high,HINDI,circle,
3,9175748XXXXX,Pune,INVALID,,,,,,HINDI,fallback,MASKED_NUMBER
4,,Delhi,WITHHELD,,,,,,HINDI,fallback,WITHHELD
"""
WANTED = Wanted(("phone",), languages=("TELGU", "HINDI", "ENGLISH"))


def job(source: Path, target: Path, wanted: Wanted = WANTED, **options) -> Job:
    return Job(source, target, wanted, **options)


def enriched(source: Path, target: Path, wanted: Wanted = WANTED, **options):
    return enrich_file(job(source, target, wanted, **options))


def write_list(path: Path, rows: int) -> Path:
    """A list with plain, odd and bad rows, quotes and line breaks in quotes."""
    draw = random.Random(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("id,phone,note\n")
        for row in range(rows):
            number = f"{draw.choice(['', '0', '91', '+91 '])}{draw.randrange(6 * 10**9, 10**10)}"
            note = draw.choice(["plain", '"a, b"', '"two\nlines"', '"say ""hi"""', "é", ""])
            extra = ",one cell more" if row % 97 == 5 else ""
            file.write(f"{row:07},{number},{note}{extra}\n")
    return path


def cells_of(path: Path) -> list[list[str]]:
    """Rows of a list without those with a cell too many."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file) if row and row[-1] != "one cell more"]


def left_over(folder: Path) -> set[str]:
    """Names of files beside the lists."""
    return {path.name for path in folder.iterdir()}
