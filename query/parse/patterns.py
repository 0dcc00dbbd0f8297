"""LIKE, SIMILAR TO and regular expressions, in all the ways in which they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from sqlglot import exp

from query.expressions import Expression
from query.functions import FUNCTIONS
from query.parse.literals import text
from query.parse.sqltext import only, refusal

__all__ = ["pattern_of"]

Read: TypeAlias = Callable[[exp.Expr], Expression]

_LIKES: Final[dict[type[exp.Expr], str]] = {exp.Like: "like", exp.ILike: "ilike"}


def pattern_of(node: exp.Expr, read: Read) -> Expression | None:
    """Read a pattern, or return None where the node is another thing."""
    if isinstance(node, exp.Like | exp.ILike | exp.Escape):
        return _like(node, read)
    if isinstance(node, exp.RegexpLike | exp.RegexpILike):
        only(node, "this", "expression", "flag")
        options = [node.args["flag"]] if node.args.get("flag") is not None else []
        parts = [read(part) for part in (node.this, node.expression, *options)]
        if isinstance(node, exp.RegexpILike) and not options:
            parts.append(text("i"))
        return FUNCTIONS["regexp_matches"](tuple(parts))
    if isinstance(node, exp.SimilarTo | exp.RegexpFullMatch):
        only(node, "this", "expression")
        return FUNCTIONS["regexp_full_match"]((read(node.this), read(node.expression)))
    if isinstance(node, exp.RegexpExtract):
        only(node, "this", "expression", "group", "parameters", "null_if_pos_overflow")
        names = ("this", "expression", "group", "parameters")
        return FUNCTIONS["regexp_extract"](_given(node, names, read))
    if isinstance(node, exp.RegexpReplace):
        only(node, "this", "expression", "replacement", "modifiers", "single_replace")
        names = ("this", "expression", "replacement", "modifiers")
        if node.args.get("replacement") is None:
            raise refusal(
                node, "REGEXP_REPLACE has no replacement", "write one such as ''", "SQL-FUNCTION"
            )
        return FUNCTIONS["regexp_replace"](_given(node, names, read))
    return None


def _given(node: exp.Expr, names: tuple[str, ...], read: Read) -> tuple[Expression, ...]:
    found = (node.args.get(name) for name in names)
    return tuple(read(part) for part in found if part is not None)


def _like(node: exp.Expr, read: Read) -> Expression:
    """Read LIKE and ILIKE, which may be negated and have an escape character."""
    inner = node.this if isinstance(node, exp.Escape) else node
    name = _LIKES.get(type(inner))
    if name is None:
        raise refusal(
            node, "ESCAPE follows another thing than LIKE", "leave it out", "SQL-FUNCTION"
        )
    only(inner, "this", "expression", "negate")
    parts = [read(inner.this), read(inner.expression)]
    if inner is not node:
        parts.append(read(node.expression))
    made = FUNCTIONS[name](tuple(parts))
    return FUNCTIONS["not"]((made,)) if inner.args.get("negate") else made
