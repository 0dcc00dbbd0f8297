"""FROM, JOIN and WHERE: who owns the joined rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from sqlglot import exp

from query.domains import UNIT, Domain, Kind
from query.expressions import Expression, SubQuery, SubQueryForm, conjuncts, walk
from query.functions import FUNCTIONS
from query.parse.asof import single_neighbors
from query.parse.join_kinds import check_sides, kind_of, shared_columns, two_units, unit_of
from query.parse.laterals import lateral
from query.parse.leaves import condition_of, is_unit
from query.parse.named import Source
from query.parse.outcomes import Released
from query.parse.pairing import (
    and_parts,
    finds_one,
    is_equality,
    is_key_pair,
    pairs_all,
    pairs_units,
)
from query.parse.released_from import of_values, released_from
from query.parse.released_joins import ReleasedFrom
from query.parse.row_caps import capped, capped_inside
from query.parse.row_limits import row_limit
from query.parse.scopes import Scope
from query.parse.sources import source_of
from query.parse.sqltext import only, refusal
from query.parse.written import nothing
from query.relations import Filter, Join, JoinKind, Relation
from query.traversal import references

__all__ = ["relation_of"]


def relation_of(select: exp.Select, scope: Scope) -> Relation | ReleasedFrom:
    """Read FROM, JOIN and WHERE; of released rows, only FROM and JOIN.

    Raises:
        UnsupportedQueryError: If a join mixes rows of two units, or released numbers and rows.
    """
    start = select.args.get("from_")
    if start is None:
        return _without_from(select, scope)
    joins = select.args.get("joins") or []
    where = select.args.get("where")
    first = source_of(start.this, scope)
    found = [(join, _item(join, scope)) for join in joins]
    if any(isinstance(one, Released) for one in (first, *(one for _, one in found))):
        return released_from(start.this, first, found)
    assert isinstance(first, Source)  # noqa: S101  nothing is released here
    scope.add(first, start.this)
    joined = _Joined(scope=scope, relation=first.relation, where=where)
    for join, one in found:
        joined.take(join, one)
    relation = scope.joined = capped(joined.relation, start.this)
    if where is None:
        return relation
    condition = condition_of(where.this, scope)
    _restrict(scope, relation, condition)
    limit = row_limit(scope, relation, condition)
    return Filter(source=relation, condition=condition, limit=limit)


def _without_from(select: exp.Select, scope: Scope) -> Relation | ReleasedFrom:
    """Read one row of constants, or of values that are released each by itself."""
    released = scope.parent is None and any(one.find(exp.Select) for one in select.expressions)
    return of_values() if released else nothing(select, scope)


def _item(join: exp.Join, scope: Scope) -> Source | Released | None:
    """Read what is joined; None for a LATERAL sub-query, which is read after what is before it."""
    if isinstance(join.this, exp.Lateral):
        return None
    if join.method == "ASOF":
        single_neighbors(join)
    return source_of(join.this, scope)


def _restrict(scope: Scope, relation: Relation, condition: Expression) -> None:
    """Take in whether a condition holds the rows to the unit of the row outside."""
    if relation.unit is None or scope.parent is None:
        return
    outside = scope.parent.all_aliases
    pairs = [part.args for part in conjuncts(condition) if is_equality(part)]
    scope.restricted = any(
        is_unit(one, scope.aliases) and is_unit(other, outside)
        for pair in pairs
        for one, other in (pair, pair[::-1])
    )


@dataclass(slots=True, kw_only=True)
class _Joined:
    """The relations of FROM, joined from left to right."""

    scope: Scope
    relation: Relation
    where: exp.Where | None

    def take(self, node: exp.Join, found: Source | Released | None) -> None:
        """Join one more relation."""
        if isinstance(node.this, exp.Lateral):
            condition = lateral(node, self.scope)
            if condition is not None:
                self.relation = Filter(source=self.relation, condition=condition)
            return
        assert isinstance(found, Source)  # noqa: S101  nothing is released here
        only(node, "this", "on", "using", "side", "kind", "method")
        earlier = tuple(self.scope.sources)
        if node.method == "NATURAL":
            node.set("using", shared_columns(node, earlier, found))
        kind = kind_of(node)
        self.scope.add(found, node)
        condition = self._condition(node, earlier, found)
        if kind in {"SEMI", "ANTI"}:
            assert condition is not None  # noqa: S101  else it would be of no known kind
            self._keep_matching(node, found, condition, kind)
            return
        self._join(node, found, condition, JoinKind[kind])

    def _join(
        self, node: exp.Join, source: Source, condition: Expression | None, kind: JoinKind
    ) -> None:
        left, right, notes = self.relation, source.relation, []
        check_sides(node, kind, left, right, computed=bool(self.scope.laterals))
        if left.unit is not None and right.unit is not None:
            condition, note = self._same_unit(node, source, condition)
            notes = [note] if note else []
        right_alias = frozenset({source.alias})
        here = self.scope.aliases - right_alias
        is_pair = condition is not None and pairs_all(condition, here, right_alias, kind)
        by_key = kind in {JoinKind.ASOF, JoinKind.ASOF_LEFT} or (
            condition is not None and any(finds_one(part, source) for part in conjuncts(condition))
        )
        if kind in {JoinKind.LEFT, JoinKind.ASOF_LEFT, JoinKind.FULL}:
            self.scope.loosen(source, stable=is_pair)
        if kind in {JoinKind.RIGHT, JoinKind.FULL}:
            for other in self.scope.sources[:-1]:
                self.scope.loosen(other, stable=is_pair)
        self.relation = Join(
            left=left,
            right=right,
            kind=kind,
            condition=condition,
            unit=unit_of(left, right, kind),
            finds_one=by_key,
            notes=tuple(notes),
        )

    def _condition(
        self, node: exp.Join, earlier: tuple[Source, ...], source: Source
    ) -> Expression | None:
        if node.args.get("on") is not None:
            condition = condition_of(node.args["on"], self.scope)
            if any(isinstance(part, SubQuery) for part in walk(condition)):
                raise refusal(
                    node.args["on"],
                    "a join condition holds a sub-query",
                    "move it to WHERE, or join the sub-query",
                    "SQL-JOIN",
                )
            return condition
        equals: list[Expression] = []
        for name in node.args.get("using") or ():
            bare = exp.Column(this=name)
            names, merged = self.scope.names, self.scope.merged
            before = Scope(names=names, sources=list(earlier), merged=merged)
            here = Scope(names=names, sources=[source])
            left, right = before.column(bare), here.column(bare)
            equals.append(FUNCTIONS["eq"]((left, right)))
            if left.domain.key_space != UNIT and node.side in {"", "LEFT"}:
                self.scope.merged[name.name.lower()] = left
        return reduce(lambda one, other: FUNCTIONS["and"]((one, other)), equals) if equals else None

    def _same_unit(
        self, node: exp.Join, source: Source, condition: Expression | None
    ) -> tuple[Expression, str]:
        """Make sure that only rows of one unit are paired, adding that where a key implies it.

        Every relation before this one has the same unit in each row, or NULL after an outer join,
        so equality with any of their units will do.

        A declared foreign key is a promise about one unit's rows that ingest has checked; the
        equality is added all the same, so that the promise is not needed for privacy.
        """
        left, right = self.relation.unit, source.relation.unit
        assert left is not None  # noqa: S101  the caller has looked
        assert right is not None  # noqa: S101  the same
        parts = () if condition is None else tuple(conjuncts(condition))
        here = self.scope.aliases - {source.alias}
        if any(pairs_units(part, here, frozenset({source.alias})) for part in parts):
            assert condition is not None  # noqa: S101  it has parts
            return condition, ""
        if condition is None and self.where is not None:
            found = self._unit_pair_in_where(here, source)
            if found is not None:
                return found, ""
        if condition is not None and any(is_key_pair(part, source.alias) for part in parts):
            note = f"the join of {source.name} also asks for equal units: rows stay in one unit"
            return FUNCTIONS["and"]((FUNCTIONS["eq"]((left, right)), condition)), note
        raise two_units(node, self.relation)

    def _unit_pair_in_where(self, here: frozenset[str], source: Source) -> Expression | None:
        """Find the equality of units that a comma join leaves to WHERE."""
        assert self.where is not None  # noqa: S101  the caller has looked
        for node in and_parts(self.where.this):
            if not isinstance(node, exp.EQ):
                continue
            columns = [
                self.scope.find(side)
                for side in (node.left, node.right)
                if isinstance(side, exp.Column)
            ]
            if len(columns) == 2 and None not in columns:  # noqa: PLR2004  two sides
                equal = FUNCTIONS["eq"](tuple(columns))  # type: ignore[arg-type]  # no None here
                if pairs_units(equal, here, frozenset({source.alias})):
                    return equal
        return None

    def _keep_matching(
        self, node: exp.Join, source: Source, condition: Expression, kind: str
    ) -> None:
        """Read SEMI and ANTI joins as EXISTS and NOT EXISTS."""
        if source.relation.unit is not None:
            if self.relation.unit is None:
                raise two_units(node, source.relation)
            condition, _ = self._same_unit(node, source, condition)
        self.scope.joined, looked = self.relation, source.relation
        named = (one for one in references(condition) if one.alias != source.alias)
        if not all(one.domain.unit_constant for one in named):
            looked = capped_inside(looked, self.scope, node)
        exists: Expression = SubQuery(
            form=SubQueryForm.EXISTS,
            relation=Filter(source=looked, condition=condition),
            domain=Domain(kind=Kind.BOOLEAN, nullable=False),
        )
        self.scope.sources.pop()
        wanted = exists if kind == "SEMI" else FUNCTIONS["not"]((exists,))
        self.relation = Filter(source=self.relation, condition=wanted)
