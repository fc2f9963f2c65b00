"""Fixtures for every test: real stores, see `tests/stores.py`."""

import gc
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from tests.stores import (  # noqa: F401  pytest finds fixtures by name here
    address,
    empty_address,
    engine,
    postgres_address,
    postgres_engine,
    postgres_server,
    postgres_shared,
    postgres_template,
    postgres_to_stop,
    run_folder,
    sqlite_address,
    sqlite_engine,
    sqlite_template,
)

settings.register_profile("suite", max_examples=40, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("RULES_TEST_LAWS", "suite"))  # or thorough: new examples

MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108  each test makes a folder of its own in it


def _has_room(folder):
    return (
        folder.is_dir()
        and shutil.disk_usage(folder).free > ROOM
        and not os.statvfs(folder).f_flag & os.ST_NOEXEC
    )


if "TMPDIR" not in os.environ and _has_room(
    MEMORY
):  # what tests write need not survive a power cut
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_collection_finish():
    """Thousands of collected tests stay to the end: looking for garbage among them is in vain."""
    gc.freeze()


def pytest_sessionfinish():
    """What is left after a last look for garbage that complains is not looked at five times."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def aware_now():
    """The moment of the worked examples, a Wednesday."""
    return datetime.fromisoformat("2026-11-18T10:30:00+05:30")
