"""The models of quotes and answers, as ``query.documents`` writes them."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field
from pydantic.dataclasses import dataclass

from gateway.openapi.operations import JSON, Reply
from policies.model import STRICT

__all__ = [
    "ANSWER",
    "AnswerReply",
    "EstimateReply",
    "LargeIntegerReply",
    "LossReply",
    "PureLossReply",
    "QuoteReply",
    "QuotedAggregateReply",
    "ReceiptReply",
    "ZcdpLossReply",
]

Amount: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$")]
"""An exact decimal number, as text."""
_Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PureLossReply:
    """A privacy loss in a pool of pure differential privacy."""

    measure: Literal["pure"]
    epsilon: Amount
    delta: Amount


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ZcdpLossReply:
    """A privacy loss in a pool that counts in zCDP."""

    measure: Literal["zcdp"]
    rho: Amount
    delta: Amount


LossReply: TypeAlias = PureLossReply | ZcdpLossReply


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QuotedAggregateReply:
    """What one noisy column would be worth.

    Attributes:
        column: Its name in the answer.
        aggregate: As it was asked.
        mechanism: That draws its noise.
        sensitivity: The most that one privacy unit moves it.
        expected_error: Half-width of its interval; null where that depends on the answer.
    """

    column: str
    aggregate: str
    mechanism: str
    sensitivity: str
    expected_error: float | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QuoteReply:
    """The price of a question, and the error to expect.

    Attributes:
        loss: What would be charged now.
        cells: Groups of the answer; 0 where only the answer shows them.
        aggregates: Its noisy columns.
        max_groups: Bound on groups of one privacy unit.
        max_rows_per_group: Bound on rows of one unit in one group.
        confidence: Of the intervals.
        explanation: How it is answered, in words.
        template: The question as it was understood.
        spent: What was paid for it before.
        threshold: Smallest noisy number of units of a private key that appears.
    """

    loss: LossReply
    cells: _Count
    aggregates: tuple[QuotedAggregateReply, ...]
    max_groups: _Count
    max_rows_per_group: _Count
    confidence: float
    explanation: tuple[str, ...]
    template: str
    spent: LossReply | None
    threshold: _Count | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EstimateReply:
    """A noisy number with the error of its noise; all null where it is withheld."""

    value: float | None
    standard_error: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LargeIntegerReply:
    """An integer that a JSON number would round."""

    integer: Annotated[str, Field(pattern=r"^-?[0-9]+$")]


_Cell: TypeAlias = EstimateReply | LargeIntegerReply | str | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ReceiptReply:
    """Where a release stands in the audit log.

    Attributes:
        index: Number of the entry.
        leaf_hash: SHA-256 of it, in hex.
        checkpoint: The signed head that holds it.
        proof: That proves it offline (C2SP tlog-proof).
    """

    index: _Count
    leaf_hash: str
    checkpoint: str
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AnswerReply:
    """An answer.

    Attributes:
        query_id: For ``GET …/queries/{id}``.
        columns: In the order of the SELECT.
        rows: Group keys as they are, noisy numbers with their errors.
        suppressed: How many cells are withheld.
        quote: What was promised.
        charged: What this request cost.
        repeated: Whether it had been given before.
        policy: Digest of the declarations.
        receipt: Where it stands in the audit log.
    """

    query_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    columns: tuple[str, ...]
    rows: tuple[tuple[_Cell, ...], ...]
    suppressed: _Count
    quote: QuoteReply
    charged: LossReply
    repeated: bool
    policy: str
    receipt: ReceiptReply | None


ANSWER: Final = Reply(
    means="The answer, in the form that Accept asks for.",
    media={
        JSON: AnswerReply,
        "text/csv": None,
        "application/vnd.apache.arrow.stream": None,
        "application/vnd.apache.parquet": None,
    },
    headers={
        "Gateway-Query-Id": "For GET …/queries/{query_id}.",
        "Gateway-Charged": "What this request cost, in epsilon or rho.",
        "Gateway-Suppressed": "How many cells are withheld.",
    },
)
