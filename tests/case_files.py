"""Cases as data: SQL statements with what is expected of them, from ``tests/cases``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["SqlCase", "sql_cases"]

_FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class SqlCase:
    """One block of a case file.

    Attributes:
        expected: The comment line above it, without its mark; empty if there is none.
        statements: Texts up to the next comment or empty line, without their last semicolon.
    """

    expected: str
    statements: tuple[str, ...]


def sql_cases(name: str) -> list[SqlCase]:
    """Read one case file; blocks are separated by empty lines."""
    cases: list[SqlCase] = []
    for block in (_FOLDER / name).read_text(encoding="utf-8").strip().split("\n\n"):
        first, *rest = block.split("\n")
        comment = first.removeprefix("#").strip() if first.startswith("#") else ""
        lines = rest if comment else [first, *rest]
        cases.append(SqlCase(comment, tuple(line.removesuffix(";") for line in lines)))
    return cases
