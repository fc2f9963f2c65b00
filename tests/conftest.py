"""Fixtures for every test: real stores, see `tests/stores.py`."""

from datetime import datetime

import pytest

from tests.stores import (  # noqa: F401  pytest finds fixtures by name here
    address,
    engine,
    postgres_address,
    postgres_engine,
    postgres_server,
    postgres_shared,
    postgres_template,
    sqlite_address,
    sqlite_engine,
    sqlite_template,
)


@pytest.fixture
def aware_now():
    """The moment of the worked examples, a Wednesday."""
    return datetime.fromisoformat("2026-11-18T10:30:00+05:30")
