"""`enrich` inside a distributed engine, as docs/scale.md says."""

from __future__ import annotations

import dask
import dask.bag
import pyarrow as pa
import pytest

from rules.telecom import enrich, enrich_rows

ROWS = [
    {"id": n, "phone": f"{'+91' * (n % 2)}{6_000_000_000 + n * 399_989}"} for n in range(10_000)
]


@pytest.fixture(scope="module")
def wanted():
    return list(enrich_rows(ROWS, number="phone", languages=["TELGU", "HINDI"]))


@pytest.mark.soak
def test_a_bag_of_batches_on_several_processes(wanted):
    batches = pa.Table.from_pylist(ROWS).to_batches(max_chunksize=1000)
    bag = dask.bag.from_sequence(batches, npartitions=4)
    found = bag.map(enrich, number="phone", languages=["TELGU", "HINDI"])
    parts = found.compute(scheduler="processes", num_workers=2)
    assert pa.Table.from_batches(parts).to_pylist() == wanted


@pytest.mark.soak
def test_single_tasks(wanted):
    batches = pa.Table.from_pylist(ROWS).to_batches(max_chunksize=2500)
    tasks = [
        dask.delayed(enrich)(batch, number="phone", languages=["TELGU", "HINDI"])
        for batch in batches
    ]
    parts = dask.compute(*tasks, scheduler="threads")
    assert pa.Table.from_batches(parts).to_pylist() == wanted
