"""The table of call rules: complete, dated, not too old; and its reader."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from rules.errors import BadTable
from rules.outbound import load_rules
from rules.outbound.records import COLUMNS, RuleKind, Severity, read_records
from tests.rows import each

RULES = load_rules()
GOOD = dict.fromkeys(COLUMNS, "") | {
    "id": "X1",
    "version": "1",
    "kind": "window",
    "purposes": "recovery",
    "value": "08:00-19:00",
    "zone": "Asia/Kolkata",
    "status": "in_force",
    "severity": "defer",
}


@each("record", RULES.records)
def test_every_record_says_where_it_comes_from(record):
    assert record.source
    assert record.read_on
    assert record.title
    assert record.sureness in {"high", "medium_high", "medium"}
    if record.kind is RuleKind.SERIES:
        assert record.severity in {Severity.BLOCK, Severity.WARN}
        assert all(value.isdigit() for value in record.series)
    assert bool(record.confirmed_by) == bool(record.confirmed_on)


def test_versions_of_one_rule_do_not_overlap():
    for earlier, later in pairwise(sorted(RULES.records, key=lambda r: (r.id, r.version))):
        if earlier.id == later.id:
            assert earlier.version < later.version
            assert earlier.effective_to < later.effective_from


def test_records_were_read_lately():
    newest = max(record.read_on for record in RULES.records)
    age = date.today() - newest  # noqa: DTZ011  the age of a table in days
    assert age <= timedelta(days=180), "read the sources again, see data/README.md"


def test_the_first_content():
    found = {record.id: record for record in RULES.records}
    assert len(found) == 19
    assert found["R8a"].effective_from == date(2025, 3, 20)
    assert found["R9-sebi"].severity is Severity.WARN
    assert sum(r.id.startswith("R9-") for r in RULES.records) == 13
    assert "commercial_bank" in RULES.entity_types
    assert not any(record.confirmed_by for record in RULES.records)


def test_the_version_names_exactly_these_records():
    day, _, digest = RULES.version.partition("/")
    assert day == "2026-11-20"
    assert len(digest) == 12
    assert RULES.find("R11", 1).value == "08:00-19:00"
    assert RULES.find("R11", 2) is None


@each(
    ("changes", "says"),
    [
        ({"version": "one"}, "invalid literal"),
        ({"kind": "weekday"}, "weekday"),
        ({"purposes": "recovery|begging"}, "'begging' is no purpose"),
        ({"value": "8-19"}, "HH:MM-HH:MM"),
        ({"zone": "Asia/Atlantis"}, "Atlantis"),
        ({"zone": ""}, "needs a zone"),
        ({"status": "gone"}, "gone"),
        ({"severity": "shout"}, "shout"),
        ({"kind": "series", "value": "140", "severity": "defer"}, "cannot defer"),
        ({"effective_from": "2026-13-01"}, "month"),
    ],
)
def test_a_bad_record_is_named(changes, says):
    row = tuple({**GOOD, **changes}.values())
    with pytest.raises(BadTable, match="record X1") as refused:
        read_records([row])
    assert says in str(refused.value)


def test_a_good_record():
    (record,) = read_records([tuple(GOOD.values())])
    assert (record.version, str(record.hours)) == (1, "08:00-19:00")
