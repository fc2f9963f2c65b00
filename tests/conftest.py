"""Fixtures for every test: real stores, see `tests/stores.py`."""

import os
from datetime import datetime

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
    sqlite_address,
    sqlite_engine,
    sqlite_template,
)

settings.register_profile("suite", max_examples=40, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("RULES_TEST_LAWS", "suite"))  # or thorough: new examples


@pytest.fixture
def aware_now():
    """The moment of the worked examples, a Wednesday."""
    return datetime.fromisoformat("2026-11-18T10:30:00+05:30")
