"""A SELECT whose rows still belong to units: CTEs, sub-queries, and all that is free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from query.domains import UNIT, Domain, Kind
from query.expressions import Call, ColumnRef, Expression, Literal, SubQuery, walk
from query.functions.building import aligned
from query.parse.items import Items, has_aggregate, has_window, items_of
from query.parse.joins import ROW_NUMBER_OF_UNIT, conjuncts, numbered_rows
from query.parse.leaves import condition_of, is_of_outside, is_unit, row_leaf
from query.parse.outcomes import Rows
from query.parse.per_unit import RowsPerUnit, over_group, unit_aggregate
from query.parse.scalars import Leaf, scalar
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal
from query.parse.windows import Partition, check_computable, window
from query.relations import Derived, Field, Filter, Grouped, Relation, Union, scans

__all__ = ["is_unit_key", "rows_of", "union_of"]

_OUTSIDE = "unit of a row outside"
"""The key space of a unit's key that a sub-query takes from the row it is computed for."""


def rows_of(select: exp.Select, scope: Scope, relation: Relation) -> Rows:
    """Read a SELECT whose FROM is read; its rows are those of units, or public.

    Raises:
        UnsupportedQueryError: If its rows would mix units.
    """
    _check_clauses(select, relation)
    items = _expanded(items_of(select), scope)
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
        rows = _distinct(rows, select, scope)
    single = grouped and group is None and having is None and qualify is None
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


def _expanded(items: Items, scope: Scope) -> Items:
    """Write out ``*`` and ``t.*``: the columns that may be asked, keys and units."""
    pairs: list[tuple[str, exp.Expr]] = []
    for name, node in items.pairs:
        star = isinstance(node, exp.Star)
        if not star and not (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
            pairs.append((name, node))
            continue
        mark = node if star else node.this
        only(mark, "except_")
        left_out = {column.name.lower() for column in mark.args.get("except_") or ()}
        of = "" if star else node.table  # type: ignore[attr-defined]  # a column has one
        taken = {other.lower() for other, _ in pairs}
        for source in scope.sources:
            if of and source.name.lower() != of.lower():
                continue
            for column in _shown(source.table, list(source.columns)):
                if column.lower() in left_out or column.lower() in taken:
                    continue
                taken.add(column.lower())
                pairs.append((column, exp.column(column, table=source.name, quoted=True)))
    return Items(tuple(pairs))


def _shown(table: object, columns: list[str]) -> list[str]:
    declared = getattr(table, "stored_columns", None)
    return columns if declared is None else [one for one in columns if one in declared]


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
        whole: Whether it is an aggregate without GROUP BY, over the rows of one unit.
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
        self.whole = group is None
        assert self.relation.unit is None or owned or self.scope.restricted  # noqa: S101  the caller has looked
        self.grouped = Grouped(
            alias=self.scope.names.alias(nodes[0] if nodes else exp.Null()),
            source=self.relation,
            keys=tuple(Field(name=f"k{n}", expression=key) for n, key in enumerate(self.keys)),
            aggregates=(),
            max_rows=self._groups(),
            single=group is None,
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
        values = [
            (name, self._own(scalar(node, self._leaf))) for name, node in self.items.pairs
        ]
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
        relation = Derived(
            alias=alias,
            source=self.relation,
            fields=tuple(
                Field(name=f"f{n}", expression=value) for n, (_, value) in enumerate(values)
            ),
            max_rows=most,
            qualify=qualify,
        )
        return Rows(relation=relation, columns=columns_of(relation, [name for name, _ in values]))

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
        from policies.errors import UnsupportedQueryError  # noqa: PLC0415

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
        return _column(self.grouped, name, expression)

    def _row_condition(self, node: exp.Expr) -> Expression:
        return condition_of(node, self.scope)

    def _rows(self) -> RowsPerUnit:
        source = self.relation if self.grouped is None else self.grouped.source
        return RowsPerUnit(proved=source.max_rows, usual=usual_rows(source, self.scope))

    def _partition(self) -> Partition:
        order: tuple[Expression, ...]
        if self.grouped is None:
            order = tuple(one for source in self.scope.sources for one in source.order)
        else:
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

    def _groups(self) -> int | None:
        """Groups of one unit at most."""
        proved = 1
        for key in self.keys:
            if key.domain.unit_constant or isinstance(key, Literal):
                continue
            size = key.domain.size()
            if size is None:
                return self.relation.max_rows
            proved *= size + key.domain.nullable
        most = self.relation.max_rows
        return proved if most is None else min(proved, most)


def usual_rows(relation: Relation, scope: Scope) -> int:
    """Rows that the policy counts of one unit, where nothing is proved."""
    tables = [scope.dataset.tables[scan.table] for scan in scans(relation) if scan.unit]
    return max((table.contribution.max_rows_per_group for table in tables), default=1)


def columns_of(relation: Relation, names: list[str]) -> tuple[tuple[str, ColumnRef], ...]:
    """Return a computed relation's columns under the names that the researcher gave."""
    assert isinstance(relation, Derived | Grouped | Union)  # noqa: S101  those have fields
    pairs = zip(names, relation.fields, strict=True)
    return tuple((name, _column(relation, one.name, one.expression)) for name, one in pairs)


def _column(
    relation: Derived | Grouped | Union, name: str, expression: Expression
) -> ColumnRef:
    domain = expression.domain
    constant = domain.unit_constant or relation.max_rows == 1
    return ColumnRef(
        alias=relation.alias,
        table="",
        column=name,
        domain=replace(domain, unit_constant=constant),
        origin=expression,
    )


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


def _distinct(rows: Rows, select: exp.Select, scope: Scope) -> Rows:
    """Read DISTINCT as groups of all columns."""
    only(select.args["distinct"])
    relation = rows.relation
    columns = [column for _, column in rows.columns]
    owned = any(
        not column.domain.nullable and column.domain.key_space == UNIT for column in columns
    )
    if relation.unit is not None and not owned and not scope.restricted:
        raise refusal(
            select,
            "DISTINCT merges rows of several privacy units",
            "select the unit's key too; for the number of values use COUNT(DISTINCT x)",
            "SQL-DISTINCT",
        )
    grouped = Grouped(
        alias=scope.names.alias(select),
        source=relation,
        keys=tuple(Field(name=f"f{n}", expression=one) for n, one in enumerate(columns)),
        aggregates=(),
        max_rows=relation.max_rows,
    )
    return replace(rows, relation=grouped, columns=columns_of(grouped, [n for n, _ in rows.columns]))


def union_of(parts: list[Rows], node: exp.Expr, scope: Scope) -> Rows:
    """Put the rows of several relations together; columns go by place.

    Raises:
        UnsupportedQueryError: If their columns do not match, or public and private rows mix.
    """
    widths = {len(part.columns) for part in parts}
    owners = {part.relation.unit is None for part in parts}
    if len(widths) != 1 or len(owners) != 1:
        raise refusal(
            node,
            "UNION ALL needs parts of equally many columns, all private or all public",
            "give each part the same columns, the unit's key among them",
            "SQL-UNION",
        )
    table = [aligned(tuple(part.columns[n][1] for part in parts)) for n in range(widths.pop())]
    for place, row in enumerate(table):
        kinds = {(one.domain.kind, one.domain.key_space) for one in row}
        if len({kind for kind in kinds if kind[0] is not Kind.NULL}) != 1:
            raise refusal(
                node, f"column {place + 1} of UNION ALL mixes kinds", "give one kind", "SQL-TYPE"
            )
    rows = [part.relation.max_rows for part in parts]
    most = sum(one for one in rows if one is not None) if None not in rows else None
    alias = scope.names.alias(node)
    derived = tuple(
        Derived(
            alias=f"{alias}p{place}",
            source=part.relation,
            fields=tuple(Field(name=f"f{n}", expression=row[place]) for n, row in enumerate(table)),
            max_rows=part.relation.max_rows,
        )
        for place, part in enumerate(parts)
    )
    union = Union(alias=alias, parts=derived, max_rows=most)
    names = [name for name, _ in parts[0].columns]
    columns = tuple(
        (name, _united(union, n, row, most))
        for n, (name, row) in enumerate(zip(names, table, strict=True))
    )
    return Rows(
        relation=union, columns=columns, restricted=all(part.restricted for part in parts)
    )


def _united(
    union: Union, place: int, row: tuple[Expression, ...], most: int | None
) -> ColumnRef:
    from query.domains import unify  # noqa: PLC0415

    domain: Domain | None = unify(one.domain for one in row)
    assert domain is not None  # noqa: S101  kinds were compared before
    # NULL in the rows of one part, the unit in those of another, is not one value
    constant = most == 1 or (domain.key_space == UNIT and not domain.nullable)
    origin = Call(
        name="any_of", sql="", text="", args=row, domain=domain
    )
    return ColumnRef(
        alias=union.alias,
        table="",
        column=f"f{place}",
        domain=replace(domain, unit_constant=constant),
        origin=origin,
    )
