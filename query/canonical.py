"""Canonical forms: the template for the audit log, and the key under which answers are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from query.canonical_rows import exact, rows_text, text_of
from query.expressions import Expression
from query.plan import Part, Plan
from query.question import GroupKey, Question
from query.templates import statement_text

__all__ = ["question_key", "template"]


def template(question: Question) -> str:
    """Return the question as SQL in canonical form, without what a researcher might have leaked.

    A constant is kept where it lies in the declared domain of what it is compared with, or is a
    whole number below 1,000; any other is shown as ``:text``, ``:number`` or ``:date``.
    """
    return statement_text(question)


def question_key(plan: Plan, *facts: str) -> bytes:
    """Return SHA-256 of what is released: rows, keys, cells, statistics, bounds and other facts.

    Names, order, HAVING and LIMIT of the answer are not in it: they are computed afterwards.
    Neither are noise and loss: a question that is asked again at another price is the same.

    Args:
        plan: The plan; its noises are not looked at.
        facts: What else must be equal, such as snapshot and policy.
    """
    parts = [
        *(line for one in plan.question.questions for line in _asked(one)),
        *(line for part in plan.parts for line in _measured(part)),
        *facts,
    ]
    return hashlib.sha256("\n".join(parts).encode()).digest()


def _asked(question: Question) -> Iterator[str]:
    yield rows_text(question.relation, exact)
    for key in question.keys:
        yield f"key {text_of(key.expression, exact)}"
        yield f"of {_values(key)}"


def _values(key: GroupKey) -> str:
    """Say which cells there are, so that no stored vector is ever read as if it had others."""
    known = key.expression.domain
    ends = (known.lower, known.upper, known.step, known.grain.value)
    return f"{key.size} {key.has_null} {known.kind.value} {ends} {known.categories}"


def _measured(part: Part) -> Iterator[str]:
    bounds = part.bounds
    yield (
        f"question {part.question} set {part.keys} "
        f"bounds {bounds.max_groups} {bounds.max_rows_per_group} {bounds.kept}"
    )
    for one in part.statistics:
        yield (
            f"statistic {one.kind.value} {one.center} {one.bound} {one.step} {one.buckets} "
            f"{one.tree} {one.origin} {one.width} "
            f"{_optional(one.value)} where {_optional(one.where)}"
        )


def _optional(expression: Expression | None) -> str:
    return "-" if expression is None else text_of(expression, exact)
