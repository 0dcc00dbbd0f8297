"""A SELECT whose rows still belong to units: CTEs, sub-queries, and all that is free."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.domains import UNIT, Kind
from query.expressions import Call, ColumnRef, Expression, conjuncts
from query.parse.fields import column_of, columns_of
from query.parse.items import Items, has_aggregate, has_window, items_of
from query.parse.leaves import condition_of, is_of_outside, is_unit, row_leaf
from query.parse.outcomes import Rows
from query.parse.per_unit import RowsPerUnit, over_group, unit_aggregate
from query.parse.row_limits import ROW_NUMBER_OF_UNIT, most_groups, numbered_rows
from query.parse.scalars import scalar
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal
from query.parse.stars import expanded
from query.parse.unions import distinct_of
from query.parse.windows import Partition, check_computable, window
from query.relations import Derived, Field, Filter, Grouped, Relation
from query.traversal import scans

__all__ = ["is_unit_key", "rows_of"]

MAX_RANKS = 6
"""Hidden columns that a sub-query may hand on to tell rows apart."""
_OUTSIDE = "unit of a row outside"
"""The key space of a unit's key that a sub-query takes from the row it is computed for."""


def rows_of(select: exp.Select, scope: Scope, relation: Relation) -> Rows:
    """Read a SELECT whose FROM is read; its rows are those of units, or public.

    Raises:
        UnsupportedQueryError: If its rows would mix units.
    """
    _check_clauses(select, relation)
    items = expanded(items_of(select), scope)
    reading = _Reading(scope=scope, items=items, relation=relation)
    group = select.args.get("group")
    nodes = [node for _, node in items.pairs]
    having, qualify = select.args.get("having"), select.args.get("qualify")
    parts = [*nodes, *filter(None, (having, qualify))]
    grouped = group is not None or any(has_aggregate(node) for node in parts)
    if grouped:
        reading.group(group)
        if having is not None:
            reading.keep(reading.condition(having.this))
    elif having is not None:
        raise refusal(having, "HAVING without aggregates", "use WHERE", "SQL-CONSTRUCT")
    rows = reading.project(None if qualify is None else reading.condition(qualify.this))
    if select.args.get("distinct") is not None:
        rows = distinct_of(rows, select, scope)
    single = reading.whole and having is None and qualify is None
    return replace(rows, single=single, restricted=scope.restricted or reading.whole)


def _check_clauses(select: exp.Select, relation: Relation) -> None:
    limit = select.args.get("limit") or select.args.get("offset")
    if limit is not None:
        raise refusal(
            limit,
            "LIMIT before the final aggregate picks rows across units",
            "number the rows of each unit: QUALIFY ROW_NUMBER() OVER (PARTITION BY unit "
            "ORDER BY …) <= n"
            if relation.unit is not None
            else "read the public list in full",
            "SQL-LIMIT",
        )
    only(
        select,
        *("expressions", "from_", "joins", "where", "group", "having", "qualify", "distinct"),
        *("order", "with_", "kind"),
    )


def is_unit_key(expression: Expression, scope: Scope) -> bool:
    """Say whether rows that agree in an expression belong to one unit.

    The unit itself does; so does the declared key of a private table, as ingest has checked. The
    unit is added all the same, so that the promise is not needed for privacy.
    """
    if expression.domain.nullable:
        return False
    if is_unit(expression, scope.aliases):
        return True
    table, _, column = expression.domain.key_space.partition(".")
    declared = scope.dataset.tables.get(table)
    return declared is not None and declared.unit_column is not None and declared.key == column


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One SELECT while it is read.

    Attributes:
        relation: Rows so far: of FROM and WHERE, then of groups.
        grouped: The groups, once there are any.
        whole: Whether it is an aggregate without group keys, over the rows of one unit.
    """

    scope: Scope
    items: Items
    relation: Relation
    grouped: Grouped | None = None
    whole: bool = False
    keys: list[Expression] = field(default_factory=list)
    aggregates: list[Call] = field(default_factory=list)

    def group(self, group: exp.Group | None) -> None:
        """Group the rows; aggregates are found while the rest is read."""
        nodes: list[exp.Expr] = []
        if group is not None:
            only(group, "expressions", "all")
            nodes = self.items.keys(group, self.scope)
        for node in nodes:
            key = self._own(scalar(node, row_leaf(self.scope)))
            if key not in self.keys:
                self.keys.append(key)
        owned = any(is_unit_key(key, self.scope) for key in self.keys)
        self.whole = not self.keys  # GROUP BY ALL may find none
        assert self.relation.unit is None or owned or self.scope.restricted  # noqa: S101  the caller has looked
        self.grouped = Grouped(
            alias=self.scope.names.alias(nodes[0] if nodes else exp.Null()),
            source=self.relation,
            keys=tuple(Field(name=f"k{n}", expression=key) for n, key in enumerate(self.keys)),
            aggregates=(),
            max_rows=most_groups(self.keys, self.relation.max_rows),
            single=self.whole,
        )
        self.relation = self.grouped

    def keep(self, condition: Expression) -> None:
        """Take in HAVING."""
        self.relation = Filter(source=self.relation, condition=condition)

    def condition(self, node: exp.Expr) -> Expression:
        """Read HAVING or QUALIFY, where names of the SELECT may stand."""

        def leaf(part: exp.Expr) -> Expression | None:
            named = self.items.named(part)
            if named is not None and self.scope.find(part) is None:  # type: ignore[arg-type]  # a named part is a column
                return scalar(named, self._leaf)
            return self._leaf(part)

        condition = scalar(node, leaf)
        if condition.domain.kind is not Kind.BOOLEAN:
            raise refusal(node, "this is not a condition", "write a comparison", "SQL-TYPE")
        check_computable(condition, node)
        return condition

    def project(self, qualify: Expression | None) -> Rows:
        """Compute the columns."""
        values = [(name, self._own(scalar(node, self._leaf))) for name, node in self.items.pairs]
        for (_, value), (_, node) in zip(values, self.items.pairs, strict=True):
            check_computable(value, node)
        if self.grouped is not None:
            fields = tuple(
                Field(name=f"a{n}", expression=call) for n, call in enumerate(self.aggregates)
            )
            complete = replace(self.grouped, aggregates=fields)
            self.relation = _replaced(self.relation, complete)
        alias = self.scope.names.alias(self.items.pairs[0][1])
        most = _limited(self.relation.max_rows, qualify)
        own = [Field(name=f"f{n}", expression=value) for n, (_, value) in enumerate(values)]
        ranks = [Field(name=f"o{n}", expression=one) for n, one in enumerate(self._ranks())]
        relation = Derived(
            alias=alias,
            source=self.relation,
            fields=(*own, *ranks),
            max_rows=most,
            qualify=qualify,
        )
        columns = columns_of(
            relation, [*(name for name, _ in values), *(one.name for one in ranks)]
        )
        order = tuple(column for _, column in columns[len(own) :])
        return Rows(relation=relation, columns=columns[: len(own)], order=order)

    def _ranks(self) -> tuple[Expression, ...]:
        """Return what tells the rows apart, to be handed on where it is by stored ranks.

        So rows that tie have the same order in the windows of one SELECT and of the next.
        """
        private = [one for one in self.scope.sources if one.relation.unit is not None]
        ranked = bool(private) and all(one.is_ranked for one in private)
        order = self._order()
        return order if ranked and self.grouped is None and len(order) <= MAX_RANKS else ()

    def _own(self, expression: Expression) -> Expression:
        """Take in that a unit's key of a row outside does not name the unit of the rows here."""
        aliases = self.scope.aliases
        if self.grouped is not None:
            aliases |= {self.grouped.alias}
        if expression.domain.key_space != UNIT or is_unit(expression, aliases):
            return expression
        return replace(expression, domain=replace(expression.domain, key_space=_OUTSIDE))

    def _leaf(self, node: exp.Expr) -> Expression | None:
        if isinstance(node, exp.Window):
            return window(node, self._leaf, self._partition())
        if self.grouped is None:
            return row_leaf(self.scope)(node)
        call = unit_aggregate(node, row_leaf(self.scope), self._row_condition, self._rows())
        if call is not None:
            if is_of_outside(call, self.scope):
                raise refusal(
                    node,
                    "this aggregate is over columns of the SELECT around alone",
                    "aggregate columns of the sub-query, or compute it outside",
                    "SQL-SUBQUERY",
                )
            call = over_group(call)
            if call not in self.aggregates:
                self.aggregates.append(call)
            return self._field(f"a{self.aggregates.index(call)}", call)
        if has_aggregate(node) or has_window(node) or isinstance(node, exp.Literal):
            return None
        return self._key(node)

    def _key(self, node: exp.Expr) -> Expression | None:
        try:
            meant = self._own(scalar(node, row_leaf(self.scope)))
        except UnsupportedQueryError:
            if isinstance(node, exp.Column):
                raise
            return None  # its parts are read next
        if meant in self.keys:
            return self._field(f"k{self.keys.index(meant)}", meant)
        if isinstance(node, exp.Column):
            raise refusal(
                node,
                f"{node.name} is neither a group key nor inside an aggregate",
                "add it to GROUP BY, or aggregate it",
                "SQL-GROUP",
            )
        return None

    def _field(self, name: str, expression: Expression) -> ColumnRef:
        assert self.grouped is not None  # noqa: S101  fields are read of groups only
        return column_of(self.grouped, name, expression)

    def _row_condition(self, node: exp.Expr) -> Expression:
        return condition_of(node, self.scope)

    def _rows(self) -> RowsPerUnit:
        source = self.relation if self.grouped is None else self.grouped.source
        usual, order = usual_rows(source, self.scope), self._order()
        return RowsPerUnit(proved=source.max_rows, usual=usual, some=not self.whole, order=order)

    def _order(self) -> tuple[Expression, ...]:
        return tuple(one for source in self.scope.sources for one in source.order)

    def _partition(self) -> Partition:
        order = self._order()
        if self.grouped is not None:
            order = tuple(self._field(f"k{n}", key) for n, key in enumerate(self.keys))
        return Partition(
            unit=self.relation.unit,
            is_unit_key=self._names_unit,
            order=order,
            rows=self._rows(),
            condition=self.condition,
        )

    def _names_unit(self, expression: Expression) -> bool:
        if isinstance(expression, ColumnRef) and expression.origin is not None and self.grouped:
            return expression.alias == self.grouped.alias and is_unit_key(
                expression.origin, self.scope
            )
        return is_unit_key(expression, self.scope)


def usual_rows(relation: Relation, scope: Scope) -> int:
    """Rows that the policy counts of one unit, where nothing is proved."""
    tables = [scope.dataset.tables[scan.table] for scan in scans(relation) if scan.unit]
    return max((table.contribution.max_rows_per_group for table in tables), default=1)


def _replaced(relation: Relation, grouped: Grouped) -> Relation:
    if isinstance(relation, Filter):
        return replace(relation, source=_replaced(relation.source, grouped))
    return grouped


def _limited(most: int | None, qualify: Expression | None) -> int | None:
    """Lower the number of rows of a unit by ``ROW_NUMBER() … <= n`` over all of its rows."""
    if qualify is None:
        return most
    limits = [numbered_rows(part, _is_row_number) for part in conjuncts(qualify)]
    return min((one for one in (most, *limits) if one is not None), default=None)


def _is_row_number(expression: Expression) -> bool:
    return isinstance(expression, Call) and expression.name == ROW_NUMBER_OF_UNIT
