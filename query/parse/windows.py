"""Windows over the rows of one unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlglot import exp

from query.domains import Kind, number, unify
from query.expressions import Call, Expression, walk
from query.functions.building import aligned, literal_number
from query.parse.per_unit import RowsPerUnit, over_window, unit_aggregate
from query.parse.scalars import Leaf, scalar
from query.parse.sqltext import only, refusal

__all__ = ["Partition", "check_computable", "window"]

_RANKS: dict[type[exp.Expr], str] = {
    exp.RowNumber: "row_number",
    exp.Rank: "rank",
    exp.DenseRank: "dense_rank",
}
_NEIGHBORS: dict[type[exp.Expr], str] = {exp.Lag: "lag", exp.Lead: "lead"}
_ENDS: dict[type[exp.Expr], str] = {
    exp.FirstValue: "first_value",
    exp.LastValue: "last_value",
}
_SPANS = {"DAY", "WEEK", "MONTH", "YEAR"}
MAX_OFFSET = 1000
"""Rows by which LAG, LEAD and frames reach."""


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
    made = _function(inner, leaf, partition, ignored)
    over, frame = _Over(keys=keys, partition=partition), _frame(node.args.get("spec"))
    # peers of running totals stay peers; what numbers or picks rows needs them told apart
    total = not isinstance(inner, exp.Rank | exp.DenseRank) and (
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
    return over.apply(made, frame.words)


def check_computable(expression: Expression, node: exp.Expr) -> None:
    """Check that no window stands inside a TRY, which the engine refuses.

    Raises:
        UnsupportedQueryError: If one does.
    """
    for part in walk(expression):
        tried = isinstance(part, Call) and "TRY(" in part.sql
        inside = (one for one in walk(part) if one is not part)
        if tried and any(isinstance(one, Call) and one.name.startswith("over_") for one in inside):
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
    if kind in _NEIGHBORS:
        return _neighbor(node, leaf, _NEIGHBORS[kind], ignored)
    if kind in _ENDS:
        only(node, "this")
        value = scalar(node.this, leaf)
        name = _ENDS[kind]
        domain = replace(value.domain, nullable=True, unit_constant=False)
        form = f"{name.upper()}({{0}}{ignored})"
        return Call(name=name, sql=f"{form}@", text=form, args=(value,), domain=domain)
    made = None if ignored else unit_aggregate(node, leaf, partition.condition, partition.rows)
    if made is not None and made.name in _AGGREGATES:
        return made
    raise refusal(
        node,
        f"{node.key.upper()} is not supported as a window",
        "use ROW_NUMBER, RANK, DENSE_RANK, LAG, LEAD, FIRST_VALUE, LAST_VALUE, COUNT, SUM, AVG, "
        "MIN or MAX",
        "SQL-FUNCTION",
    )


_AGGREGATES = frozenset(
    {"unit_count_rows", "unit_count", "unit_sum", "unit_avg", "unit_min", "unit_max"}
)


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
    domain = replace(value.domain, nullable=True, unit_constant=False)
    args: tuple[Expression, ...] = (value,)
    default = ""
    if node.args.get("default") is not None:
        args = aligned((value, scalar(node.args["default"], leaf)))
        mixed = unify(arg.domain for arg in args)
        if mixed is None:
            raise refusal(node, f"{name.upper()} mixes kinds", "give one kind", "SQL-TYPE")
        domain, default = replace(mixed, unit_constant=False), ", {1}"
    form = f"{name.upper()}({{0}}, {offset}{default}{ignored})"
    return Call(name=name, sql=f"{form}@", text=form, args=args, domain=domain)


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame: its words, and whether it counts rows or spans values."""

    kind: str = ""
    words: str = ""
    spans: bool = False


def _frame(spec: exp.WindowSpec | None) -> _Frame:
    """Read a frame; what is written is in words that are ours."""
    if spec is None:
        return _Frame()
    only(spec, "kind", "start", "start_side", "end", "end_side")
    kind = _word(spec, "kind")
    if kind not in {"ROWS", "RANGE"}:
        raise refusal(
            spec,
            f"a frame of {kind} is not supported",
            "write ROWS BETWEEN … AND …, or RANGE BETWEEN INTERVAL … PRECEDING AND CURRENT ROW",
            "SQL-CONSTRUCT",
        )
    ends = [_bound(spec, kind, end) for end in ("start", "end")]
    spans = any(isinstance(spec.args.get(end), exp.Interval) for end in ("start", "end"))
    return _Frame(kind, f" {kind} BETWEEN {ends[0]} AND {ends[1]}", spans)


def _word(spec: exp.WindowSpec, name: str) -> str:
    return str(spec.args.get(name) or "").upper()


def _bound(spec: exp.WindowSpec, kind: str, name: str) -> str:
    end, side = spec.args.get(name), _word(spec, f"{name}_side")
    if end is None or _word(spec, name) == "CURRENT ROW":
        return "CURRENT ROW"
    if side in {"PRECEDING", "FOLLOWING"}:
        if _word(spec, name) == "UNBOUNDED":
            return f"UNBOUNDED {side}"
        if kind == "RANGE" and isinstance(end, exp.Interval):
            return f"{_interval(end)} {side}"
        if kind == "ROWS" and _is_count(end):
            return f"{int(end.this)} {side}"
    raise refusal(
        spec,
        "this frame is not supported",
        f"count up to {MAX_OFFSET} rows, or write INTERVAL … DAY, WEEK, MONTH or YEAR",
        "SQL-CONSTRUCT",
    )


def _is_count(end: exp.Expr) -> bool:
    written = isinstance(end, exp.Literal) and not end.is_string and end.this.isdigit()
    return written and int(end.this) <= MAX_OFFSET


def _interval(node: exp.Interval) -> str:
    only(node, "this", "unit")
    unit = node.args.get("unit")
    word = "" if unit is None else unit.name.upper().removesuffix("S")
    count = node.this.this if isinstance(node.this, exp.Literal) else ""
    if word not in _SPANS or not count.isdigit() or int(count) > MAX_OFFSET:
        raise refusal(
            node,
            "this interval is not supported in a frame",
            f"write INTERVAL n DAY, WEEK, MONTH or YEAR, with n up to {MAX_OFFSET}",
            "SQL-NUMBER",
        )
    return f"INTERVAL '{int(count)}' {word}"


@dataclass(slots=True, kw_only=True)
class _Over:
    """The words after OVER, with their places among the arguments of the call."""

    keys: tuple[Expression, ...]
    partition: Partition
    sorted: tuple[tuple[Expression, str], ...] = ()

    def sort(self, order: exp.Order | None, leaf: Leaf, *, total: bool) -> None:
        """Read ORDER BY; what tells rows apart is added where the value depends on it."""
        items = [] if order is None else order.expressions
        found: list[tuple[Expression, str]] = []
        for item in items:
            only(item, "this", "desc", "nulls_first")
            words = " DESC" if item.args.get("desc") else ""
            words += " NULLS FIRST" if item.args.get("nulls_first") else " NULLS LAST"
            found.append((scalar(item.this, leaf), words))
        if total:
            listed = {value for value, _ in found}
            found += [(one, "") for one in self.partition.order if one not in listed]
        self.sorted = tuple(found)

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
