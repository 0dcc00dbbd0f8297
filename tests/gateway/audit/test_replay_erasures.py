"""What the replay says of lists of erased units that go back."""

from __future__ import annotations

import pytest

from gateway.audit.erasure_events import UnitsErased, UnitsReadmitted
from gateway.audit.events import IngestDone
from gateway.audit.findings import Failure
from tests.gateway.audit.test_replay_policy import ONE, TWO, found

BACK = "it goes back to an older list of who was erased"
CHANGED = "it changes a list of who was erased without a new generation"


def erased(generation: int, tombstones: str = ONE) -> UnitsErased:
    return UnitsErased(
        actor="operator",
        dataset="clinic",
        policy=ONE,
        because="request",
        generation=generation,
        tombstones=tombstones,
    )


def readmitted(generation: int, tombstones: str = TWO) -> UnitsReadmitted:
    return UnitsReadmitted(
        actor="operator",
        dataset="clinic",
        policy=ONE,
        because="error",
        generation=generation,
        tombstones=tombstones,
    )


def ingested(generation: int = 0, tombstones: str = "", dataset: str = "clinic") -> IngestDone:
    return IngestDone(
        actor="operator",
        dataset=dataset,
        snapshot="s",
        policy=ONE,
        sealed=ONE,
        generation=generation,
        tombstones=tombstones,
    )


def test_lists_that_go_on_are_sound() -> None:
    assert not found(
        [
            ingested(),
            erased(1),
            ingested(1, ONE),
            ingested(2, TWO),  # of a run that was cut short
            readmitted(3),
            ingested(1, ONE, dataset="other"),
            ingested(),  # of an earlier version
        ]
    )


@pytest.mark.parametrize(
    ("events", "detail"),
    [
        ([erased(2), ingested(1, ONE)], BACK),
        ([erased(2), erased(1)], BACK),
        ([erased(2), ingested(2, TWO)], CHANGED),
        ([erased(2), readmitted(2)], CHANGED),
        ([ingested(2, ONE), erased(2)], CHANGED),
    ],
)
def test_a_list_that_goes_back_is_found(
    events: list[UnitsErased | IngestDone], detail: str
) -> None:
    assert found(events) == [(1, Failure.ERASURE, detail)]
