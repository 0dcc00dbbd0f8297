"""SQL text to sqlglot's tree: one SELECT, or a refusal with its position."""

from __future__ import annotations

import logging
import unicodedata

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from policies.errors import Position, UnsupportedQueryError

__all__ = [
    "MAX_SQL_CHARS",
    "called_name",
    "only",
    "position_of",
    "refusal",
    "select_of",
    "too_deep",
    "written_name",
]

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # its warnings quote the query

MAX_SQL_CHARS = 16 * 1024
MAX_DEPTH = 200


def select_of(sql: str) -> exp.Query:
    """Parse one SELECT, or a UNION of several, in DuckDB's dialect.

    Raises:
        UnsupportedQueryError: If the text is too long, does not parse, or is not one SELECT.
    """
    if len(sql) > MAX_SQL_CHARS:
        raise UnsupportedQueryError(
            f"the query has {len(sql)} characters; {MAX_SQL_CHARS} are allowed",
            code="SQL-TOO-LONG",
            remedy="shorten it",
        )
    if not sql.isprintable() and any(_is_unreadable(character) for character in sql):
        raise UnsupportedQueryError(
            "the text holds a control character or half of a character",
            code="SQL-SYNTAX",
            remedy="remove it; tabs and line ends may stay",
        )
    statements = [statement for statement in _parsed(sql) if statement is not None]
    if len(statements) != 1:
        raise UnsupportedQueryError(
            f"the text holds {len(statements)} statements; exactly 1 is allowed",
            code="SQL-STATEMENT",
            remedy="send one SELECT",
        )
    statement = statements[0]
    if not isinstance(statement, exp.Select | exp.Union):
        pivot = isinstance(statement, exp.Pivot)
        remedy = "write SELECT * FROM (PIVOT …)" if pivot else "send one SELECT"
        raise refusal(statement, "the statement is not a SELECT", remedy, "SQL-STATEMENT")
    _check_depth(statement)
    return statement


def _is_unreadable(character: str) -> bool:
    """Say whether a character is a control, or a surrogate, which no encoding has."""
    return unicodedata.category(character) in {"Cc", "Cs"} and character not in "\t\n\r"


def _parsed(sql: str) -> list[exp.Expr | None]:
    try:
        return list(sqlglot.parse(sql, read="duckdb"))
    except SqlglotError as error:
        details = getattr(error, "errors", None) or [{}]
        line, end = details[0].get("line"), details[0].get("col")
        width = len(details[0].get("highlight") or " ")
        place = Position(int(line), max(int(end) - width + 1, 1)) if line and end else None
    except RecursionError:
        place = None
    raise UnsupportedQueryError(
        "the text does not parse as SQL",
        code="SQL-SYNTAX",
        remedy="check the spelling around this place",
        position=place,
    )


def _check_depth(statement: exp.Expr) -> None:
    if any(node.depth > MAX_DEPTH for node in statement.walk()):
        raise UnsupportedQueryError(
            f"the query is nested more than {MAX_DEPTH} levels deep",
            code="SQL-TOO-DEEP",
            remedy="write long AND and OR lists with IN or BETWEEN",
        )


def position_of(node: exp.Expr) -> Position | None:
    """Return where a node starts in the text, by the first token known in it."""
    starts = [
        (meta["start"], Position(meta["line"], max(meta["col"] - meta["end"] + meta["start"], 1)))
        for meta in (child.meta for child in node.walk())
        if "line" in meta
    ]
    return min(starts, key=lambda found: found[0])[1] if starts else None


def refusal(node: exp.Expr, message: str, remedy: str, code: str) -> UnsupportedQueryError:
    """Return the refusal of one construct, with its place."""
    return UnsupportedQueryError(message, code=code, remedy=remedy, position=position_of(node))


def called_name(node: exp.Expr) -> str:
    """Return the name, in lower case, of a call of what sqlglot has no class for; else nothing."""
    return str(node.this).lower() if isinstance(node, exp.Anonymous) else ""


def written_name(node: exp.Expr) -> str:
    """Return what a function or operator is called in SQL."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).upper()
    if isinstance(node, exp.GroupConcat):
        return "STRING_AGG"
    name = node.sql(dialect="duckdb").partition("(")[0]
    return name if name.replace("_", "").isalnum() and name.isupper() else node.key.upper()


def too_deep() -> UnsupportedQueryError:
    """Return the refusal of a text whose parts stand too deep in one another."""
    return UnsupportedQueryError(
        "the query is nested too deeply", code="SQL-TOO-DEEP", remedy="simplify it"
    )


def only(node: exp.Expr, *names: str) -> None:
    """Check that a node says nothing beyond the named parts, so that nothing is ignored.

    Raises:
        UnsupportedQueryError: Naming the first part that is not known.
    """
    for name, value in node.args.items():
        if value and name not in names:
            raise refusal(
                node,
                f"{node.key.upper()} with {name.strip('_').upper()} is not supported",
                "leave this part out",
                "SQL-CONSTRUCT",
            )
