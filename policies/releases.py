"""The record door: what a dataset declares before any of its records may leave; off by default."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT, Permission, QuotedDecimal

__all__ = ["Determination", "KAnonymity", "LDiversity", "Releases", "TextEvidence"]

Share = Annotated[QuotedDecimal, Field(le=1)]
"""A share of a whole, in quotes; from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class KAnonymity:
    """How many records share each combination of quasi-identifiers.

    Attributes:
        k: Records at least; 2 or more.
        suppress_max: Share of the records that may be left out to reach it.
    """

    k: Annotated[int, Field(ge=2)]
    suppress_max: Share = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LDiversity:
    """How many values of a sensitive column stand in each such combination.

    Attributes:
        column: ``table.column``.
        l: Different values at least; 2 or more.
    """

    column: str
    l: Annotated[int, Field(ge=2)]  # noqa: E741  the field's own name


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TextEvidence:
    """What proves that de-identification of notes works on notes like these.

    Attributes:
        min_recall: Share of identifiers that must be found in the gold set.
        on: Name of the gold set.
    """

    min_recall: Share
    on: str


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Determination:
    """An expert's determination under 45 CFR 164.514(b)(1).

    Attributes:
        expert: Who determined it.
        report: Name of the report.
        valid_until: Last day on which it holds.
    """

    expert: str
    report: str
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Releases:
    """What may leave as de-identified records; each column says for itself whether it may.

    Attributes:
        allowed: Whether the door is open at all.
        quasi_identifiers: ``table.column`` of all columns that k-anonymity counts.
        k_anonymity: Needed where the door is open.
        l_diversity: None for none.
        max_rows: Rows of one release at most.
        standard: On what the claim of de-identification rests; needed where the door is open.
        determination: Needed for ``expert_determination``.
        text_evidence: Needed where free text leaves.
        expires_days: Days until a release must be destroyed.
    """

    allowed: Permission = "denied"
    quasi_identifiers: tuple[str, ...] = ()
    k_anonymity: KAnonymity | None = None
    l_diversity: LDiversity | None = None
    max_rows: Annotated[int, Field(ge=0)] = 0
    standard: Literal["expert_determination", "hipaa_safe_harbor"] | None = None
    determination: Determination | None = None
    text_evidence: TextEvidence | None = None
    expires_days: Annotated[int, Field(ge=1)] = 30
