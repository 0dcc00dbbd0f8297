"""A made-up ward of forty patients with two visits each, as a steward would release it."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa

from anonymizers.risk import Criteria
from anonymizers.tables.hierarchies import (
    CategoryHierarchy,
    DateHierarchy,
    NumberHierarchy,
    ZipHierarchy,
)
from anonymizers.tables.plan import ColumnPlan, ColumnRole, TablePlan
from anonymizers.tables.release import ReleaseKeys
from policies.columns import IdentifierKind

PATIENTS = 40
KEYS = ReleaseKeys(pseudonyms=b"p" * 32, shift=b"s" * 32, text=b"t" * 32)
OTHER_KEYS = ReleaseKeys(pseudonyms=b"P" * 32, shift=b"S" * 32, text=b"T" * 32)
DIAGNOSES = ("flu", "hiv", "copd", "gout", "acne", "lupus", "angina", "asthma")
NAMES = ("Quillon Abernathy", "Brunhild Okonkwo", "Zenobia Featherstone", "Thaddeus Villanueva")


def name_of(patient: int) -> str:
    return f"{NAMES[patient % len(NAMES)]}{'abcdefghij'[patient // len(NAMES)]}"


def ward_rows() -> list[dict[str, str | None]]:
    start = date(2021, 3, 1)
    return [
        {
            "patient_id": f"P{patient:03}",
            "name": name_of(patient),
            "born": str(date(1930, 1, 1) + timedelta(days=700 * patient)),
            "age": str(91 - patient * 2),
            "zip": ("02139", "02140", "03601", "66801")[patient % 4],
            "sex": "FM"[patient % 2],
            "seen": str(start + timedelta(days=10 * patient + 45 * visit)),
            "note": f"{name_of(patient)} was seen on {start + timedelta(days=10 * patient)} "
            f"and is well. Reference P{patient:03}.",
            "dx": DIAGNOSES[(patient + visit) % len(DIAGNOSES)],
            "internal": "x",
        }
        for patient in range(PATIENTS)
        for visit in range(2)
    ]


def ward() -> pa.Table:
    return pa.Table.from_pylist(ward_rows())


def plan(criteria: Criteria = Criteria()) -> TablePlan:  # noqa: B008  it is frozen
    quasi, role = ColumnRole.QUASI_IDENTIFIER, ColumnRole
    columns = {
        "patient_id": ColumnPlan(role=role.PRIVACY_UNIT),
        "name": ColumnPlan(role=role.DIRECT_IDENTIFIER, identifies=IdentifierKind.FULL_NAME),
        "born": ColumnPlan(role=quasi, hierarchy=DateHierarchy(), identifies=IdentifierKind.DATE),
        "age": ColumnPlan(role=quasi, hierarchy=NumberHierarchy(top=90)),
        "zip": ColumnPlan(role=quasi, hierarchy=ZipHierarchy()),
        "sex": ColumnPlan(role=quasi, hierarchy=CategoryHierarchy()),
        "seen": ColumnPlan(role=role.DATE),
        "note": ColumnPlan(role=role.FREE_TEXT),
        "dx": ColumnPlan(role=role.SENSITIVE),
        "internal": ColumnPlan(role=role.UNDECIDED),
    }
    return TablePlan(columns=columns, criteria=criteria)
