"""Aggregates over the rows of one unit that depend on their order, or on which value is frequent.

Rows that tie in what is written are told apart in an order of our own, so that the value never
depends on how rows are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations
from typing import Final, TypeAlias

from sqlglot import exp

from query.domains import TEXT, Domain, Kind
from query.expressions import Call, Expression, Literal
from query.functions.building import as_text, literal_text, places
from query.parse.scalars import Leaf, scalar
from query.parse.sqltext import only, refusal
from query.text_lengths import copies_in, joined_copies
from query.traversal import references

__all__ = ["ORDERED", "Sorted", "sorting_of"]

Sorted: TypeAlias = tuple[tuple[Expression, str], ...]
"""What rows are sorted by, each with the words after it."""
Order: TypeAlias = tuple[Expression, ...]

MAX_SUBSETS: Final = 1024
"""Texts that STRING_AGG(DISTINCT …) may have and still be a group key."""
MAX_SEPARATOR: Final = 20


def sorting_of(items: Iterable[exp.Expr], leaf: Leaf, order: Order) -> Sorted:
    """Read the items of ORDER BY, and add what tells rows apart."""
    found: list[tuple[Expression, str]] = []
    for item in items:
        only(item, "this", "desc", "nulls_first")
        words = " DESC" if item.args.get("desc") else ""
        words += " NULLS FIRST" if item.args.get("nulls_first") else " NULLS LAST"
        found.append((as_text(scalar(item.this, leaf)), words))
    listed = {value for value, _ in found}
    return (*found, *((one, "") for one in map(as_text, order) if one not in listed))


def _first(node: exp.Expr, leaf: Leaf, order: Order) -> Call:
    """Read FIRST, LAST and ANY_VALUE."""
    only(node, "this")
    value, by = _argument(node, leaf, order)
    return _sorted_call(_PICKS[type(node)], (value,), by, value.domain)


def _mode(node: exp.Expr, leaf: Leaf, order: Order) -> Call:
    """Read MODE; of values that are equally frequent, the smallest."""
    del order
    only(node, "this")
    value = as_text(scalar(node.this, leaf))
    if value.domain.kind is Kind.KEY:
        raise refusal(node, "MODE of a key is not supported", "use another column", "SQL-TYPE")
    # the engine takes a constant there for the fraction of a percentile
    form = "MODE({0} ORDER BY {0})" if any(references(value)) else "MAX({0})"
    return Call(
        name="unit_mode", sql=f"{form}@", text="MODE({0})", args=(value,), domain=value.domain
    )


def _joined(node: exp.Expr, leaf: Leaf, order: Order) -> Call:
    """Read STRING_AGG: the texts of one unit's rows in one."""
    only(node, "this", "separator")
    written = node.args.get("separator") or exp.Literal.string(",")
    separator = literal_text(scalar(written, leaf), "the separator of STRING_AGG")
    if len(separator) > MAX_SEPARATOR:
        raise refusal(
            node, f"a separator has more than {MAX_SEPARATOR} characters", "shorten it", "SQL-TYPE"
        )
    inner = node.this.this if isinstance(node.this, exp.Order) else node.this
    if isinstance(inner, exp.Distinct):
        return _joined_values(node, inner, separator, leaf)
    value, by = _argument(node, leaf, order)
    _check_text(node, value)
    known = value.domain
    domain = replace(
        TEXT,
        copies=joined_copies(known.copies),
        nullable=known.nullable,
        keeps_nulls=known.keeps_nulls,
    )
    return _sorted_call("string_agg", (value, scalar(written, leaf)), by, domain)


def _joined_values(node: exp.Expr, inner: exp.Distinct, separator: str, leaf: Leaf) -> Call:
    """Read STRING_AGG(DISTINCT x ORDER BY x): of few categories, a text of known values."""
    only(inner, "expressions")
    items = node.this.expressions if isinstance(node.this, exp.Order) else []
    plain = len(items) <= 1 and len(inner.expressions) == 1
    if not plain or any(one.this != inner.expressions[0] or one.args.get("desc") for one in items):
        raise refusal(
            node,
            "STRING_AGG(DISTINCT x) has values in ascending order",
            "write ORDER BY x with the same x, or leave it out",
            "SQL-AGGREGATE",
        )
    value = as_text(scalar(inner.expressions[0], leaf))
    _check_text(node, value)
    categories = value.domain.categories
    texts: tuple[str, ...] | None = None
    if categories is not None and 2 ** len(categories) <= MAX_SUBSETS:
        known = sorted(categories, key=lambda text: text.encode())
        sizes = range(1, len(known) + 1)
        texts = tuple(separator.join(some) for size in sizes for some in combinations(known, size))
        texts = tuple(dict.fromkeys(texts))
    domain = Domain(
        kind=Kind.TEXT,
        nullable=value.domain.nullable,
        keeps_nulls=value.domain.keeps_nulls,
        categories=texts,
        copies=max(map(copies_in, texts)) if texts else joined_copies(value.domain.copies),
        unit_constant=value.domain.unit_constant,
    )
    form = "STRING_AGG(DISTINCT {0}, {1} ORDER BY {0})"
    if isinstance(value, Literal):  # one value has no order, and the engine refuses it
        form = "STRING_AGG(DISTINCT {0}, {1})"
    mark = scalar(exp.Literal.string(separator), leaf)
    return Call(
        name="unit_string_agg_distinct", sql=f"{form}@", text=form, args=(value, mark),
        domain=domain,
    )  # fmt: skip


def _check_text(node: exp.Expr, value: Expression) -> None:
    if value.domain.kind is not Kind.TEXT:
        raise refusal(
            node,
            f"STRING_AGG was given a {value.domain.kind.value}",
            "give it a text, such as CAST(x AS VARCHAR)",
            "SQL-TYPE",
        )


def _argument(node: exp.Expr, leaf: Leaf, order: Order) -> tuple[Expression, Sorted]:
    ordered = node.this if isinstance(node.this, exp.Order) else None
    inner = node.this if ordered is None else ordered.this
    if isinstance(inner, exp.Distinct):
        raise refusal(node, "DISTINCT picks no row", "leave DISTINCT out", "SQL-AGGREGATE")
    items = [] if ordered is None else ordered.expressions
    by = sorting_of(items, leaf, order)
    # a constant orders nothing, and the engine refuses some
    return as_text(scalar(inner, leaf)), tuple(one for one in by if not isinstance(one[0], Literal))


def _sorted_call(name: str, args: tuple[Expression, ...], by: Sorted, domain: Domain) -> Call:
    """Make an aggregate over sorted rows; what they are sorted by only decides."""
    given = places(args)
    words = ", ".join(f"{{{len(args) + n}}}{one}" for n, (_, one) in enumerate(by))
    form = f"{name.upper()}({given} ORDER BY {words})" if by else f"{name.upper()}({given})"
    every = (*args, *(value for value, _ in by))
    return Call(
        name=f"unit_{name}",
        sql=f"{form}@",
        text=form,
        args=every,
        domain=domain,
        deciding=tuple(range(len(args), len(every))),
    )


_PICKS: Final[dict[type[exp.Expr], str]] = {
    exp.First: "first",
    exp.Last: "last",
    exp.AnyValue: "any_value",
}

ORDERED: Final[dict[type[exp.Expr], Callable[[exp.Expr, Leaf, Order], Call]]] = {
    exp.First: _first,
    exp.Last: _first,
    exp.AnyValue: _first,
    exp.Mode: _mode,
    exp.GroupConcat: _joined,
}
"""Readers of aggregates over sorted rows."""
