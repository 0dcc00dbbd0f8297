"""What the replay says of releases of records that the log alone shows to be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from gateway.audit.erasure_events import UnitsErased
from gateway.audit.events import (
    Event,
    RecordsApproved,
    RecordsChecked,
    RecordsDestroyed,
    RecordsExported,
    RecordsRequested,
)
from gateway.audit.findings import Failure
from tests.gateway.audit.test_replay_policy import PAIR, activated, found, stopped

MANIFEST, OTHER = "sha256:" + "3" * 64, "sha256:" + "4" * 64
ONE, TWO = PAIR.split()
ABOUT = {"actor": "operator", "policy": OTHER, "release": "r", "manifest": MANIFEST, "ref": 1}


def requested(**fields: Any) -> RecordsRequested:  # noqa: ANN401  any field
    return RecordsRequested(
        **{"actor": "ann", "project": "heart", "purpose": "care", "dataset": "clinic",
           "snapshot": "1", "policy": OTHER, "release": "r", "recipient": "ann",
           "manifest": MANIFEST, "plan": OTHER, "min_k": 5, "min_l": 1, "max_t": "",
           "max_left_out": "0", "until": "2027-01-01", **fields}
    )  # fmt: skip


def approved(signers: str, **fields: Any) -> RecordsApproved:  # noqa: ANN401  any field
    return RecordsApproved(**{**ABOUT, "signers": signers, **fields})


def checked(verdict: str = "passed", **fields: Any) -> RecordsChecked:  # noqa: ANN401  any field
    return RecordsChecked(**{**ABOUT, "signers": ONE, "verdict": verdict, **fields})


def exported(signers: str = PAIR, **fields: Any) -> RecordsExported:  # noqa: ANN401  any field
    return RecordsExported(**{**ABOUT, "signers": signers, **fields})


def destroyed(**fields: Any) -> RecordsDestroyed:  # noqa: ANN401  any field
    return RecordsDestroyed(**{**ABOUT, **fields})


def under_other(events: Sequence[Event]) -> list[tuple[int, Failure, str]]:
    """Return what is wrong with events while declarations with that digest are in force."""
    events = (activated(OTHER), *events)
    return [(index - 1, failure, detail) for index, failure, detail in found(events)]


def erased(generation: int = 1, dataset: str = "clinic") -> UnitsErased:
    return UnitsErased(actor="operator", dataset=dataset, policy=OTHER, because="request",
                       generation=generation, tombstones=OTHER)  # fmt: skip


APPROVED = (requested(), approved(ONE), approved(TWO))


def test_a_release_that_two_approved_is_sound() -> None:
    assert under_other([*APPROVED, exported(), exported(), destroyed()]) == []
    assert under_other([requested(), destroyed()]) == []
    again = (requested(erased=2), approved(ONE, ref=3), approved(TWO, ref=3))
    assert under_other([erased(), erased(2), *again, erased(dataset="ward"), exported(ref=3)]) == []
    assert under_other([*APPROVED, erased(), destroyed()]) == []
    read = (requested(sample=9), checked(), approved(ONE), approved(TWO))
    assert under_other([*read, checked(), exported()]) == []


WRONG: tuple[tuple[tuple[Event, ...], int, Failure], ...] = (
    ((requested(), exported()), 1, Failure.APPROVAL),
    ((requested(), approved(ONE), exported(ONE)), 2, Failure.APPROVAL),
    ((requested(), approved(ONE), exported(f"{ONE} {ONE}")), 2, Failure.APPROVAL),
    ((requested(), approved(ONE), exported()), 2, Failure.APPROVAL),
    ((requested(sample=9), approved(ONE)), 1, Failure.APPROVAL),
    ((requested(sample=9), checked("failed"), checked(), approved(ONE)), 3, Failure.APPROVAL),
    ((requested(sample=9), checked(manifest=OTHER)), 1, Failure.LIFECYCLE),
    ((requested(), approved(ONE), exported(), approved(TWO)), 2, Failure.APPROVAL),
    ((*APPROVED, exported(manifest=OTHER)), 3, Failure.LIFECYCLE),
    ((*APPROVED, exported(ref=2)), 3, Failure.LIFECYCLE),
    ((requested(), approved(ONE, manifest=OTHER), approved(TWO)), 1, Failure.LIFECYCLE),
    ((approved(ONE),), 0, Failure.LIFECYCLE),
    ((requested(), requested()), 1, Failure.LIFECYCLE),
    ((*APPROVED, destroyed(), exported()), 4, Failure.LIFECYCLE),
    ((*APPROVED, destroyed(), destroyed()), 4, Failure.LIFECYCLE),
    ((stopped(), requested()), 1, Failure.POLICY),
    ((stopped("project/heart"), requested()), 1, Failure.POLICY),
    ((*APPROVED, stopped(), exported()), 4, Failure.POLICY),
    ((requested(policy=MANIFEST),), 0, Failure.POLICY),
    ((*APPROVED, exported(policy=MANIFEST)), 3, Failure.POLICY),
    ((*APPROVED, erased(), exported()), 4, Failure.POLICY),
    ((requested(), erased(), approved(ONE)), 2, Failure.POLICY),
    ((erased(), erased(2), requested(erased=1)), 2, Failure.POLICY),
)


@pytest.mark.parametrize(("events", "index", "failure"), WRONG)
def test_what_is_wrong_with_a_release_is_found_where_it_stands(
    events: tuple[Event, ...], index: int, failure: Failure
) -> None:
    findings = under_other(events)

    assert [(one, each) for one, each, _ in findings] == [(index, failure)]
    assert all(detail for _, _, detail in findings)
