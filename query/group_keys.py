"""Which group keys can be released: public domains, and what a threshold can select."""

from __future__ import annotations

from policies.datasets import DatasetPolicy
from policies.errors import UnsupportedQueryError
from query.domains import Kind
from query.question import GroupKey, Question

__all__ = ["check_domains"]

_SELECTED = {Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.TIMESTAMP}
"""Kinds of values that can be selected by a threshold; doubles are never equal but by chance."""


def check_domains(question: Question, dataset: DatasetPolicy) -> None:
    """Check that every group key has a finite public domain, or can be selected by a threshold.

    Raises:
        UnsupportedQueryError: With the position of the key that has none.
    """
    for one in question.questions:
        _check_keys(one, dataset, alone=not question.others)


def _check_keys(question: Question, dataset: DatasetPolicy, *, alone: bool) -> None:
    for key in question.private_keys:
        if dataset.spec.queries.private_keys == "denied":
            raise UnsupportedQueryError(
                "no finite public domain is known for this group key",
                code="SQL-GROUP",
                remedy=(
                    "use DATE_TRUNC, age_band(x, width), CASE, or a column with declared "
                    "categories or bounds"
                ),
                position=key.position,
            )
        _check_private(question, key, alone=alone)


def _check_private(question: Question, key: GroupKey, *, alone: bool) -> None:
    kind = key.expression.domain.kind
    if kind not in _SELECTED:
        raise UnsupportedQueryError(
            f"a group key without a public domain is a {kind.value}",
            code="SQL-PRIVATE-KEY",
            remedy="group by an exact value, such as ROUND(x, 2) or FLOOR(x)",
            position=key.position,
        )
    if question.sets:
        raise UnsupportedQueryError(
            "ROLLUP, CUBE or GROUPING SETS hold a group key without a public domain",
            code="SQL-PRIVATE-KEY",
            remedy="ask for each set of keys in a question of its own",
            position=key.position,
        )
    if not alone:
        raise UnsupportedQueryError(
            "a group key without a public domain stands in one of several answers of a statement",
            code="SQL-PRIVATE-KEY",
            remedy="ask for the groups of this key in a statement of its own",
            position=key.position,
        )
