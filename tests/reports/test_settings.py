"""Account settings of reports: what is understood, and what is refused in which words."""

import pytest

from rules.errors import SettingMistake
from rules.reports import REPORTS, Place
from rules.settings import Accounts
from tests.rows import each


def build(mapping):
    return Accounts({"default": mapping}).settings(REPORTS)


def test_defaults():
    found = build({})
    assert found.place == Place()
    assert (found.place.root, found.place.path) == ("", "{accountID}/{reportType}/{date}.csv")
    assert (found.place.files, found.place.table) == (True, False)
    assert (found.columns, found.keep_days, found.upload) == ((), 0, ())
    assert found.find_place(None) is found.place
    assert found.find_place("archive") is None


def test_everything_set():
    found = build(
        {
            "report_root": "/srv/reports",
            "report_path": "{month}/{accountID}.csv",
            "report_sink": "both",
            "report_locations": {
                "archive": {"root": "/srv/archive", "sink": "csv"},
                "table": {"sink": "sql"},
            },
            "report_columns": ["city", "$flow.key.plan"],
            "report_fsync": True,
            "report_upsert": True,
            "report_keep_days": 90,
            "report_upload": ["/usr/local/bin/upload", "--quiet"],
            "zone": "Asia/Dubai",
        }
    )
    assert (found.place.root, found.place.sink, found.place.fsync) == ("/srv/reports", "both", True)
    archive = found.find_place("archive")
    assert (archive.root, archive.path) == ("/srv/archive", "{month}/{accountID}.csv")
    assert (archive.files, archive.table, archive.upsert) == (True, False, True)
    assert (found.find_place("table").files, found.find_place("table").table) == (False, True)
    assert list(found.places()) == ["", "archive", "table"]
    assert found.columns == ("city", "plan")
    assert (found.keep_days, found.upload) == (90, ("/usr/local/bin/upload", "--quiet"))
    assert archive.zone.key == "Asia/Dubai"


def test_one_word_is_a_whole_command():
    assert build({"report_upload": "/usr/local/bin/upload"}).upload == ("/usr/local/bin/upload",)


MISTAKES = [
    ({"report_root": 5}, "report_root", "must be a text"),
    ({"report_path": "../x.csv"}, "report_path", "inside the report folder"),
    ({"report_path": 5}, "report_path", "must be a text"),
    ({"report_sink": "tape"}, "report_sink", "csv, sql, both"),
    ({"report_locations": []}, "report_locations", "must be a table"),
    ({"report_locations": {"a": "x"}}, "report_locations", "must be a table"),
    ({"report_locations": {"a": {"folder": "x"}}}, "report_locations", "'folder' is none of"),
    ({"report_locations": {"a": {"root": 5}}}, "report_locations", "are texts"),
    ({"report_locations": {"a": {"sink": "x"}}}, "report_locations", "sink must be one of"),
    ({"report_locations": {"a": {"path": "x"}}}, "report_locations", "must end in .csv"),
    ({"report_columns": ["dnis"]}, "report_columns", "already has"),
    ({"report_columns": ["city", "City"]}, "report_columns", "already has"),
    ({"report_columns": [5]}, "report_columns", "list of texts"),
    ({"report_columns": [""]}, "report_columns", "list of texts"),
    ({"report_columns": {}}, "report_columns", "list of texts"),
    ({"report_fsync": 1}, "report_fsync", "true or false"),
    ({"report_upsert": "no"}, "report_upsert", "true or false"),
    ({"report_keep_days": -1}, "report_keep_days", "whole number"),
    ({"report_keep_days": True}, "report_keep_days", "whole number"),
    ({"report_upload": 5}, "report_upload", "list of texts"),
    ({"zone": "Mars/North"}, "zone", "no zone 'Mars/North' in the zone database"),
]


@each(("mapping", "key", "words"), MISTAKES)
def test_mistake_is_named(mapping, key, words):
    with pytest.raises(SettingMistake, match=words) as caught:
        build(mapping)
    assert caught.value.key == key
