"""Windows over the rows of one unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlglot import exp

from query.domains import Domain, Kind, number, unify, with_null
from query.expressions import Call, Expression, is_window, walk
from query.functions.building import aligned, literal_number, literal_whole
from query.parse.frames import MAX_OFFSET, frame_of
from query.parse.ordered import Sorted, sorting_of
from query.parse.per_unit import RowsPerUnit, over_window, unit_aggregate
from query.parse.scalars import Leaf, scalar
from query.parse.sqltext import only, refusal, written_name

__all__ = ["Partition", "check_computable", "window"]

_RANKS: dict[type[exp.Expr], str] = {
    exp.RowNumber: "row_number",
    exp.Rank: "rank",
    exp.DenseRank: "dense_rank",
}
_NEIGHBORS: dict[type[exp.Expr], str] = {exp.Lag: "lag", exp.Lead: "lead"}
_SHARES: dict[type[exp.Expr], str] = {
    exp.PercentRank: "percent_rank",
    exp.CumeDist: "cume_dist",
}
_ENDS: dict[type[exp.Expr], str] = {
    exp.FirstValue: "first_value",
    exp.First: "first_value",
    exp.LastValue: "last_value",
    exp.Last: "last_value",
    exp.NthValue: "nth_value",
}
_PEERS = (exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist)
"""Functions that give rows that tie one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """What a window is computed over.

    Attributes:
        unit: Names each row's unit; None for public rows.
        is_unit_key: Says whether an expression is a unit, or a key that one unit alone has.
        order: Tells the rows of one unit apart.
        rows: How many rows one unit may have.
        condition: Reads the condition of FILTER.
    """

    unit: Expression | None
    is_unit_key: Callable[[Expression], bool]
    order: tuple[Expression, ...]
    rows: RowsPerUnit
    condition: Callable[[exp.Expr], Expression]


def window(node: exp.Window, leaf: Leaf, partition: Partition) -> Call:
    """Read a window.

    Raises:
        UnsupportedQueryError: If its partitions are not of one unit, or its value depends on the
            order in which equal rows are stored.
    """
    only(node, "this", "partition_by", "order", "spec", "over")
    keys = tuple(scalar(key, leaf) for key in node.args.get("partition_by") or ())
    if partition.unit is not None and not any(partition.is_unit_key(key) for key in keys):
        raise refusal(
            node,
            "this window reads rows of several privacy units",
            "add the unit's key to PARTITION BY",
            "SQL-WINDOW",
        )
    inner, ignored = node.this, ""
    if isinstance(inner, exp.IgnoreNulls):
        inner, ignored = inner.this, " IGNORE NULLS"
    frame = frame_of(node.args.get("spec"))
    partition = replace(partition, rows=replace(partition.rows, some=frame.has_row))
    made, over = _function(inner, leaf, partition, ignored), _Over(keys=keys, partition=partition)
    # peers of running totals stay peers; what numbers or picks rows needs them told apart
    total = not isinstance(inner, _PEERS) and (
        not made.name.startswith("unit_") or frame.kind == "ROWS"
    )
    over.sort(node.args.get("order"), leaf, total=total)
    if frame.spans and not over.is_dated:
        raise refusal(
            node,
            "a frame of INTERVAL needs one ORDER BY of a date with declared bounds",
            "order by such a date alone",
            "SQL-CONSTRUCT",
        )
    found = over.apply(made, frame.words)
    if any(is_window(part) for argument in found.args for part in walk(argument)):
        raise refusal(
            node,
            "a window stands inside another",
            "compute the inner one in a sub-query, under a name",
            "SQL-WINDOW",
        )
    return found


def check_computable(expression: Expression, node: exp.Expr) -> None:
    """Check that no window stands inside a TRY, which the engine refuses.

    Raises:
        UnsupportedQueryError: If one does.
    """
    for part in walk(expression):
        tried = isinstance(part, Call) and "TRY(" in part.sql
        inside = (one for one in walk(part) if one is not part)
        if tried and any(is_window(one) for one in inside):
            raise refusal(
                node,
                "a window stands in a calculation that may overflow",
                "compute the window in a sub-query and the rest outside, or hold the other numbers "
                "with CLAMP",
                "SQL-WINDOW",
            )


def _function(node: exp.Expr, leaf: Leaf, partition: Partition, ignored: str) -> Call:
    kind = type(node)
    if kind in _RANKS and not ignored:
        most = partition.rows.proved
        domain = number(Fraction(1), None if most is None else Fraction(most), nullable=False)
        usual = (Fraction(1), Fraction(partition.rows.usual))
        name = _RANKS[kind]
        form = f"{name.upper()}()"
        domain = replace(domain, usual=usual)
        return Call(name=name, sql=f"{form}@", text=form, args=(), domain=domain)
    if kind in _SHARES and not ignored:
        name = _SHARES[kind]
        shares = Domain(kind=Kind.REAL, nullable=False, lower=Fraction(0), upper=Fraction(1))
        return Call(name=name, sql=f"{name}()@", text=f"{name.upper()}()", args=(), domain=shares)
    if isinstance(node, exp.Ntile) and not ignored:
        return _tile(node, leaf)
    if kind in _NEIGHBORS:
        return _neighbor(node, leaf, _NEIGHBORS[kind], ignored)
    if kind in _ENDS:
        return _end(node, leaf, ignored, some=partition.rows.some)
    made = None if ignored else unit_aggregate(node, leaf, partition.condition, partition.rows)
    if made is not None and made.name not in _GROUPS_ONLY:
        return made
    raise refusal(
        node,
        f"{written_name(node)} is not supported as a window",
        "use ROW_NUMBER, RANK, DENSE_RANK, NTILE, LAG, LEAD, FIRST_VALUE, LAST_VALUE, NTH_VALUE, "
        "COUNT, SUM, AVG, MIN or MAX",
        "SQL-FUNCTION",
    )


_GROUPS_ONLY = frozenset({"unit_any_value", "unit_mode", "unit_string_agg"}) | {
    "unit_string_agg_distinct"
}
"""Aggregates whose own ORDER BY the engine knows over groups only."""


def _tile(node: exp.Ntile, leaf: Leaf) -> Call:
    only(node, "this")
    tiles = literal_whole(scalar(node.this, leaf), "NTILE", 1, MAX_OFFSET)
    domain = number(Fraction(1), tiles.domain.upper, nullable=False)  # type: ignore[arg-type]  # a number
    form = f"NTILE({tiles.value})"
    return Call(name="ntile", sql=f"{form}@", text=form, args=(), domain=domain)


def _end(node: exp.Expr, leaf: Leaf, ignored: str, *, some: bool) -> Call:
    """Read FIRST_VALUE, LAST_VALUE and NTH_VALUE."""
    only(node, "this", "offset")
    value = scalar(node.this, leaf)
    name, place = _ENDS[type(node)], ""
    if name == "nth_value":
        asked = literal_whole(scalar(node.args["offset"], leaf), "NTH_VALUE", 1, MAX_OFFSET)
        place, some = f", {asked.value}", False
    domain = replace(value.domain if some else with_null(value.domain), unit_constant=False)
    form = f"{name.upper()}({{0}}{place}{ignored})"
    return Call(name=name, sql=f"{form}@", text=form, args=(value,), domain=domain)


def _neighbor(node: exp.Expr, leaf: Leaf, name: str, ignored: str) -> Call:
    only(node, "this", "offset", "default")
    value = scalar(node.this, leaf)
    asked = node.args.get("offset")
    offset = Fraction(1) if asked is None else literal_number(scalar(asked, leaf), name.upper())
    if offset.denominator != 1 or not 0 <= offset <= MAX_OFFSET:
        raise refusal(
            node, f"{name.upper()} reaches a whole number of rows up to {MAX_OFFSET}",
            "write such a number", "SQL-NUMBER",
        )  # fmt: skip
    domain = replace(with_null(value.domain), unit_constant=False)
    args: tuple[Expression, ...] = (value,)
    default = ""
    if node.args.get("default") is not None:
        args = aligned((value, scalar(node.args["default"], leaf)))
        mixed = unify(arg.domain for arg in args)
        if mixed is None or value.domain.kind is Kind.NULL:
            raise refusal(node, f"{name.upper()} mixes kinds", "give both one kind", "SQL-TYPE")
        domain, default = replace(mixed, unit_constant=False), ", {1}"
    form = f"{name.upper()}({{0}}, {offset}{default}{ignored})"
    return Call(name=name, sql=f"{form}@", text=form, args=args, domain=domain)


@dataclass(slots=True, kw_only=True)
class _Over:
    """The words after OVER, with their places among the arguments of the call."""

    keys: tuple[Expression, ...]
    partition: Partition
    sorted: Sorted = ()

    def sort(self, order: exp.Order | None, leaf: Leaf, *, total: bool) -> None:
        """Read ORDER BY; what tells rows apart is added where the value depends on it."""
        items = [] if order is None else order.expressions
        self.sorted = sorting_of(items, leaf, self.partition.order if total else ())

    @property
    def is_dated(self) -> bool:
        """Whether rows are sorted by one date whose neighborhood the calendar holds."""
        domains = [value.domain for value, _ in self.sorted]
        dates = {Kind.DATE, Kind.TIMESTAMP}
        return len(domains) == 1 and domains[0].kind in dates and domains[0].lower is not None

    def apply(self, call: Call, frame: str) -> Call:
        """Make the window's call; its last arguments are keys and order."""
        units = () if self.partition.unit is None else (self.partition.unit,)
        partition = tuple(dict.fromkeys((*units, *self.keys)))
        args = (*call.args, *partition, *(value for value, _ in self.sorted))
        first = len(call.args)
        keys = ", ".join(f"{{{first + place}}}" for place in range(len(partition)))
        after = first + len(partition)
        order = ", ".join(f"{{{after + n}}}{words}" for n, (_, words) in enumerate(self.sorted))
        words = " ".join(
            filter(
                None,
                [f"PARTITION BY {keys}" if keys else "", f"ORDER BY {order}" if order else ""],
            )
        )
        over = f" OVER ({words}{frame})"
        whole = all(key.domain.unit_constant for key in self.keys)
        name = "row_number_of_unit" if whole and call.name == "row_number" else call.name
        return replace(
            over_window(call, over),
            name=f"over_{name}",
            text=f"{call.text}{over}",
            args=args,
            domain=replace(call.domain, unit_constant=whole and self._is_shared(call, frame)),
            deciding=(*call.deciding, *range(first, len(args))),
        )

    def _is_shared(self, call: Call, frame: str) -> bool:
        """Say whether all rows of a partition get one value: a total, or that of the first row."""
        if frame:
            return False
        first = call.name == "first_value" and "IGNORE NULLS" not in call.sql
        return first or (call.name.startswith("unit_") and not self.sorted)
