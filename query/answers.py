"""What is asked of the engine, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from policies.decisions import Access
from policies.privacy import Measure, PrivacyLoss
from query.ports import Receipt

__all__ = [
    "Accuracy",
    "Answer",
    "Estimate",
    "Key",
    "Quote",
    "QuotedAggregate",
    "Request",
    "Value",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How exact an answer is wanted, in place of what it may cost.

    Attributes:
        within: Half-width of the interval that every noisy count and sum shall have at most, in
            the aggregate's unit; finite, above 0.
        confidence: Of that interval; above 0 and below 1.
    """

    within: Decimal
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question.

    Attributes:
        access: Who asks what, why and when.
        sql: One SELECT in DuckDB's dialect, at most 16 KiB; ``OPTIONS (…)`` may stand before it,
            and says what the other fields leave open (``query.parse.options``).
        loss: What the whole answer may cost, as epsilon (rho in zcdp pools), what was paid for
            the same question before included; the policy's default if None.
        measure: The measure in which ``loss`` was named; None for whatever the pool has.
        accuracy: The loss is the least that makes the answer this exact; not together with
            ``loss``.
        max_groups: Narrows the policy's bound on groups per unit; 1 or more.
        max_rows_per_group: Narrows the policy's bound on rows per unit and group; 1 or more.
        bounding: When a unit's rows and groups are chosen: ``exact`` for those that the question's
            filters leave, ``stored`` for before the filters, where ingest has done it; exact if
            None.
        weights: From a column of the answer to how much its error matters, above 0; 1 for those
            that are not named.
        confidence: Of the intervals; above 0 and below 1; 0.95 if None.
        confirm_price: Refuse if something else would be charged, as epsilon (rho in zcdp pools);
            an answer that costs nothing is given whatever was confirmed.
        delta: Most delta that a threshold of private keys may use up; above 0 and below 1, and the
            policy's largest if None. Not looked at where keys are public.
    """

    access: Access
    sql: str
    loss: Decimal | None = None
    measure: Measure | None = None
    accuracy: Accuracy | None = None
    max_groups: int | None = None
    max_rows_per_group: int | None = None
    bounding: str | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    confidence: float | None = None
    confirm_price: Decimal | None = None
    delta: Decimal | None = None


Key: TypeAlias = str | int | float | bool | None
"""One group key; dates and timestamps as ISO 8601 text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One noisy number; None throughout where the cell is suppressed.

    The error is that of the noise alone: what clamping and contribution bounds cut off is not in
    it, and is said beside the answer.

    Attributes:
        value: The noisy value, in the aggregate's unit.
        standard_error: Of the noise, in the same unit.
        lower: Lower end of the interval at the answer's confidence.
        upper: Upper end.
    """

    value: float | None
    standard_error: float | None
    lower: float | None
    upper: float | None


Value: TypeAlias = Key | Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedAggregate:
    """What one column of the answer would be worth.

    Attributes:
        column: Name in the answer.
        aggregate: What is computed, such as ``AVG(age)``.
        mechanism: The noise, such as ``discrete Laplace, scale 20``.
        sensitivity: Most that one unit moves the noisy statistic, in words with its unit.
        expected_error: Half-width of the interval at the confidence asked for, in the
            aggregate's unit, where it does not depend on the data; else None.
    """

    column: str
    aggregate: str
    mechanism: str
    sensitivity: str
    expected_error: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Price and worth of a question, for free.

    A function of text, policy, declaration and of what was paid for the same question before;
    never of rows.

    Attributes:
        loss: What would be charged now; nothing where a stored answer is as good.
        cells: Rows of the full cross product of group keys; 1 without keys, 0 where a key is
            private, so that only the answer shows how many there are.
        aggregates: One for each noisy column.
        max_groups: Bound in force on groups per unit.
        max_rows_per_group: Bound in force on rows per unit and group.
        confidence: Of the expected errors.
        explanation: The plan in words, a sentence a line.
        template: The query in canonical form, as it will stand in the audit log.
        spent: What was paid for the same question before, and is part of the errors above; None
            where it was never asked, or where it cannot be: a draw of private keys stands alone,
            and nothing is built upon what is older than the dataset lets answers be given.
        threshold: Smallest noisy number of units of a private key that is released; None where
            keys are public.
    """

    loss: PrivacyLoss
    cells: int
    aggregates: tuple[QuotedAggregate, ...]
    max_groups: int
    max_rows_per_group: int
    confidence: float
    explanation: tuple[str, ...]
    template: str
    spent: PrivacyLoss | None = None
    threshold: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A release: noisy numbers with their errors, their price and where it is recorded.

    Attributes:
        query_id: 32 hex digits.
        columns: Names, in the order of the SELECT.
        rows: One for each released cell; keys are plain values, numbers are estimates.
        suppressed: Cells withheld because their noisy count was below the policy's threshold.
        quote: The bounds, mechanisms and words under which it was made.
        charged: What this request was charged; nothing for a repeat.
        repeated: Whether it is the stored answer to an equal question, for which at least as much
            was paid.
        policy_digest: Policies under which it was allowed.
        receipt: Where its release stands in the audit log.
    """

    query_id: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    suppressed: int
    quote: Quote
    charged: PrivacyLoss
    repeated: bool
    policy_digest: str
    receipt: Receipt | None
