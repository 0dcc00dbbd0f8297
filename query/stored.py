"""Whether what ingest has stored beside each row already bounds what one unit adds.

Rows and groups of a unit are then chosen before any filter. That costs no accuracy where the filter
lets all rows of a unit through or none, so only then is it done unasked. A request may ask for it
under other filters too. What one unit moves is then bounded as without them: the rows that are kept
depend on its own rows alone, a filter only takes some of them away, and each moves a sum by no more
than before (docs/adr/0008, steps 2 and 3). What is lost are rows and groups that would have counted
had those that are filtered out not taken their places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

from policies.datasets import DatasetPolicy, Table
from policies.errors import UnsupportedQueryError
from policies.layout import RANK, group_rank_name, row_rank_name
from policies.privacy import Measure
from query.expressions import ColumnRef, Expression
from query.mechanisms import Sensitivity
from query.question import Function, GroupKey, Question
from query.quoting import quoted
from query.relations import Filter, Join, JoinKind, Relation, Scan

__all__ = ["Kept", "Wanted", "single_table", "stored_bounds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of stored bounds.

    Attributes:
        groups: Groups that one unit may add to.
        rows: Rows of one unit that may count in each.
        before_filter: Whether rows may be chosen before a filter that lets some through; None
            where nothing was said.
    """

    groups: int
    rows: int
    before_filter: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Rows that count, by what is stored beside them.

    Attributes:
        alias: Our name of the table that has the columns.
        most: Stored columns, and the largest value that a row's may have.
        groups: Groups that one unit is in at most.
        rows: Rows of one unit in one group at most.
        total: Rows of one unit in all groups at most.
        first_row: The column that is 1 in one row of each unit and group; None where none is.
        mode: How, in words.
        losses: What that may cost, a sentence each.
    """

    alias: str
    most: tuple[tuple[str, int], ...]
    groups: int
    rows: int
    total: int
    first_row: str | None
    mode: str
    losses: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[str, ...]:
        """What holds of the rows that count, in SQL."""
        return tuple(f"{self.alias}.{quoted(column)} <= {most}" for column, most in self.most)

    def reasons(self, unit: str) -> tuple[str, ...]:
        """Say what holds of the rows of one unit, and what was lost for it."""
        counted = f"at most {self.total} rows of one {unit} count, chosen when they were stored"
        return f"{counted} ({self.mode})", *self.losses


def stored_bounds(
    question: Question, keys: tuple[int, ...], dataset: DatasetPolicy, wanted: Wanted
) -> Kept | None:
    """Return what stored columns keep, or None where rows have to be bounded when asked.

    Args:
        question: What is asked.
        keys: Places of the keys of the grouping set.
        dataset: What is declared.
        wanted: How much one unit may add, and whether some may be lost to a filter.

    Raises:
        UnsupportedQueryError: If the policy pins the other way of bounding than was asked for.
    """
    only = _only_table(question)
    if only is None:
        return None
    found, conditions = only
    table = dataset.tables[found.table]
    early = _pinned(found.table, table.contribution.bounding, wanted.before_filter)
    if table.contribution.bounding == "exact" or table.max_rows_per_unit == 1:
        return None
    filtered = not all(one.domain.unit_constant for one in (*conditions, *_deciding(question)))
    if filtered and not early:
        return None
    rows = _Rows(
        scan=found,
        table=table,
        keys=tuple(
            question.keys[key]
            for key in keys
            if not question.keys[key].expression.domain.unit_constant
        ),
    )
    ways = (*_profiles(rows, wanted), *_first_rows(rows))
    kept = next((one for one in ways if _no_worse(one, wanted, dataset.measure)), None)
    return _under_filter(kept) if kept is not None and filtered else kept


def _pinned(table: str, policy: str | None, asked: bool | None) -> bool:  # noqa: FBT001  three-valued
    """Return whether rows may be chosen before a filter, as the policy has it or as was asked."""
    if policy is None or asked is None:
        return policy == "stored" if asked is None else asked
    if asked is not (policy == "stored"):
        raise UnsupportedQueryError(
            f"bounding is {policy} for {table}, by its policy",
            code="SQL-BOUND",
            remedy="leave bounding out",
        )
    return asked


def _under_filter(kept: Kept) -> Kept:
    """A unit's first row of a group may be filtered out, and say nothing of the others."""
    lost = (
        "they were chosen before the filter, as was asked for or is the policy: fewer may count "
        "than without that"
    )
    return replace(kept, first_row=None, losses=(lost,))


def single_table(question: Question) -> str | None:
    """Return our name of the one table of which each row stands in the question at most once."""
    only = _only_table(question)
    return None if only is None else only[0].alias


def _only_table(question: Question) -> tuple[Scan, list[Expression]] | None:
    """Return the one table of which a unit has several rows, and what decides which of them stay.

    Each row stands once; None where there is no such table.
    """
    relation: Relation = question.relation
    conditions: list[Expression] = []
    while not isinstance(relation, Scan):
        match relation:
            case Filter():
                conditions.append(relation.condition)
                relation = relation.source
            case Join() if relation.repeats_none:
                if relation.condition is not None and relation.kind is JoinKind.INNER:
                    conditions.append(relation.condition)
                relation = relation.left
            case _:
                return None
    return None if relation.unit is None or relation.cap is not None else (relation, conditions)


def _deciding(question: Question) -> Iterator[Expression]:
    """Yield what decides which rows an aggregate takes."""
    for call in question.aggregates:
        if call.where is not None:
            yield call.where
        if call.function is Function.COUNT_UNITS:  # a unit may be there in some of its rows only
            yield from call.args


def _profiles(rows: _Rows, wanted: Wanted) -> Iterator[Kept]:
    """Keep each unit's first groups, and their first rows; of profiles with just these groups."""
    for name, profile in rows.table.release_profiles.items():
        groups = min(wanted.groups, rows.cells)
        if not rows.are_grouped_by(profile.groups) or profile.max_groups < groups:
            continue
        first_row = row_rank_name(name)
        total = groups * wanted.rows
        if rows.stored is not None:
            total = min(total, rows.stored)
        yield Kept(
            alias=rows.scan.alias,
            most=(
                (group_rank_name(name), min(wanted.groups, profile.max_groups)),
                (first_row, wanted.rows),
            ),
            groups=min(groups, total),
            rows=min(wanted.rows, total),
            total=total,
            first_row=first_row,
            mode="release profile",
        )


def _first_rows(rows: _Rows) -> Iterator[Kept]:
    """Keep each unit's first rows, in whatever groups they are."""
    most = rows.table.contribution.max_rows
    if most is None or (rows.stored is not None and rows.stored <= most):
        return
    yield Kept(
        alias=rows.scan.alias,
        most=((RANK, most),),
        groups=min(rows.cells, most),
        rows=most,
        total=most,
        first_row=None,
        mode="first rows per unit",
    )


def _no_worse(kept: Kept, wanted: Wanted, measure: Measure) -> bool:
    """Say whether no more noise is needed than where rows are bounded when asked."""
    exact = Sensitivity(groups=wanted.groups, per_group=wanted.rows)
    stored = Sensitivity(groups=kept.groups, per_group=kept.rows, total=kept.total)
    return stored.l1 <= exact.l1 if measure is Measure.PURE else stored.l2 <= exact.l2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The rows that are grouped; each stands once.

    Attributes:
        scan: Where they are read.
        table: Its declaration.
        keys: The group keys that are not facts of the unit, such as the unit's sex is.
    """

    scan: Scan
    table: Table
    keys: tuple[GroupKey, ...]

    @property
    def cells(self) -> int:
        """Groups in which one unit can be; 1 or more."""
        return prod(key.size for key in self.keys)

    @property
    def stored(self) -> int | None:
        """Rows of one unit at most, as ingest has checked; None where nothing is proved."""
        return self.table.max_rows_per_unit

    def are_grouped_by(self, columns: tuple[str, ...]) -> bool:
        """Say whether the keys are these columns as they are, each once, and nothing else."""
        expressions = [key.expression for key in self.keys]
        found = [
            one.column
            for one in expressions
            if isinstance(one, ColumnRef) and one.alias == self.scan.alias
        ]
        return len(found) == len(expressions) and sorted(found) == sorted(columns)
