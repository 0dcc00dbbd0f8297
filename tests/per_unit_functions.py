"""Aggregates and windows over the rows of one unit, by their names."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

from query.domains import Kind
from query.expressions import Call, Expression, Literal
from tests.fakes import StoredRow
from tests.row_functions import Value

__all__ = ["OutsideReferenceError", "grouped_value", "window_values"]

Env: TypeAlias = Mapping[str, StoredRow | None]
Evaluate: TypeAlias = Callable[[Expression, Env], Value]
BIGGEST = 2**63
_SORTED = {"first", "last", "any_value", "string_agg"}


class OutsideReferenceError(Exception):
    """The question uses what the reference does not know, or takes it too long."""


def grouped_value(call: Call, rows: Sequence[Env], value: Evaluate) -> Value:
    """Return an aggregate over the rows of one group, none perhaps."""
    return _aggregate(call, call.name.removeprefix("unit_"), rows, value)


def _aggregate(call: Call, name: str, rows: Sequence[Env], value: Evaluate) -> Value:
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
        return _of_pairs(call, name, [p for p in zip(found, other, strict=True) if None not in p])
    known = [one for one in found if one is not None]
    if name == "count":
        return Fraction(len(known))
    if name == "count_distinct":
        return Fraction(len(set(known)))
    return _of_known(call, name, known) if known else None


def _of_known(  # noqa: PLR0911  one for each name
    call: Call, name: str, known: list[Any]
) -> Value:
    step = call.args[0].domain.step
    match name:
        case "min":
            return min(known, key=_order)  # type: ignore[no-any-return]
        case "max":
            return max(known, key=_order)  # type: ignore[no-any-return]
        case "bool_or":
            return any(known)
        case "bool_and":
            return all(known)
        case "sum" | "avg":
            steps = [int(one / step) for one in known]
            if any(not -BIGGEST <= one < BIGGEST for one in steps):
                raise OutsideReferenceError
            total = sum(steps)
            if name == "avg":
                return float(total) * step.numerator / step.denominator / len(steps)
            return total * step if -BIGGEST <= total < BIGGEST else None
        case "any_value":
            return known[0]  # type: ignore[no-any-return]
        case "mode":
            counts = Counter(known)
            return min(known, key=lambda one: (-counts[one], _order(one)))  # type: ignore[no-any-return]
        case "string_agg" | "string_agg_distinct":
            return _of_texts(call, name, known)
        case "var_samp" | "var_pop" | "stddev_samp" | "stddev_pop":
            return _of_spread(call, name, known)
        case "quantile_disc":
            level = Fraction(_written_double(call))
            return sorted(known)[max(math.ceil(level * len(known)), 1) - 1]  # type: ignore[no-any-return]
        case "quantile_cont":
            steps = sorted(int(one / step) for one in known)
            place = (len(steps) - 1) * _written_double(call)
            low, high = steps[math.floor(place)], steps[math.ceil(place)]
            middle = low + (high - low) * (place - math.floor(place))
            return float(middle) * step.numerator / step.denominator
        case _:
            raise OutsideReferenceError


def _of_spread(call: Call, name: str, known: list[Any]) -> Value:
    """Variances by the plain definition, in exact fractions."""
    less = 1 if name.endswith("samp") else 0
    if len(known) <= less:
        return None
    del call
    mean = Fraction(sum(known)) / len(known)
    variance = sum((one - mean) ** 2 for one in known) / (len(known) - less)
    return math.sqrt(variance) if name.startswith("stddev") else float(variance)


def _of_pairs(call: Call, name: str, pairs: list[Any]) -> Value:
    del call
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
    over = _order_items(call, ordered[1])
    keys = [[value(one.expression, row) for one in over] for row in rows]
    by = functools.cmp_to_key(functools.partial(_compare, over))
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


class _Over:
    """What stands after OVER, read from the words of the call."""

    def __init__(self, call: Call) -> None:
        found = re.search(r" OVER \(([^()]*?)( ROWS BETWEEN ([^()]*) AND ([^()]*))?\)", call.sql)
        if found is None:
            raise OutsideReferenceError
        by, _, ordered = found[1].partition("ORDER BY ")
        self.partition = [call.args[int(n)] for n in re.findall(r"\{(\d+)\}", by)]
        self.frame = None if found[2] is None else (found[3], found[4])
        self.order = _order_items(call, ordered)

    def compare(self, one: Sequence[Value], other: Sequence[Value]) -> int:
        """Say which of two rows comes first, by the values of ORDER BY."""
        return _compare(self.order, one, other)


def _order_items(call: Call, words: str) -> list[_Sorted]:
    return [
        _Sorted(call.args[int(n)], "DESC" in after, "FIRST" in after)
        for n, after in re.findall(r"\{(\d+)\}([^,]*)", words)
    ]


def _compare(order: list[_Sorted], one: Sequence[Value], other: Sequence[Value]) -> int:
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


def window_values(call: Call, rows: Sequence[Env], value: Evaluate) -> list[Value]:
    """Return the value of a window in each row."""
    if "IGNORE NULLS" in call.sql:
        raise OutsideReferenceError
    over = _Over(call)
    parts: dict[tuple[Value, ...], list[int]] = {}
    for place, row in enumerate(rows):
        key = tuple(value(one, row) for one in over.partition)
        parts.setdefault(key, []).append(place)
    keys = [[value(one.expression, row) for one in over.order] for row in rows]
    by = functools.cmp_to_key(over.compare)
    values: list[Value] = [None] * len(rows)
    for places in parts.values():
        listed = sorted(places, key=lambda place: by(keys[place]))
        own = [rows[place] for place in listed]
        ties = [over.compare(keys[a], keys[b]) == 0 for a, b in pairwise(listed)]
        peers = [False, *ties]
        found = _values(call, over, own, peers, value)
        for place, one in zip(listed, found, strict=True):
            values[place] = one
    return values


def _values(
    call: Call, over: _Over, rows: list[Env], peers: list[bool], value: Evaluate
) -> list[Value]:
    """``peers`` says of each row whether it ties with the one before."""
    name = call.name.removeprefix("over_")
    numbers = range(len(rows))
    if name in {"row_number", "row_number_of_unit"}:
        return [Fraction(n + 1) for n in numbers]
    if name in {"rank", "dense_rank"}:
        ranks: list[Value] = []
        for n in numbers:
            last = Fraction(sum(not tie for tie in peers[: n + 1]))
            ranks.append(
                ranks[-1] if peers[n] else last if name == "dense_rank" else Fraction(n + 1)
            )
        return ranks
    if name in {"percent_rank", "cume_dist", "ntile"}:
        return [_share(call, name, peers, n) for n in numbers]
    if name in {"lag", "lead"}:
        found = re.match(r"\w+\(\{0\}, (\d+)(, \{1\})?\)", call.sql)
        assert found is not None
        by = int(found[1]) * (-1 if name == "lag" else 1)
        return [
            value(call.args[0], rows[n + by]) if 0 <= n + by < len(rows)
            else value(call.args[1], rows[n]) if found[2] else None
            for n in numbers
        ]  # fmt: skip
    framed = [_framed(over, rows, peers, n) for n in numbers]
    if name == "nth_value":
        asked = re.match(r"\w+\(\{0\}, (\d+)", call.sql)
        assert asked is not None
        at = int(asked[1]) - 1
        return [value(call.args[0], frame[at]) if at < len(frame) else None for frame in framed]
    if name in {"first_value", "last_value"}:
        end = 0 if name == "first_value" else -1
        return [value(call.args[0], frame[end]) if frame else None for frame in framed]
    return [_aggregate(call, name.removeprefix("unit_"), frame, value) for frame in framed]


def _share(call: Call, name: str, peers: list[bool], place: int) -> Value:
    """The place of a row among all, as a share of them, or as the number of its tile."""
    size = len(peers)
    first = max(n for n in range(place + 1) if not peers[n])
    if name == "percent_rank":
        return first / (size - 1) if size > 1 else 0.0
    if name == "cume_dist":
        last = next((n for n in range(place + 1, size) if not peers[n]), size)
        return last / size
    found = re.match(r"NTILE\((\d+)\)", call.sql)
    assert found is not None
    tiles = [tile for tile in range(int(found[1])) for _ in range(
        size // int(found[1]) + (tile < size % int(found[1])))]  # fmt: skip
    return Fraction(tiles[place] + 1)


def _framed(over: _Over, rows: list[Env], peers: list[bool], place: int) -> list[Env]:
    if over.frame is None:
        if not over.order:
            return rows
        end = place + 1
        while end < len(rows) and peers[end]:
            end += 1
        return rows[:end]
    start, end = (_end(words, place, len(rows)) for words in over.frame)
    return rows[max(start, 0) : max(end + 1, 0)]


def _end(words: str, place: int, size: int) -> int:
    if words == "CURRENT ROW":
        return place
    count, side = words.split(" ")
    by = size if count == "UNBOUNDED" else int(count)
    return place - by if side == "PRECEDING" else place + by
