"""Whether what ingest has stored beside each row already bounds what one unit adds.

Rows and groups of a unit are then chosen before any filter. That costs no accuracy where the filter
lets all rows of a unit through or none, so only then is it done unasked. A request may ask for it
under other filters too. What one unit moves is then bounded as without them: the rows that are kept
depend on its own rows alone, a filter only takes some of them away, and each moves a sum by no more
than before (docs/adr/0008, steps 2 and 4). What is lost are rows and groups that would have counted
had those that are filtered out not taken their places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policies.datasets import DatasetPolicy
from policies.errors import UnsupportedQueryError
from policies.privacy import Measure
from query.expressions import ColumnRef, Expression
from query.mechanisms import Sensitivity
from query.modes import Added, Entry, Grouping, Key, Mode, Way, ways_of
from query.question import Function, Question
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
    if table.contribution.bounding == "exact":
        return None
    filtered = not all(one.domain.unit_constant for one in (*conditions, *_deciding(question)))
    if filtered and not early:
        return None
    expressions = [question.keys[key] for key in keys]
    varying = [key for key in expressions if not key.expression.domain.unit_constant]
    cells = 1
    for key in varying:
        cells *= key.size
    grouping = Grouping(
        table=table,
        keys=tuple(_key(key.expression, found) for key in varying),
        cells=cells,
    )
    limits = (wanted.groups, wanted.rows)
    bounds = replace(table.contribution, max_groups=limits[0], max_rows_per_group=limits[1])
    for way in ways_of(grouping, (Entry(added=Added.ROWS),), bounds):
        if _loses_nothing(way, grouping, limits):
            kept = _kept(way, found, limits, dataset.measure)
            if kept is not None:
                return _under_filter(kept) if filtered else kept
    return None


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


def _loses_nothing(way: Way, grouping: Grouping, limits: tuple[int, int]) -> bool:
    """Say whether a profile has just the groups that are asked for, and as many of a unit."""
    if way.profile is None:
        return True
    profile = grouping.table.release_profiles[way.profile]
    shown = {column for key in grouping.keys if key.plain for column in key.columns}
    same = shown == set(profile.groups) and len(grouping.keys) == len(profile.groups)
    return same and profile.max_groups >= min(limits[0], grouping.cells)


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
            case Join(kind=JoinKind.INNER | JoinKind.LEFT) if _meets_one(relation):
                if relation.condition is not None and relation.kind is JoinKind.INNER:
                    conditions.append(relation.condition)
                relation = relation.left
            case _:
                return None
    return None if relation.unit is None or relation.cap is not None else (relation, conditions)


def _meets_one(join: Join) -> bool:
    return join.finds_one or (join.right.unit is not None and join.right.max_rows == 1)


def _deciding(question: Question) -> Iterator[Expression]:
    """Yield what decides which rows an aggregate takes."""
    for call in question.aggregates:
        if call.where is not None:
            yield call.where
        if call.function is Function.COUNT_UNITS:  # a unit may be there in some of its rows only
            yield from call.args


def _key(expression: Expression, scan: Scan) -> Key:
    plain = isinstance(expression, ColumnRef) and expression.alias == scan.alias
    name = expression.column if isinstance(expression, ColumnRef) and plain else ""
    return Key(columns=frozenset({name}), plain=plain)


def _kept(way: Way, scan: Scan, limits: tuple[int, int], measure: Measure) -> Kept | None:
    (moved,) = way.movements
    exact = Sensitivity(groups=limits[0], per_group=limits[1])
    stored = Sensitivity(groups=moved.groups, per_group=moved.per_group, total=moved.total)
    worse = stored.l1 > exact.l1 if measure is Measure.PURE else stored.l2 > exact.l2
    profile = way.mode is Mode.PROFILE
    if worse or not way.kept or (not profile and way.mode is not Mode.ROW_CAP):
        return None
    return Kept(
        alias=scan.alias,
        most=way.kept,
        groups=moved.groups,
        rows=moved.per_group,
        total=moved.total,
        first_row=way.kept[1][0] if profile else None,
        mode=way.mode.value,
    )
