"""Requests that differ from one that open declarations allow in a single respect each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import strategies as st

from policies.decisions import Access, ColumnUse, QueryFacts
from policies.privacy import Measure, PrivacyLoss
from policies.query_use import Aggregate
from tests.policies.declarations import make_access, make_facts
from tests.policies.layered import CELLS, PURPOSES, some

ACCESS = make_access(day="2026-03-01")
FACTS = make_facts(aggregates=(), loss=PrivacyLoss(measure=Measure.PURE, amount=10_000))
USES = [
    ("patients", "sex", "group"),
    ("patients", "sex", "private_key"),
    ("patients", "sex", "count"),
    ("patients", "sex", "odd"),
    ("patients", "age", "filter"),
    ("patients", "age", "group"),
    ("patients", "age", "join"),
    *(("patients", "age", one.value) for one in Aggregate),
    ("patients", "id", "count_distinct"),
    ("patients", "id", "mean"),
    ("patients", "county", "filter"),
    ("patients", "ssn", "filter"),
    *(("visits", "cost", one.value) for one in Aggregate),
    ("visits", "cost", "private_key"),
    ("visits", "cost", "group"),
    ("visits", "code", "group"),
    ("visits", "patient", "join"),
    ("visits", "patient", "filter"),
    ("visits", "note", "filter"),
    ("visits", "none", "join"),
    ("staff", "name", "filter"),
    ("none", "none", "filter"),
    ("none", "none", "sum"),
]


def _accesses() -> Iterator[Access]:
    for purpose in ("planning", "marketing", "other"):
        yield replace(ACCESS, purpose=purpose)
    for day in ("2025-07-01", "2026-02-10", "2026-02-22", "2026-12-15", "2027-02-15", "2027-11-01"):
        yield make_access(day=day)
    for principal in ("uni|bob", "uni|eve"):
        yield replace(ACCESS, principal=principal)
    yield replace(ACCESS, dataset="other")


def _facts() -> Iterator[QueryFacts]:
    for table, column, way in USES:
        use = ColumnUse(table, column, way)
        yield replace(FACTS, tables=(), uses=(use,), private_keys=int(way == "private_key"))
    for name in ("visits", "staff", "calendar", "none"):
        yield replace(FACTS, tables=(name,))
    for aggregate in Aggregate:
        yield replace(FACTS, aggregates=frozenset({aggregate}))
    for width in range(1, 5):
        yield replace(FACTS, group_columns=width)
    for cells in (0, 2, 11, 101, 1000, 1001):
        yield replace(FACTS, cells=cells)
    for amount in (0, 10_001, 100_001, 500_001, 1_000_001):
        yield replace(FACTS, loss=replace(FACTS.loss, amount=amount))
    for delta in (1, 10**11 + 1, 10**15, 10**16):
        yield replace(FACTS, loss=replace(FACTS.loss, delta=delta))
    yield replace(FACTS, loss=replace(FACTS.loss, measure=Measure.ZCDP))
    yield replace(FACTS, private_keys=1)


BATTERY: tuple[tuple[Access, QueryFacts], ...] = (
    (ACCESS, FACTS),
    *((access, FACTS) for access in _accesses()),
    *((ACCESS, facts) for facts in _facts()),
)


@st.composite
def requests(draw: st.DrawFn) -> tuple[Access, QueryFacts]:
    """Draw a request that open declarations often allow."""
    access = make_access(
        principal=draw(st.sampled_from(["uni|ann", "uni|bob"])),
        purpose=draw(st.sampled_from(PURPOSES)),
        day=draw(st.sampled_from(["2026-03-01", "2026-02-15", "2027-03-01"])),
    )
    uses = draw(st.lists(st.sampled_from(USES), max_size=2))
    facts = make_facts(
        *uses,
        tables=draw(some(("visits", "patients"))),
        aggregates=tuple(draw(st.frozensets(st.sampled_from(Aggregate), max_size=1))),
        shape=(draw(st.integers(0, 3)), draw(CELLS)),
        loss=PrivacyLoss(
            measure=Measure.ZCDP if draw(st.integers(0, 9)) == 9 else Measure.PURE,
            amount=draw(st.sampled_from([10_000, 100_000, 1_000_000, 0])),
            delta=draw(st.sampled_from([0, 10**11, 10**16])),
        ),
    )
    keys = sum(use.way == "private_key" for use in facts.uses)
    return access, replace(facts, private_keys=keys)
