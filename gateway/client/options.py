"""What a question may say beside its SQL, and the body in which it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, TypedDict

from query.fields import Document

__all__ = ["QuestionOptions", "question_body"]


class QuestionOptions(TypedDict, total=False):
    """What a question may say beside its SQL; the policy fills in what is left out.

    Attributes:
        dataset: What is asked; needed where the project has several.
        purpose: Why; needed where the project has several.
        epsilon: Price, in pools of pure differential privacy.
        rho: Price, in zCDP pools.
        max_groups: Narrows the bound on groups of one privacy unit.
        max_rows_per_group: Narrows the bound on rows of one unit in one group.
        bounding: ``stored`` chooses a unit's rows before the question's filters, where ingest has
            done so; ``exact``, the default, after them.
        accuracy: In place of a price: ``{"within": 25}``, and ``"confidence"`` if not 0.95; the
            price is then the least at which counts and sums are so exact.
        weights: From a column of the answer to how much its error matters, above 0; the loss is
            shared accordingly.
        confidence: Of the intervals; above 0 and below 1, 0.95 by default.
        confirm_price: Refuse if the price is not exactly this.
        delta: Most that a threshold of private group keys may use up.
    """

    dataset: str
    purpose: str
    epsilon: str | Decimal | float
    rho: str | Decimal | float
    accuracy: Mapping[str, float]
    weights: Mapping[str, float]
    max_groups: int
    max_rows_per_group: int
    bounding: Literal["exact", "stored"]
    confidence: float
    confirm_price: str | Decimal | float
    delta: str | Decimal | float


def question_body(sql: str, options: QuestionOptions) -> Document:
    """Return the body of a question, with amounts as the strings that they must be."""
    body: Document = {"sql": sql}
    for name, value in options.items():
        if name in {"epsilon", "rho", "confirm_price", "delta"} and value is not None:
            body[name] = value if isinstance(value, str) else format(Decimal(str(value)), "f")
        elif value is not None:
            body[name] = dict(value) if isinstance(value, Mapping) else value
    return body
