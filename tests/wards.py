"""A dataset with every kind of table and column, and made-up databases for it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from policies.datasets import DatasetPolicy
from tests.factories import make_dataset
from tests.fakes import StoredRows

PRIVATE = ("patients", "visits", "labs", "enrolled", "stays")
LARGEST = 2**63 - 1

_LABS: dict[str, Any] = {
    "lab_id": {"role": "key"},
    "visit_id": {"role": "key"},
    "patient_id": {"role": "privacy_unit"},
    "relative_id": {"role": "privacy_unit"},
    "value": {
        "role": "attribute",
        "type": "decimal",
        "dp": {
            "bounds": [-50, 50],
            "resolution": 0.5,
            "nulls": "reject",
            "aggregates": ["sum", "mean", "count"],
        },
    },
    "code": {"role": "attribute", "dp": {}},
    "raw": {"role": "attribute", "type": "integer", "dp": {}},
    "at": {
        "role": "attribute",
        "type": "timestamp",
        "dp": {"bounds": ["2024-01-01", "2024-12-31"], "group_by": True},
    },
    "noted": {"role": "attribute", "type": "date", "dp": {}},
}
_CODES: dict[str, Any] = {
    "code": {"role": "attribute", "dp": {}},
    "weight": {
        "role": "attribute",
        "type": "integer",
        "dp": {"bounds": [0, 9], "group_by": True, "aggregates": ["sum", "mean"]},
    },
    "part": {
        "role": "attribute",
        "dp": {"categories": ["blood", "it's {0}", "Ärm"], "group_by": True},
    },
}
_ENROLLED: dict[str, Any] = {
    "patient_id": {"role": "privacy_unit"},
    "arm": {
        "role": "attribute",
        "dp": {"categories": ["a", "b"], "nulls": "reject", "group_by": True},
    },
    "score": {
        "role": "attribute",
        "type": "integer",
        "dp": {"bounds": [-3, 3], "nulls": "reject", "aggregates": ["sum", "mean"]},
    },
}
_STAYS: dict[str, Any] = {
    "patient_id": {"role": "privacy_unit"},
    "days": {
        "role": "attribute",
        "type": "integer",
        "dp": {"bounds": [0, 30], "group_by": True, "aggregates": ["sum", "mean"]},
    },
    "icu": {"role": "attribute", "type": "boolean", "dp": {"nulls": "keep", "group_by": True}},
}


def make_ward(**options: Any) -> DatasetPolicy:  # noqa: ANN401  those of make_dataset
    """Return a dataset whose tables are joined in every way that the planner proves things of."""
    groups, rows = options.get("max_groups", 2), options.get("max_rows_per_group", 3)
    contribution = {"max_groups": groups, "max_rows_per_group": rows}
    tables = {
        "labs": {
            "key": "lab_id",
            "unit": "patient_id",
            "foreign_keys": {"visit_id": "visits.visit_id"},
            "contribution": contribution,
            "columns": _LABS,
        },
        "codes": {"ownership": "public", "key": "code", "columns": _CODES},
        "enrolled": {"max_rows_per_unit": 1, "contribution": contribution, "columns": _ENROLLED},
        "stays": {"max_rows_per_unit": 3, "contribution": contribution, "columns": _STAYS},
    }
    return make_dataset(tables=tables, **options)


CODES: tuple[dict[str, object], ...] = (
    {"code": "C1", "weight": 0, "part": "blood"},
    {"code": "C2", "weight": 9, "part": "it's {0}"},
    {"code": "C3", "weight": None, "part": "Ärm"},
    {"code": "C4", "weight": 4, "part": None},
)


class _Maker:
    """Draws rows of one unit, with NULLs, extremes and runs of equal rows."""

    def __init__(self, seed: int, unit: int) -> None:
        self._random = random.Random(f"{seed} {unit}")  # noqa: S311  made-up data
        self.unit = unit
        self.salt = self._random.randrange(2**31)

    def row(self, rank: int, **columns: Sequence[object]) -> dict[str, object]:
        drawn = {name: self._random.choice(list(values)) for name, values in columns.items()}
        return {"patient_id": self.unit, "__salt": self.salt, "__rank": rank, **drawn}

    def number(self) -> int:
        return self._random.randrange(2**62)

    def narrow(self, values: Sequence[object]) -> Sequence[object]:
        """Return all values, or one of them over and over."""
        return [self._random.choice(list(values))] if self._random.random() < 0.3 else values


def _visits(maker: _Maker, count: int) -> list[dict[str, object]]:
    kinds: dict[str, Sequence[object]] = {
        "class": maker.narrow([*("ambulatory", "emergency", "inpatient"), None]),
        "day": maker.narrow([date(2024, 1, 1), date(2025, 12, 31), date(2024, 2, 29), None]),
        "cost": maker.narrow([0, 100_000, 1, 12_345, 50_000, None]),
        "urgent": maker.narrow([True, False, None]),
        "free": maker.narrow(["", "x_1", "a%b", "it's", "{0}", "Ärger", "\\", None]),
    }
    rows = [maker.row(rank + 1, **kinds) for rank in range(count)]
    return [{**row, "visit_id": maker.number()} for row in rows]


def _labs(maker: _Maker, count: int, visits: Sequence[object]) -> list[dict[str, object]]:
    moments = [datetime(2024, 1, 1), datetime(2024, 12, 31, 23, 59, 59), None]  # noqa: DTZ001
    kinds: dict[str, Sequence[object]] = {
        "visit_id": [*visits, None],
        "relative_id": [0, 1, 2, maker.unit, None],
        "value": maker.narrow([-100, 100, 0, 1, 37]),
        "code": ["C1", "C2", "C3", "C4", "nope", None],
        "raw": maker.narrow([0, 7, -7, LARGEST, -LARGEST - 1, None]),
        "at": maker.narrow(moments),
        "noted": maker.narrow([date(1, 1, 1), date(9999, 12, 31), date(2024, 5, 5), None]),
    }
    rows = [maker.row(rank + 1, **kinds) for rank in range(count)]
    return [{**row, "lab_id": maker.number()} for row in rows]


def make_rows(seed: int, counts: Sequence[tuple[int, int, int, int]]) -> StoredRows:
    """Return a database with one unit for each tuple: its visits, labs, stays and enrollments.

    Rows are those that ingest could store: inside bounds and categories, keys unique, a visit's
    labs those of its own unit. The numbers of units are dense, and their salts random.
    """
    tables: dict[str, list[dict[str, object]]] = {name: [] for name in PRIVATE}
    for unit, (visits, labs, stays, enrolled) in enumerate(counts):
        maker = _Maker(seed, unit)
        ages = maker.narrow([0, 90, 17, 18, 65, None])
        tables["patients"].append(maker.row(1, sex=["F", "M", None], age=ages))
        tables["visits"] += _visits(maker, visits)
        own = [row["visit_id"] for row in tables["visits"] if row["patient_id"] == unit]
        tables["labs"] += _labs(maker, labs, own)
        tables["stays"] += [
            maker.row(rank + 1, days=[0, 30, 7, None], icu=[True, False, None])
            for rank in range(stays)
        ]
        if enrolled:
            tables["enrolled"].append(maker.row(1, arm=["a", "b"], score=[-3, 3, 0]))
    return {**tables, "codes": CODES}


SKEWED = st.sampled_from([0, 1, 2, 3, 4, 9, 40, 300])


@st.composite
def databases(draw: st.DrawFn) -> StoredRows:
    """Draw a database of up to five units, a few of them with very many rows."""
    units = draw(
        st.lists(
            st.tuples(
                SKEWED, st.sampled_from([0, 1, 2, 5, 12]), st.integers(0, 3), st.integers(0, 1)
            ),
            min_size=1,
            max_size=5,
        )
    )
    return make_rows(draw(st.integers(0, 2**32)), units)
