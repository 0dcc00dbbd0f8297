"""Windows over the rows of one unit, by their names."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from query.expressions import Call
from tests.per_unit_functions import (
    Env,
    Evaluate,
    OutsideReferenceError,
    aggregate,
    compared,
    order_items,
)
from tests.row_functions import Value

__all__ = ["window_values"]


class _Over:
    """What stands after OVER, read from the words of the call."""

    def __init__(self, call: Call) -> None:
        found = re.search(r" OVER \(([^()]*?)( ROWS BETWEEN ([^()]*) AND ([^()]*))?\)", call.sql)
        if found is None:
            raise OutsideReferenceError
        by, _, ordered = found[1].partition("ORDER BY ")
        self.partition = [call.args[int(n)] for n in re.findall(r"\{(\d+)\}", by)]
        self.frame = None if found[2] is None else (found[3], found[4])
        self.order = order_items(call, ordered)

    def compare(self, one: Sequence[Value], other: Sequence[Value]) -> int:
        """Say which of two rows comes first, by the values of ORDER BY."""
        return compared(self.order, one, other)


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


def _values(  # noqa: PLR0911  one for each kind
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
    return [aggregate(call, name.removeprefix("unit_"), frame, value) for frame in framed]


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
