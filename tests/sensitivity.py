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
from query.bound import Asked, bound, cells_of, price_asked
from query.compile import compile_plan
from query.parse import parse
from query.plan import Plan
from query.relations import Scan
from query.traversal import scans
from query.release import Vectors, exact_vectors
from tests.fakes import DuckDbMemoryEngine, StoredRows
from tests.reference import reference_vectors
from tests.row_functions import OutsideCalendarError
from tests.strategies import queries
from tests.wards import databases, make_ward

__all__ = ["MAX_CELLS", "NARROW", "TIGHT", "WIDE", "Case", "cases", "check", "plan_of"]

MAX_CELLS = 2_000
MAX_ROWS = 1_000_000
MAX_PAIRS = 200_000
TIGHT = make_ward(max_groups=1, max_rows_per_group=1)
NARROW = make_ward(max_groups=2, max_rows_per_group=3)
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
        return f"{self.sql!r} {self.asked} {self.suppress_below} {bounds} {rows}"

    @property
    def units(self) -> int:
        """How many privacy units the database has."""
        return len(self.rows["patients"])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a database, a question, its bounds and whether small cells are withheld."""
    return Case(
        dataset=draw(st.sampled_from([TIGHT, NARROW, WIDE])),
        rows=draw(databases()),
        sql=draw(queries()),
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
        return bound(question, case.dataset, duties, price, case.asked)[0]
    except UnsupportedQueryError:
        return None


def check(case: Case, *, against_reference: bool = True) -> int:
    """Check one case; return the number of neighbors that were compared, 0 if it is refused."""
    plan = plan_of(case)
    if plan is None or _joined_rows(plan, case)[0] > MAX_ROWS:
        return 0
    engine = DuckDbMemoryEngine(case.dataset, case.rows)
    try:
        statement = compile_plan(plan)
        whole = exact_vectors(plan, engine.run(statement))
        if against_reference and _joined_rows(plan, case)[1] <= MAX_PAIRS:
            _check_reference(case, plan, whole)
        for unit in range(case.units):
            with engine.without(unit):
                rest = exact_vectors(plan, engine.run(statement))
            _check_moves(plan, whole, rest)
    finally:
        engine.close()
    return case.units


def _joined_rows(plan: Plan, case: Case) -> tuple[int, int]:
    """Bound the rows that the joins make, and the pairs that nested loops look at on the way."""
    first, *others = scans(plan.question.relation)
    rows, pairs = _rows_by_unit(first, case), 0
    for scan in others:
        pairs += sum(rows) * len(case.rows[scan.table])
        rows = [a * max(b, 1) for a, b in zip(rows, _rows_by_unit(scan, case), strict=True)]
    return sum(rows), pairs


def _rows_by_unit(scan: Scan, case: Case) -> list[int]:
    rows = case.rows[scan.table]
    if scan.unit is None:
        return [len(rows)] * case.units
    counts = Counter(row[scan.unit.column] for row in rows)
    return [counts[unit] for unit in range(case.units)]


def _check_reference(case: Case, plan: Plan, whole: Vectors) -> None:
    try:
        expected = reference_vectors(plan, case.dataset, case.rows)
    except OutsideCalendarError:  # only the engine can say what such a date is
        return
    assert whole == expected


def _check_moves(plan: Plan, whole: Vectors, rest: Vectors) -> None:
    assert [len(vector) for vector in whole] == [len(vector) for vector in rest]
    for statistic, before, after in zip(plan.statistics, whole, rest, strict=True):
        stated = plan.bounds.sensitivity(statistic)
        moves = _moves(before, after)
        assert len(moves) <= stated.groups
        assert max(moves, default=0) <= stated.per_group
        assert sum(moves) <= stated.l1
        assert math.sqrt(sum(move * move for move in moves)) <= stated.l2
        assert all(abs(value) < 2**62 for value in (*before, *after))


def _moves(before: Sequence[int], after: Sequence[int]) -> list[int]:
    return [abs(a - b) for a, b in zip(before, after, strict=True) if a != b]
