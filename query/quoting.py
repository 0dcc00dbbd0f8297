"""Names and constants as SQL has them: the one place where a mark inside them is doubled."""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never

__all__ = ["constant", "quoted", "quoted_text"]


def quoted(name: str) -> str:
    """Return a name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def constant(value: str | bool | date | None) -> str:  # noqa: FBT001  a value like others
    """Return a constant that is no number as SQL; a number is written as what it is used for."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return quoted_text(value)
        case datetime():
            return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
        case date():
            return f"DATE '{value.isoformat()}'"
        case _:
            assert_never(value)
