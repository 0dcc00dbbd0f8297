from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.audit.overview import Level, LogOverview, Overview
from policies.privacy import Measure
from tests.gateway.ledger.worlds import Home, loss, make_charge


def leaf(kind: str, time: str = "2026-05-04T00:00:00.000000Z", **said: Any) -> bytes:  # noqa: ANN401  an entry's fields
    return json.dumps(
        {"kind": kind, "time": time, "seq": 0, "behind_ms": 0, "actor": "ana", **said}
    ).encode()


def overview(*leaves: bytes) -> Overview:
    known = Overview()
    for one in leaves:
        known.take(one)
    return known


def capped(project: str = "", cap: int = 2_000_000) -> bytes:
    return leaf(
        "budget.cap",
        pool="clinic",
        capped_project=project,
        capped_researcher="",
        cap=cap,
        measure="pure",
    )


def charged(pool: str, amount: int, measure: str = "pure") -> bytes:
    who = {"project": "heart", "dataset": "hospital", "purpose": "research", "request": ""}
    return leaf("query.reserve", pool=pool, amount=amount, measure=measure, **who)


def test_charges_are_kept_by_pool_in_the_parameter_of_its_measure() -> None:
    known = overview(charged("b", 100_000), charged("a", 5), charged("b", 300_000))
    pools = known.spent_by(Level.POOL)

    assert list(pools) == [("a",), ("b",)]
    assert [(one.entry, one.amount) for one in pools["b",]] == [
        (0, Decimal(100_000) / Measure.PURE.units),
        (2, Decimal(300_000) / Measure.PURE.units),
    ]
    assert pools["a",][0].measure is Measure.PURE


def test_the_cap_of_a_scope_is_its_newest_and_no_other_scopes() -> None:
    known = overview(capped(), capped("heart", 7), capped(cap=3_000_000))

    assert known.caps == {
        ("clinic",): Decimal(3_000_000) / Measure.PURE.units,
        ("clinic", "heart"): Decimal(7) / Measure.PURE.units,
    }


def test_a_charge_counts_in_one_scope_of_each_level() -> None:
    known = overview(charged("a", 1), charged("a", 2))

    assert [list(known.spent_by(level)) for level in Level] == [
        [("a",)],
        [("a", "heart")],
        [("a", "heart", "ana")],
    ]
    assert len(known.spent_by(Level.RESEARCHER)["a", "heart", "ana"]) == 2


def test_refusals_are_counted_by_week_and_code() -> None:
    sunday, monday = "2026-05-10T23:59:59.999999Z", "2026-05-11T00:00:00.000000Z"
    known = overview(
        leaf("query.deny", sunday, code="A"),
        leaf("query.deny", monday, code="A"),
        leaf("record.deny", monday, code="B"),
        leaf("query.deny", monday, code="A"),
    )

    assert known.denials == {
        (date(2026, 5, 4), "A"): 1,
        (date(2026, 5, 11), "A"): 2,
        (date(2026, 5, 11), "B"): 1,
    }


def test_changes_and_the_newest_time_are_kept() -> None:
    known = overview(
        leaf("policy.activate"), leaf("policy.suspend"), leaf("system.start", "2026-05-06T01:00Z")
    )

    assert [name for _, name in known.changes] == ["activate", "suspend"]
    assert known.last == datetime(2026, 5, 6, 1, tzinfo=UTC)
    assert known.kinds == {"policy.activate": 1, "policy.suspend": 1, "system.start": 1}


def test_only_what_came_since_is_read() -> None:
    entries = [charged("a", 1) for _ in range(2500)]
    asked: list[tuple[int, int]] = []

    def leaves(start: int, end: int) -> Sequence[bytes]:
        asked.append((start, end))
        return entries[start:end]

    log = LogOverview(leaves)
    assert log.read().size == 2500
    assert [start for start, _ in asked] == [0, 1000, 2000, 2500]
    entries.append(capped())
    asked.clear()

    assert log.read().size == 2501
    assert [start for start, _ in asked] == [2500, 2501]


def test_what_was_read_is_not_changed_under_its_reader() -> None:
    def late(n: int) -> bytes:
        return leaf("query.deny", code=f"C{n}", seq=n, behind_ms=5000)

    entries = [late(n) for n in range(2)]
    log = LogOverview(lambda start, end: entries[start:end])
    known = log.read()
    denials, flags = iter(known.denials), iter(known.flags.found.values())
    first = (next(denials), next(flags))
    entries += [late(2), charged("a", 1), capped(), leaf("policy.activate")]
    later = log.read()

    assert len([first[0], *denials]) == len([first[1], *flags]) == 2
    assert (known.size, len(known.charges), known.caps, known.changes) == (2, 0, {}, [])
    assert known.kinds == {"query.deny": 2}
    assert (later.size, len(later.flags.found), later.kinds["query.deny"]) == (6, 3, 3)


def test_an_entry_that_cannot_be_read_is_counted_once_it_can() -> None:
    entries = [leaf("query.reserve", pool="a")]
    log = LogOverview(lambda start, end: entries[start:end])
    for _ in range(2):
        with pytest.raises(KeyError):
            log.read()
    entries[0] = charged("a", 1)

    assert log.read().kinds == {"query.reserve": 1}


def test_the_log_of_a_ledger_is_folded(home: Home) -> None:
    ledger = home.open()
    log = LogOverview(ledger.log.leaves)
    before = log.read().size
    ledger.reserve(make_charge(50_000))

    assert log.read().size == before + 1
    assert len(log.read().charges) >= 1
    assert log.read().charges[-1].amount == loss(50_000).parameter
    ledger.close()
