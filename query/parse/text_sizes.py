"""How much text joins may make of one unit: memory must not tell that somebody is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sqlglot import exp

from query.domains import Kind
from query.expressions import Call, ColumnRef, Expression, SubQuery, is_window, walk
from query.parse.row_caps import MAX_JOINED_ROWS, multiplied_rows
from query.parse.sqltext import refusal
from query.question import Question, before_noise
from query.relations import Derived, Filter, Grouped, Join, Relation, Union, rows_of
from query.text_lengths import JOINED_COPIES
from query.traversal import expressions_of, sources

__all__ = ["check_texts"]

_PUT_TOGETHER: Final = frozenset({"unit_string_agg", "unit_string_agg_distinct"})

MAX_TEXTS = 2_000_000
"""Texts of usual length in all rows together that joins make of one unit."""
MAX_TEXTS_PUT_TOGETHER = 200
"""Such rows whose texts may be put into one."""
MAX_REPEATED = 40
"""Rows that may each hold a text of all rows of a unit, however many those are."""


def check_texts(question: Question, node: exp.Expr) -> None:
    """Check that what joins multiply holds no long texts, and that few of them become one.

    Rows that stand as they are stored are their unit's own, however many there are; but not a text
    that many of them became, once more in each of them: that grows as their square.

    Raises:
        UnsupportedQueryError: If they may.
    """
    try:
        expressions = list(before_noise(question))
        _check(expressions, multiplied_rows(question.relation))
        _check_repeated(expressions, question.relation)
        _check_relation(question.relation, 0)
    except _TooLongError:
        raise refusal(
            node,
            "the joins here could make too much text of one unit",
            "shorten texts before the join, by LEFT(x, 50) in a sub-query",
            "SQL-JOIN",
        ) from None


class _TooLongError(Exception):
    """Some text is too long for the rows it stands in."""


def _check_relation(relation: Relation, around: int) -> None:
    """Check a relation and what it is made of; so many rows ``around`` it multiply its own."""
    for source in sources(relation):
        _check_relation(source, around)
    rows = max(multiplied_rows(one) for one in (relation, *sources(relation)))
    _check(expressions_of(relation), rows, 0 if _is_over_groups(relation) else around)
    over = relation if isinstance(relation, Join) else next(iter(sources(relation)), relation)
    _check_repeated(expressions_of(relation), over)


def _is_over_groups(relation: Relation) -> bool:
    """Whether rows are what groups were made into: of many there are few again."""
    while isinstance(relation, Filter | Derived):
        relation = relation.source
        if isinstance(relation, Grouped):
            return True
    return False


def _check(expressions: Iterable[Expression], rows: int, around: int = 0) -> None:
    """Check what is computed in each of so many rows, 0 for those that stand as stored."""
    copies = 0
    for expression in expressions:
        parts = list(walk(expression))
        copies += max(map(_copies, parts))
        for part in parts:
            if isinstance(part, SubQuery):  # joined to the rows around it, as far as that may go
                _check_relation(rows_of(part), MAX_JOINED_ROWS)
            elif isinstance(part, Call) and rows * _put_together(part) > MAX_TEXTS_PUT_TOGETHER:
                raise _TooLongError
    if max(rows, around) * copies > MAX_TEXTS:
        raise _TooLongError


def _check_repeated(expressions: Iterable[Expression], relation: Relation) -> None:
    """Check that no text of many rows stands in each of many rows that the expressions are over."""
    if relation.max_rows is not None and relation.max_rows <= MAX_REPEATED:
        return
    repeated = frozenset(_repeated(relation))
    for expression in expressions:
        for part in walk(expression):
            inside = isinstance(part, SubQuery) or is_window(part)
            inside = inside or (isinstance(part, ColumnRef) and part.alias in repeated)
            if inside and _copies(part) >= JOINED_COPIES:
                raise _TooLongError


def _repeated(relation: Relation) -> Iterator[str]:
    """Yield our names of what is joined, of which one row may stand beside many."""
    match relation:
        case Join():
            yield from _repeated(relation.left)
            yield from _repeated(relation.right)
            if relation.finds_one and isinstance(relation.right, Derived | Grouped | Union):
                yield relation.right.alias  # of an ASOF join
        case Filter():
            yield from _repeated(relation.source)
        case Derived() | Grouped() | Union() if relation.max_rows is not None:
            yield relation.alias
        case _:
            return


def _copies(part: Expression) -> int:
    """Return how many texts a value is as long as; one of many rows stands once for all of them."""
    if part.domain.kind is not Kind.TEXT or (isinstance(part, Call) and part.name in _PUT_TOGETHER):
        return 0
    return part.domain.copies


def _put_together(call: Call) -> int:
    """Return as how many texts one row adds to a text of many rows; 0 where its texts are known."""
    together = call.name in _PUT_TOGETHER and not call.domain.categories
    return call.args[0].domain.copies if together else 0
