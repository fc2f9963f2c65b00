"""`import rules.dates` is light: heavy libraries and tables wait until somebody needs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = (
    "flask",
    "requests",
    "phonenumbers",
    "holidays",
    "pendulum",
    "dateutil",
    "icalendar",
    "numpy",
)
SCRIPT = f"""
import sys
import rules.dates
print([name for name in {HEAVY} if name in sys.modules])
from rules.dates import *
from datetime import datetime
now = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
settings = DateSettings.from_mapping({{}}, holidays=shipped_holidays())
validate_date_and_time(DateRequest("kal", Kind.CALLBACK), now=now, settings=settings)
print([name for name in {HEAVY} if name in sys.modules])
own_dates([("RRULE:DTSTART=20260401;FREQ=YEARLY", "closed")])
print([name for name in {HEAVY} if name in sys.modules])
"""


def test_heavy_libraries_wait():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["[]", "[]", "['dateutil']"]
