"""Questions of clinical researchers, read from ``tests/cases/clinical`` and ``clinical_refused``.

A file opens with ``-- dataset: <id>``. Each case starts with ``-- title: …`` and may have the
headers that ``AnsweredCase`` and ``RefusedCase`` name; then comes the SQL as a person would write
it, comments and all. In a refused case, ``-- instead:`` separates it from the nearest question
that is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["AnsweredCase", "RefusedCase", "answered_cases", "refused_cases"]

_CASES = Path(__file__).resolve().parents[1] / "cases"
_HEADER = re.compile(
    r"^-- (?P<name>title|asks|expect|compare|refused|dataset|instead): ?(?P<text>.*)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCase:
    """One question that is answered.

    Attributes:
        name: File and title, unique.
        dataset: Which dataset is asked.
        asks: The clinical question in one line.
        sql: The question in DuckDB's SQL.
        facts: Plan facts under the shipped policy, from ``groups``, ``rows`` and ``cells``.
        tolerance: How far a noisy number may lie from the exact one beside its noise, relative to
            the exact one; what quantiles and second moments need.
        loose: Contribution bounds (groups, rows) that cut nothing; None for the tables' own.
        exact: Whether the numbers are compared; ``rows`` compares only the group keys.
    """

    name: str
    dataset: str
    asks: str
    sql: str
    facts: Mapping[str, int]
    tolerance: float
    loose: tuple[int, int] | None
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCase:
    """One question that is refused, and the nearest one that is not.

    Attributes:
        name: File and title, unique.
        dataset: Which dataset is asked.
        sql: The question that is refused.
        code: With which code.
        place: ``line:column`` in ``sql``, the line alone where any place in it will do, or empty
            where the refusal has no place.
        instead: The question that is answered.
    """

    name: str
    dataset: str
    sql: str
    code: str
    place: str
    instead: str


def answered_cases() -> list[AnsweredCase]:
    """Read all cases of ``tests/cases/clinical``, sorted by file."""
    return [
        _answered(name, dataset, block) for name, dataset, block in _blocks(_CASES / "clinical")
    ]


def refused_cases() -> list[RefusedCase]:
    """Read all cases of ``tests/cases/clinical_refused``, sorted by file."""
    return [
        _refused(name, dataset, block)
        for name, dataset, block in _blocks(_CASES / "clinical_refused")
    ]


def _blocks(folder: Path) -> Iterator[tuple[str, str, str]]:
    for file in sorted(folder.glob("*.sql")):
        opening, *blocks = re.split(r"^(?=-- title: )", file.read_text("utf-8"), flags=re.MULTILINE)
        dataset = _headers(opening)[0]["dataset"]
        for block in blocks:
            title = block.split("\n", 1)[0].removeprefix("-- title: ")
            yield f"{file.stem}: {title}", dataset, block


def _headers(block: str) -> tuple[dict[str, str], str]:
    """Split a block into its headers and the SQL below them."""
    found: dict[str, str] = {}
    lines = block.split("\n")
    while lines and (match := _HEADER.match(lines[0])):
        found[match["name"]] = match["text"].strip()
        lines.pop(0)
    return found, "\n".join(lines).strip().removesuffix(";")


def _answered(name: str, dataset: str, block: str) -> AnsweredCase:
    headers, sql = _headers(block)
    compare = dict(one.split("=") for one in headers.get("compare", "").split())
    groups, _, rows = compare.get("loose", "").partition("x")
    return AnsweredCase(
        name=name,
        dataset=dataset,
        asks=headers["asks"],
        sql=sql,
        facts={
            fact: int(value)
            for fact, value in (one.split("=") for one in headers.get("expect", "").split())
        },
        tolerance=float(compare.get("tolerance", "0.001")),
        loose=(int(groups), int(rows)) if groups else None,
        exact=compare.get("only") != "keys",
    )


def _refused(name: str, dataset: str, block: str) -> RefusedCase:
    refused, instead = re.split(r"^-- instead:.*\n", block, maxsplit=1, flags=re.MULTILINE)
    headers, sql = _headers(refused)
    code, _, place = headers["refused"].partition(" ")
    return RefusedCase(
        name=name,
        dataset=dataset,
        sql=sql,
        code=code,
        place=place,
        instead=instead.strip().removesuffix(";"),
    )
