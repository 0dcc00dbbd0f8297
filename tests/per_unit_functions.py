"""Aggregates over the rows of one unit, by their names."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from query.domains import Kind
from query.expressions import Call, Expression, Literal
from tests.fakes import StoredRow
from tests.row_functions import Value

__all__ = ["OutsideReferenceError", "aggregate", "compared", "grouped_value", "order_items"]

Env: TypeAlias = Mapping[str, StoredRow | None]
Evaluate: TypeAlias = Callable[[Expression, Env], Value]
BIGGEST = 2**63
_SORTED = {"first", "last", "any_value", "string_agg"}


class OutsideReferenceError(Exception):
    """The question uses what the reference does not know, or takes it too long."""


def grouped_value(call: Call, rows: Sequence[Env], value: Evaluate) -> Value:
    """Return an aggregate over the rows of one group, none perhaps."""
    return aggregate(call, call.name.removeprefix("unit_"), rows, value)


def aggregate(  # noqa: PLR0911  one for each kind
    call: Call, name: str, rows: Sequence[Env], value: Evaluate
) -> Value:
    passing = re.search(r"FILTER \(WHERE \{(\d+)\}\)", call.sql)
    if passing:
        where = call.args[int(passing[1])]
        rows = [row for row in rows if value(where, row) is True]
    if name == "count_rows":
        return Fraction(len(rows))
    if not call.args:
        raise OutsideReferenceError
    if name in _SORTED:
        rows = _sorted_rows(call, rows, value)
    found: list[Any] = [value(call.args[0], row) for row in rows]
    if name in {"first", "last"}:
        return found[0 if name == "first" else -1] if found else None
    if name in {"arg_min", "arg_max"}:
        by = [value(call.args[1], row) for row in rows]
        pairs = [(_order(b), _order(v), v) for b, v in zip(by, found, strict=True)
                 if b is not None and v is not None]  # fmt: skip
        pick = min if name == "arg_min" else max
        return pick(pairs, key=lambda one: one[:2])[2] if pairs else None
    if name in {"corr", "regr_slope"}:
        other = [value(call.args[1], row) for row in rows]
        return _of_pairs(name, [p for p in zip(found, other, strict=True) if None not in p])
    known = [one for one in found if one is not None]
    if name == "count":
        return Fraction(len(known))
    if name == "count_distinct":
        return Fraction(len(set(known)))
    return _of_known(call, name, known) if known else None


def _of_known(call: Call, name: str, known: list[Any]) -> Value:
    picks: dict[str, Callable[[list[Any]], Any]] = {
        "min": lambda values: min(values, key=_order),
        "max": lambda values: max(values, key=_order),
        "bool_or": any,
        "bool_and": all,
        "any_value": lambda values: values[0],
        "mode": _most_frequent,
    }
    if name in picks:
        return picks[name](known)  # type: ignore[no-any-return]
    if name in {"sum", "avg"}:
        return _of_sum(call, name, known)
    if name.startswith("string_agg"):
        return _of_texts(call, name, known)
    if name.startswith(("var_", "stddev_")):
        return _of_spread(name, known)
    if name.startswith("quantile_"):
        return _of_quantile(call, name, known)
    raise OutsideReferenceError


def _most_frequent(known: list[Any]) -> object:
    counts = Counter(known)
    return min(known, key=lambda one: (-counts[one], _order(one)))


def _of_sum(call: Call, name: str, known: list[Any]) -> Value:
    step = call.args[0].domain.step
    steps = [int(one / step) for one in known]
    if any(not -BIGGEST <= one < BIGGEST for one in steps):
        raise OutsideReferenceError
    total = sum(steps)
    if name == "avg":
        return float(total) * step.numerator / step.denominator / len(steps)
    return total * step if -BIGGEST <= total < BIGGEST else None


def _of_quantile(call: Call, name: str, known: list[Any]) -> Value:
    step = call.args[0].domain.step
    if name == "quantile_disc":
        level = Fraction(_written_double(call))
        return sorted(known)[max(math.ceil(level * len(known)), 1) - 1]  # type: ignore[no-any-return]
    steps = sorted(int(one / step) for one in known)
    place = (len(steps) - 1) * _written_double(call)
    low, high = steps[math.floor(place)], steps[math.ceil(place)]
    middle = low + (high - low) * (place - math.floor(place))
    return float(middle) * step.numerator / step.denominator


def _of_spread(name: str, known: list[Any]) -> Value:
    """Variances by the plain definition, in exact fractions."""
    less = 1 if name.endswith("samp") else 0
    if len(known) <= less:
        return None
    mean = Fraction(sum(known)) / len(known)
    variance = sum((one - mean) ** 2 for one in known) / (len(known) - less)
    return math.sqrt(variance) if name.startswith("stddev") else float(variance)


def _of_pairs(name: str, pairs: list[Any]) -> Value:
    if not pairs:
        return None
    means = [Fraction(sum(side)) / len(pairs) for side in zip(*pairs, strict=True)]
    y, x = ([one[place] - means[place] for one in pairs] for place in range(2))
    of_y, of_x = (sum(one**2 for one in side) for side in (y, x))
    both = sum(a * b for a, b in zip(y, x, strict=True))
    if name == "regr_slope":
        return float(both / of_x) if of_x else None
    if not of_x or not of_y:
        return None
    return max(-1.0, min(1.0, float(both) / math.sqrt(of_x * of_y)))


def _of_texts(call: Call, name: str, known: list[Any]) -> Value:
    separator = call.args[1]
    assert isinstance(separator, Literal)
    if name == "string_agg_distinct":
        known = sorted(set(known), key=lambda text: str(text).encode())
    return str(separator.value).join(known)


def _sorted_rows(call: Call, rows: Sequence[Env], value: Evaluate) -> list[Env]:
    """Rows in the order that the words of the call ask for."""
    ordered = re.search(r"ORDER BY ([^()]*)\)", call.sql)
    assert ordered is not None
    over = order_items(call, ordered[1])
    keys = [[value(one.expression, row) for one in over] for row in rows]
    by = functools.cmp_to_key(functools.partial(compared, over))
    return [rows[place] for place in sorted(range(len(rows)), key=lambda place: by(keys[place]))]


def _written_double(call: Call) -> float:
    found = re.search(r"CAST\('([^']+)' AS DOUBLE\)", call.sql)
    assert found is not None
    return float(found[1])


def _order(value: Any) -> tuple[int, Any]:  # noqa: ANN401  any value
    """Doubles in the engine's order: NaN is above all others."""
    return (1, 0) if isinstance(value, float) and math.isnan(value) else (0, value)


@dataclass(frozen=True)
class _Sorted:
    """One item of ORDER BY."""

    expression: Expression
    descending: bool
    nulls_first: bool


def order_items(call: Call, words: str) -> list[_Sorted]:
    return [
        _Sorted(call.args[int(n)], "DESC" in after, "FIRST" in after)
        for n, after in re.findall(r"\{(\d+)\}([^,]*)", words)
    ]


def compared(order: list[_Sorted], one: Sequence[Value], other: Sequence[Value]) -> int:
    for item, left, right in zip(order, one, other, strict=True):
        if left is None or right is None:
            if left is not right:
                return -1 if (left is None) is item.nulls_first else 1
            continue
        a, b = _placed(item.expression, left), _placed(item.expression, right)
        if a != b:
            return (-1 if a < b else 1) * (-1 if item.descending else 1)
    return 0


def _placed(expression: Expression, value: Value) -> tuple[int, Any]:
    """Stored categories are in the order of their declaration, all else in its own."""
    domain = expression.domain
    if domain.is_enum and domain.kind is Kind.TEXT and domain.categories is not None:
        return (0, domain.categories.index(str(value)))
    return _order(value)
