"""Facts about numbers that anybody can look up: the tables must not lose them."""

from __future__ import annotations

from rules.telecom import Confidence, lookup
from tests._cases import cases
from tests.rows import each


@each("row", cases("telecom_known"))
def test_known_numbers(row):
    found = lookup(row["number"]).at(Confidence.MEDIUM)
    assert (found.number_class, found.operator, found.circle) == (
        row["class"],
        row["operator"],
        row["circle"],
    )
