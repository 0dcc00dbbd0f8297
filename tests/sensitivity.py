"""Remove each privacy unit in turn, and see how far the exact vectors move."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import strategies as st

from policies.datasets import DatasetPolicy
from policies.decisions import SuppressBelow
from policies.errors import UnsupportedQueryError
from query.bound import Asked, bound, cells_of, price_asked, with_keys_delta
from query.compile import compile_plan
from query.parse import parse
from query.plan import Plan, StatisticKind
from query.release import Vectors, exact_vectors
from tests.fakes import DuckDbMemoryEngine, StoredRows
from tests.keyed import allow_keys
from tests.keyed_vectors import ByKey, aligned, by_key, candidates, shown
from tests.proofs import check_proofs, check_unmoved, seen, views_of
from tests.reference import OutsideReferenceError, reference_by_key, reference_vectors
from tests.strategies import queries
from tests.wards import databases, make_ward

__all__ = [
    "MAX_CELLS",
    "NARROW",
    "TIGHT",
    "WIDE",
    "Case",
    "cases",
    "check",
    "check_moves",
    "plan_of",
]

MAX_CELLS = 2_000
MAX_ENTRIES = 20_000
MAX_SHOWN = 9_000
"""Characters of a failing case."""
TIGHT = make_ward(max_groups=1, max_rows_per_group=1)
NARROW = make_ward(max_groups=2, max_rows_per_group=3)
KEYED = allow_keys(NARROW, max_units=150_000)
"""Keys without a public domain are selected, from those of three units or more."""
WIDE = make_ward(max_groups=20, max_rows_per_group=20)
"""Wide enough that what is proved, and not what is enforced, holds the sensitivity."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question about one database."""

    dataset: DatasetPolicy
    rows: StoredRows
    sql: str
    asked: Asked = field(default_factory=Asked)
    suppress_below: int = 0

    def __repr__(self) -> str:
        rows = {name: rows for name, rows in self.rows.items() if name != "codes"}
        bounds = self.dataset.tables["visits"].contribution
        text = f"{self.sql!r} {self.asked} {self.suppress_below} {bounds} {rows}"
        return text[:MAX_SHOWN]

    @property
    def units(self) -> int:
        """How many privacy units the database has."""
        return len(self.rows["patients"])


@st.composite
def cases(draw: st.DrawFn, rows: Sequence[StoredRows] = (), *, private: bool = False) -> Case:
    """Draw a question, its bounds, whether small cells are withheld, and a database.

    Args:
        draw: Of Hypothesis.
        rows: Databases to choose from; none for new ones.
        private: Whether group keys may have no public domain.
    """
    wards = [KEYED] if private else [TIGHT, NARROW, WIDE, WIDE]
    return Case(
        dataset=draw(st.sampled_from(wards)),
        rows=draw(st.sampled_from(rows) if rows else databases()),
        sql=draw(queries(private=private)),
        asked=draw(st.sampled_from([Asked(), Asked(max_groups=1), Asked(max_rows_per_group=1)])),
        suppress_below=draw(st.sampled_from([0, 5])),
    )


def plan_of(case: Case) -> Plan | None:
    """Return the plan, or None where the question is refused or has too many cells for a test."""
    try:
        question = parse(case.sql, case.dataset)
        if cells_of(question) > MAX_CELLS:
            return None
        duties = (SuppressBelow(case.suppress_below),) if case.suppress_below else ()
        price = price_asked(case.dataset, Decimal("0.5"))
        price = with_keys_delta(price, question, case.dataset, None)
        plan = bound(question, case.dataset, duties, price, case.asked)[0]
        compile_plan(plan)
    except UnsupportedQueryError:
        return None
    entries = sum(part.cells * one.entries for part in plan.parts for one in part.statistics)
    return plan if entries <= MAX_ENTRIES else None


def check(
    case: Case, engine: DuckDbMemoryEngine | None = None, tally: Counter[str] | None = None
) -> int:
    """Check one case; return the number of neighbors that were compared, 0 if it is refused.

    Args:
        case: What is asked of which database.
        engine: One that has the database already; else one is made and closed.
        tally: Counts what was done.
    """
    counts: Counter[str] = Counter() if tally is None else tally
    counts["questions"] += 1
    plan = plan_of(case)
    if plan is None:
        counts["refused"] += 1
        return 0
    own = DuckDbMemoryEngine(case.dataset, case.rows) if engine is None else engine
    try:
        if not _is_planned(plan, own):
            counts["refused by the engine"] += 1
            return 0
        _check_plan(case, plan, own, counts)
    finally:
        if engine is None:
            own.close()
    counts["neighbors"] += case.units
    return case.units


def _is_planned(plan: Plan, engine: DuckDbMemoryEngine) -> bool:
    """Say whether the engine takes the statements, which it tells before anything is charged."""
    try:
        for statement in compile_plan(plan):
            engine.prepare(statement.sql)
    except UnsupportedQueryError as error:
        if error.code != "SQL-ENGINE":
            raise
        return False
    return True


def _check_plan(case: Case, plan: Plan, engine: DuckDbMemoryEngine, counts: Counter[str]) -> None:
    if plan.is_keyed:
        _check_keys(case, plan, engine, counts)
    else:
        whole = _vectors(plan, engine)
        counts["reference"] += _agrees(case, plan, whole)
        for unit in range(case.units):
            with engine.without(unit):
                check_moves(plan, whole, _vectors(plan, engine))
    views = {view.sql: view for view in views_of(plan)}
    found = {view: rows for view in views.values() if (rows := seen(engine, view)) is not None}
    for view, rows in found.items():
        check_proofs(view, rows)
    counts["relations"] += len(found)
    # one neighbor is enough for the rows: a dependence on others shows in any of those who stay
    removed = len(case.sql) % case.units
    salt = next(row["__salt"] for row in case.rows["patients"] if row["patient_id"] == removed)
    with engine.without(removed):
        for view, rows in found.items():
            rest = seen(engine, view)
            assert rest is not None
            check_unmoved(view, rows, rest, salt)


def _check_keys(case: Case, plan: Plan, engine: DuckDbMemoryEngine, counts: Counter[str]) -> None:
    """Check how far the vectors move, and the counts that keys are selected by."""
    counts["keyed"] += 1
    (part,) = plan.parts
    whole, chosen = by_key(plan, engine), candidates(plan, engine)
    counts["reference"] += _keys_agree(case, plan, whole)
    for unit in range(case.units):
        with engine.without(unit):
            rest, left = by_key(plan, engine), candidates(plan, engine)
        check_moves(plan, *aligned(plan, whole, rest))
        moves = {key: chosen.counts.get(key, 0) - left.counts.get(key, 0) for key in whole}
        assert set(chosen) | set(left) <= set(whole)
        assert all(0 <= move <= 1 for move in moves.values())
        assert sum(moves.values()) <= part.bounds.max_groups
    for key, ((units, *_), *_) in whole.items():
        assert chosen.counts.get(key, 0) == max(units - part.least + 1, 0)
        assert key not in chosen or chosen[key] == whole[key][1:]


def _keys_agree(case: Case, plan: Plan, whole: ByKey) -> bool:
    try:
        expected = reference_by_key(plan, case.rows)
    except OutsideReferenceError:
        return False
    assert shown(plan, whole) == expected
    return True


def _vectors(plan: Plan, engine: DuckDbMemoryEngine) -> Vectors:
    statements = compile_plan(plan)
    return exact_vectors(plan, statements, [engine.run(one.sql) for one in statements])


def _agrees(case: Case, plan: Plan, whole: Vectors) -> bool:
    """Compare with the reference, where that knows all that is asked."""
    try:
        expected = reference_vectors(plan, case.dataset, case.rows)
    except OutsideReferenceError:
        return False
    assert whole == expected
    return True


def check_moves(plan: Plan, whole: Vectors, rest: Vectors) -> None:
    """Check that what one unit moved is within what is stated of every statistic."""
    assert [len(vector) for vector in whole] == [len(vector) for vector in rest]
    pairs = zip(whole, rest, strict=True)
    for part in plan.parts:
        for statistic in part.statistics:
            before, after = next(pairs)
            stated = part.bounds.sensitivity(statistic)
            moves = [abs(a - b) for a, b in zip(before, after, strict=True) if a != b]
            if statistic.kind is not StatisticKind.BUCKETS:
                assert len(moves) <= stated.groups
            assert max(moves, default=0) <= stated.per_group
            assert sum(moves) <= stated.l1
            assert math.sqrt(sum(move * move for move in moves)) <= stated.l2 * (1 + 1e-12)
            assert all(abs(value) < 2**62 for value in (*before, *after))
    assert next(pairs, None) is None
