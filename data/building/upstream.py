"""Has the phone library changed what our tables were made from?

The lists are large; what is kept of them in `data/sources/upstream.csv` is a digest each.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import phonenumbers

from building.base import read_source

__all__ = ["changed"]

_INDIA = "91"
_KINDS = ("general_desc", "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "uan")
_MEANS = {
    "operators": "mobile_series.csv: compare the rows whose sources hold lpn2019",
    "areas": "landline_areas.csv: compare codes and places",
    "patterns": "number_types.csv: run 'make data' and look at the difference",
}


def changed(folder: Path) -> list[str]:
    """A line for every list that is another than the one built from, with what to do."""
    kept = {row["list"]: row for row in read_source(folder, "upstream.csv", _COLUMNS)}
    return [
        f"the phone library's Indian {name} changed between {kept[name]['version']} and "
        f"{phonenumbers.__version__}: {_MEANS[name]}, then put {digest} into upstream.csv"
        for name, digest in _digests().items()
        if kept[name]["sha256"] != digest
    ]


_COLUMNS = ("list", "version", "sha256")


def _digests() -> dict[str, str]:
    from phonenumbers.carrierdata import CARRIER_DATA  # noqa: PLC0415  large, needed only here
    from phonenumbers.geodata import GEOCODE_DATA  # noqa: PLC0415  large, needed only here

    plan = phonenumbers.PhoneMetadata.metadata_for_region("IN")
    return {
        "operators": _digest(_indian(CARRIER_DATA)),
        "areas": _digest(_indian(GEOCODE_DATA)),
        "patterns": _digest(
            [(kind, getattr(plan, kind).national_number_pattern) for kind in _KINDS]
        ),
    }


def _indian(data: dict[str, dict[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    return sorted((k, sorted(names.items())) for k, names in data.items() if k.startswith(_INDIA))


def _digest(facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()
