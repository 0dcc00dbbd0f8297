"""Datasets whose steward allows private keys, and databases with keys that few or many have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.privacy import Measure
from tests.attacks.hospital import all_granted
from tests.factories import make_policies, make_project
from tests.fakes import StoredRows
from tests.wards import make_rows, make_ward

__all__ = ["COLUMNS", "allow_keys", "make_keyed", "make_keyed_rows", "make_keyed_set"]

COLUMNS = ("visits.free", "labs.raw", "labs.noted", "labs.at", "labs.code", "labs.value")
"""Columns of a ward that have no public domain, or one that is too fine to be grouped by."""
UNITS = 400


def allow_keys(
    dataset: DatasetPolicy,
    measure: Measure = Measure.PURE,
    *,
    per_query: str = "0.0001",
    kept: str = "0.001",
    max_units: int = 1000,
) -> DatasetPolicy:
    """Return the same declaration with private keys of some columns, which a part of delta pays."""
    tables = dict(dataset.tables)
    for column in COLUMNS:
        table, _, name = column.partition(".")
        declared = tables[table].columns[name]
        assert declared.use is not None
        use = replace(declared.use, private_keys="allowed")
        listed = {**tables[table].columns, name: replace(declared, dp=use)}
        tables[table] = replace(tables[table], columns=listed)
    spec = dataset.spec
    rules = replace(
        spec.queries,
        measure=measure,
        private_keys="allowed",
        keys_delta_per_query=Decimal(per_query),
        max_loss_per_query=Decimal(100),
    )
    return replace(
        dataset,
        spec=replace(
            spec,
            privacy_unit=replace(spec.privacy_unit, max_units=max_units),
            tables=tables,
            queries=rules,
            budget=replace(
                spec.budget,
                epsilon=Decimal(1000),
                delta=2 * Decimal(kept),
                keys_delta=Decimal(kept),
            ),
        ),
    )


def make_keyed(measure: Measure = Measure.PURE, **options: object) -> DatasetPolicy:
    """Return a ward that allows them."""
    return allow_keys(make_ward(max_groups=2, max_rows_per_group=3), measure, **options)  # type: ignore[arg-type]


def make_keyed_set(dataset: DatasetPolicy) -> PolicySet:
    """Return declarations in which the researcher may ask every column."""
    return make_policies(dataset, make_project(grants=all_granted(dataset), epsilon="1000"))


def make_keyed_rows(counts: Mapping[str | None, int], units: int = UNITS) -> StoredRows:
    """Return a database in which that many patients have a visit with that text, one each.

    Args:
        counts: From the text to the number of patients.
        units: Patients in all.
    """
    rows = make_rows(3, [(0, 0, 0, 0)] * units)
    texts = [text for text, count in counts.items() for _ in range(count)]
    assert len(texts) <= units
    visits = [
        {
            "patient_id": unit,
            "visit_id": unit,
            "class": "emergency" if unit % 2 else "inpatient",
            "day": date(2024, 1, 1) + timedelta(days=unit % 300),
            "cost": 100 * (unit % 50),
            "urgent": unit % 3 == 0,
            "free": text,
            "__salt": rows["patients"][unit]["__salt"],
            "__rank": 1,
        }
        for unit, text in enumerate(texts)
    ]
    labs = [
        {
            "patient_id": unit,
            "lab_id": unit,
            "visit_id": None,
            "relative_id": None,
            "value": len(text or ""),
            "code": text,
            "raw": len(text or "") - 4,
            "at": datetime(2024, 3, 1 + len(text or "") % 20, 12),  # noqa: DTZ001  the store is in UTC
            "noted": date(2020, 1, 1 + len(text or "") % 20),
            "__salt": rows["patients"][unit]["__salt"],
            "__rank": 1,
        }
        for unit, text in enumerate(texts)
    ]
    return {**rows, "visits": visits, "labs": labs}
