"""What the replay says of activations, stops and what is charged in spite of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.audit.entries import Entry, Stamp
from gateway.audit.events import (
    Event,
    PolicyActivated,
    PolicyResumed,
    PolicySuspended,
    QueryReserved,
)
from gateway.audit.findings import Failure
from gateway.audit.replay import Replay

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
PAIR = "a" * 16 + " " + "b" * 16


def found(events: Sequence[Event]) -> list[tuple[int, Failure, str]]:
    replay = Replay()
    return [
        (index, finding.failure, finding.detail)
        for index, event in enumerate(events)
        for finding in replay.take(
            index,
            Entry(
                Stamp(seq=index, time=f"2026-11-21T12:00:{index:02}.000000Z", behind_ms=0, boot="b",
                      mono=index),
                event,
            ),
        )
    ]  # fmt: skip


def activated(policy: str = ONE, **fields: str) -> PolicyActivated:
    return PolicyActivated(
        **{"actor": "operator", "policy": policy, "approvals": "required", "change": "widens",
           "signers": PAIR, **fields}
    )  # fmt: skip


def stopped(what: str = "dataset/clinic", signers: str = PAIR[:16]) -> PolicySuspended:
    return PolicySuspended(
        actor="operator", policy=ONE, suspended=what, because="error", signers=signers
    )


def resumed(ref: int, signers: str = PAIR) -> PolicyResumed:
    return PolicyResumed(
        actor="operator", policy=ONE, suspended="dataset/clinic", ref=ref, signers=signers
    )


def reserved(**fields: Any) -> QueryReserved:  # noqa: ANN401  any field
    return QueryReserved(
        **{"query_id": "q", "actor": "ann", "project": "heart", "purpose": "care",
           "dataset": "clinic", "snapshot": "s", "policy": ONE, "asked": "", "request": "",
           "request_digest": "", "cache_key": "", "pool": "p", "measure": "pure", "amount": 1,
           "delta": "0", **fields}
    )  # fmt: skip


def details(events: Sequence[Event]) -> list[str]:
    return [detail for _, _, detail in found(events)]


def test_what_was_signed_as_it_has_to_be_is_sound() -> None:
    events = (
        activated(),
        stopped(),
        resumed(1),
        stopped(),
        activated(TWO, replaces=ONE, change="narrows", signers=PAIR[:16]),
        activated(ONE, replaces=TWO, approvals="none"),
        activated(TWO, replaces=ONE, approvals="none", signers=""),
    )

    assert found(events) == []


def test_too_few_signers_are_found() -> None:
    few = "fewer have signed than have to"
    same = f"{PAIR[:16]} {PAIR[:16]}"

    for events in (
        (activated(signers=""),),
        (activated(signers=PAIR[:16]),),
        (activated(signers=same),),
        (activated(), activated(TWO, replaces=ONE, change="neutral", signers="")),
        (activated(), activated(TWO, replaces=ONE, approvals="none", signers="")),
        (activated(), stopped(signers="")),
        (activated(), stopped(), resumed(1, PAIR[:16])),
    ):
        (finding,) = found(events)
        assert finding == (len(events) - 1, Failure.APPROVAL, few)


def test_an_activation_replaces_what_is_in_force() -> None:
    assert details((activated(replaces=TWO),)) == ["it replaces declarations that are not in force"]


def test_stops_and_resumptions_take_turns() -> None:
    assert details((activated(), stopped(), stopped())) == ["it suspends what is suspended"]
    assert details((activated(), resumed(0))) == [
        "it resumes what was not suspended at its reference"
    ]
    assert details((activated(), stopped(), resumed(0))) == [
        "it resumes what was not suspended at its reference"
    ]


def test_a_charge_of_what_is_suspended_is_found() -> None:
    said = "it charges what is suspended"

    assert said in details((activated(), stopped(), reserved()))
    assert said in details((activated(), stopped("project/heart"), reserved()))
    assert said not in details((activated(), stopped("project/lung"), reserved()))
    assert said not in details((activated(), stopped(), resumed(1), reserved()))
