"""Calls of functions by their names: which arguments each takes, in the order of its builder."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Final, TypeAlias

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.expressions import Expression
from query.functions import FUNCTIONS
from query.parse.literals import null
from query.parse.sqltext import called_name, only, refusal

__all__ = ["NAMED", "called", "is_clock", "no_present"]

Read: TypeAlias = Callable[[exp.Expr], Expression]

_KNOWN: Final[dict[type[exp.Expr], tuple[str, tuple[str, ...]]]] = {
    exp.Neg: ("negate", ("this",)),
    exp.Abs: ("abs", ("this",)),
    exp.Sign: ("sign", ("this",)),
    exp.Floor: ("floor", ("this",)),
    exp.Ceil: ("ceil", ("this",)),
    exp.Round: ("round", ("this", "decimals")),
    exp.Trunc: ("trunc", ("this", "decimals")),
    exp.Sqrt: ("sqrt", ("this",)),
    exp.Ln: ("ln", ("this",)),
    exp.Exp: ("exp", ("this",)),
    exp.WidthBucket: ("width_bucket", ("this", "min_value", "max_value", "num_buckets")),
    exp.Nullif: ("null_if", ("this", "expression")),
    exp.Lower: ("lower", ("this",)),
    exp.Upper: ("upper", ("this",)),
    exp.Length: ("length", ("this",)),
    exp.Substring: ("substring", ("this", "start", "length")),
    exp.Left: ("left", ("this", "expression")),
    exp.Right: ("right", ("this", "expression")),
    exp.Replace: ("replace", ("this", "expression", "replacement")),
    exp.StartsWith: ("starts_with", ("this", "expression")),
    exp.EndsWith: ("ends_with", ("this", "expression")),
    exp.Contains: ("contains", ("this", "expression")),
    exp.StrPosition: ("strpos", ("this", "substr")),
    exp.SplitPart: ("split_part", ("this", "delimiter", "part_index")),
    exp.LastDay: ("last_day", ("this",)),
    exp.DateFromParts: ("make_date", ("year", "month", "day")),
    exp.TimeToStr: ("strftime", ("this", "format")),
    exp.Monthname: ("monthname", ("this",)),
    exp.Dayname: ("dayname", ("this",)),
    exp.Date: ("to_day", ("this",)),
}
_OPTIONAL: Final = frozenset({"decimals", "length"})
_LISTS: Final[dict[type[exp.Expr], str]] = {
    exp.Coalesce: "coalesce",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Concat: "concat",
    exp.ConcatWs: "concat_ws",
}
NAMED: Final = {
    "age_band": ("age_band", (2,)),
    "clamp": ("clamp", (3,)),
    "iff": ("case", (2, 3)),
    "add": ("add", (2,)),
    "subtract": ("subtract", (2,)),
    "multiply": ("multiply", (2,)),
    "divide": ("floor_divide", (2,)),
    "prefix": ("starts_with", (2,)),
    "suffix": ("ends_with", (2,)),
}
"""Functions that the parser of SQL does not know: name in the allow-list, numbers of arguments."""

_OURS: Final = frozenset({"to_date", "to_day", "is_null", "same", "moved", "part", "truncate"})
"""Names in the allow-list that no researcher writes."""
_FLAGS = ("safe", "coalesce", "ignore_nulls", "zone", "is_left")
_CLOCKS = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime, exp.CurrentDatetime)
_CLOCK_NAMES = frozenset({"now", "today", "getdate", "get_current_timestamp", "localtimestamp"})


def called(node: exp.Expr, read: Read) -> Expression | None:
    """Read a function by its name, or return None where the node is another thing.

    Raises:
        UnsupportedQueryError: If the function is not known, or has other arguments.
    """
    kind = type(node)
    if kind in _KNOWN:
        name, parts = _KNOWN[kind]
        only(node, *parts)
        found = {part: node.args.get(part) for part in parts}
        if any(one is None and part not in _OPTIONAL for part, one in found.items()):
            raise refusal(
                node,
                f"{name.upper()} has too few arguments",
                "see the list of functions in the user guide",
                "SQL-FUNCTION",
            )
        return FUNCTIONS[name](tuple(read(one) for one in found.values() if one is not None))
    if kind in _LISTS:
        only(node, "this", "expressions", *_FLAGS)
        items = [node.args.get("this"), *node.expressions]
        return FUNCTIONS[_LISTS[kind]](tuple(read(item) for item in items if item is not None))
    if isinstance(node, exp.Trim):
        only(node, "this", "expression", "position")
        name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(
            node.args.get("position") or "", "trim"
        )
        blanks = filter(None, [node.args.get("expression")])
        return FUNCTIONS[name](tuple(map(read, (node.this, *blanks))))
    if isinstance(node, exp.Pad):
        only(node, "this", "expression", "fill_pattern", "is_left")
        name = "lpad" if node.args.get("is_left") else "rpad"
        fill = node.args.get("fill_pattern") or exp.Null()
        return FUNCTIONS[name](tuple(map(read, (node.this, node.expression, fill))))
    if isinstance(node, exp.Log):
        return _logarithm(node, read)
    if is_clock(node):
        raise no_present(node, "such as DATE '2024-12-31'")
    return _anonymous(node, read) if isinstance(node, exp.Anonymous) else None


def is_clock(node: exp.Expr) -> bool:
    """Say whether a node asks for the present date or time."""
    return isinstance(node, _CLOCKS) or called_name(node) in _CLOCK_NAMES


def no_present(node: exp.Expr, instead: str) -> UnsupportedQueryError:
    """Return the refusal of the present, with the date to write in its place."""
    remedy = f"write the date, {instead}"
    return refusal(node, "the present is not known to a query", remedy, "SQL-FUNCTION")


def _logarithm(node: exp.Log, read: Read) -> Expression:
    only(node, "this", "expression")
    base, value = node.this, node.args.get("expression")
    if value is None:
        return FUNCTIONS["log10"]((read(base),))
    return FUNCTIONS["log"]((read(base), read(value)))


def _counted(arguments: list[exp.Expr]) -> str:
    return f"{len(arguments) or 'no'} argument{'' if len(arguments) == 1 else 's'}"


def _anonymous(node: exp.Anonymous, read: Read) -> Expression:
    name = called_name(node)
    known = NAMED.get(name)
    if known is None or len(node.expressions) not in known[1]:
        near = [
            one
            for one in difflib.get_close_matches(name, [*FUNCTIONS, *NAMED], n=2, cutoff=0.7)
            if one not in _OURS
        ]
        remedy = f"did you mean {' or '.join(near).upper()}; " if near else ""
        raise refusal(
            node,
            f"the function {name.upper()} with {_counted(node.expressions)} is not on the list",
            f"{remedy}see the list of functions in the user guide",
            "SQL-FUNCTION",
        )
    args = [read(arg) for arg in node.expressions]
    if name == "iff" and len(args) < known[1][-1]:
        args.append(null())
    return FUNCTIONS[known[0]](tuple(args))
