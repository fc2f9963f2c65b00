"""Fixtures for every test: real stores, see `tests/stores.py`."""

from tests.stores import (  # noqa: F401  pytest finds fixtures by name here
    address,
    engine,
    postgres_address,
    postgres_engine,
    postgres_server,
    postgres_template,
    sqlite_address,
    sqlite_engine,
    sqlite_template,
)
