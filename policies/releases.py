"""The record door: what a dataset declares before any of its records may leave; off by default."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.approvals import ApproverRole
from policies.model import STRICT, Permission, QuotedDecimal, invalid

__all__ = [
    "Determination",
    "HumanCheck",
    "KAnonymity",
    "LDiversity",
    "Releases",
    "Standard",
    "TCloseness",
    "TextEvidence",
]

Share = Annotated[QuotedDecimal, Field(le=1)]
"""A share of a whole, in quotes; from 0 to 1."""
Standard = Literal["expert_determination", "hipaa_safe_harbor"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class KAnonymity:
    """How many privacy units share each combination of quasi-identifiers.

    Attributes:
        k: Units at least; 2 or more.
        suppress_max: Share of the rows that may be left out to reach it.
    """

    k: Annotated[int, Field(ge=2)]
    suppress_max: Share = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LDiversity:
    """How little each such combination may tell of the one value of a sensitive column.

    Attributes:
        column: ``table.column``.
        l: No value is had by more than 1 / l of the privacy units whose value is known; 2 or more.
    """

    column: str
    l: Annotated[int, Field(ge=2)]  # noqa: E741  the field's own name


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TCloseness:
    """How much each such combination may tell of a sensitive column.

    Attributes:
        column: ``table.column``.
        t: Largest distance to the column's distribution in the whole table, from 0 to 1.
    """

    column: str
    t: Share


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class HumanCheck:
    """A person reads some of the texts that would leave, before anybody approves that they do.

    Attributes:
        sample: Texts to be read, drawn by a key that nobody chooses; all where there are fewer.
        most: Of those, texts that may identify somebody at most.
        roles: As what the person signs the verdict; nobody who asked for it, or gets it.
    """

    sample: Annotated[int, Field(ge=1, le=1000)]
    most: Annotated[int, Field(ge=0, le=1000)] = 0
    roles: Annotated[tuple[ApproverRole, ...], Field(min_length=1)] = (
        ApproverRole.PRIVACY_OFFICER,
    )

    def __post_init__(self) -> None:
        if self.most >= self.sample:
            raise invalid(
                "KEY-INVALID",
                "every text of the sample could identify somebody; lower most",
                "most",
            )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TextEvidence:
    """What proves that de-identification of notes works on notes like these.

    Attributes:
        min_recall: Share of identifiers that must be found whole in the gold set.
        max_leaking: Share of texts in which anything identifying is left, at most: the exact upper
            limit of what the gold set shows (Clopper and Pearson). None asks for none.
        confidence: Of that limit, one-sided.
        human_check: None where nobody has to read a sample.
        on: Name of the gold set.
        gold: SHA-256 of the gold set's file: a name alone would let an easier set stand in.
    """

    min_recall: Share
    on: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9@._-]{0,62}$")]
    gold: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    max_leaking: Share | None = None
    confidence: Annotated[QuotedDecimal, Field(ge=Decimal("0.5"), lt=1)] = Decimal("0.95")
    human_check: HumanCheck | None = None


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
        allowed: Whether the door is open at all; a project's grant has to say so too.
        quasi_identifiers: ``table.column`` of all columns that k-anonymity counts at least.
        k_anonymity: Needed where the door is open.
        l_diversity: None for none.
        t_closeness: None for none; of the same column as ``l_diversity``.
        max_rows: Rows of one release at most.
        standard: On what the claim of de-identification rests; needed where the door is open.
        determination: Needed for ``expert_determination``.
        text_evidence: Needed where free text leaves.
        expires_days: Days from its request until a release must be destroyed; sooner where the
            dataset, the project or the recipient's membership ends.
    """

    allowed: Permission = "denied"
    quasi_identifiers: tuple[str, ...] = ()
    k_anonymity: KAnonymity | None = None
    l_diversity: LDiversity | None = None
    t_closeness: TCloseness | None = None
    max_rows: Annotated[int, Field(ge=0)] = 0
    standard: Standard | None = None
    determination: Determination | None = None
    text_evidence: TextEvidence | None = None
    expires_days: Annotated[int, Field(ge=1)] = 30

    def __post_init__(self) -> None:
        if len({one.column for one in (self.l_diversity, self.t_closeness) if one}) > 1:
            raise invalid(
                "REL-SENSITIVE",
                "l_diversity and t_closeness name two columns, and one is judged; name it in both",
                *("t_closeness", "column"),
            )
        if self.sensitive in self.quasi_identifiers:
            raise invalid(
                "REL-SENSITIVE",
                "a column is a quasi-identifier and sensitive; it cannot be both; take one out",
                "quasi_identifiers",
            )

    @property
    def sensitive(self) -> str | None:
        """``table.column`` that no class of a release may tell, or None."""
        judged = self.l_diversity or self.t_closeness
        return None if judged is None else judged.column
