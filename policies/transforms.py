"""What is done to a column before it is stored, as a closed set of declared transforms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT, invalid
from policies.stand_ins import Pseudonymize, ShiftDate
from policies.text_operators import (
    BY_NAME,
    FOR_LABELS,
    CommonOperator,
    Encrypt,
    Label,
    Profile,
    TextOperator,
)

__all__ = [
    "RESTRICTED_ZIP3",
    "AgeAt",
    "Bands",
    "DeidentifyText",
    "Drop",
    "GeneralizeDate",
    "Keep",
    "Pseudonymize",
    "Recode",
    "ShiftDate",
    "TopCode",
    "Transform",
    "Zip3",
]

RESTRICTED_ZIP3 = (
    "036", "059", "063", "102", "203", "556", "692", "790", "821",
    "823", "830", "831", "878", "879", "884", "890", "893",
)  # fmt: skip
"""Three-digit ZIP areas of 20,000 or fewer people (US Census 2000).

Source: HHS OCR, Guidance Regarding Methods for De-identification of PHI (2012), on 45 CFR
164.514(b)(2)(i)(B).
"""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Keep:
    """Store the value as it is read."""

    kind: Literal["keep"] = "keep"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Drop:
    """Store nothing; the value is only used to find the patient in the patient's own notes."""

    kind: Literal["drop"] = "drop"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GeneralizeDate:
    """Store the first day of the period that a date falls in."""

    kind: Literal["generalize_date"] = "generalize_date"
    to: Literal["year", "quarter", "month"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AgeAt:
    """Store the age in completed years on a fixed day, top-coded.

    Attributes:
        reference_date: The day on which the age is taken.
        top_code: Ages at or above this are stored as this; 45 CFR 164.514(b)(2)(i)(C) says 90.
    """

    kind: Literal["age_at"] = "age_at"
    reference_date: date
    top_code: Annotated[int, Field(ge=1, le=120)] = 90


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TopCode:
    """Store values above ``at`` as ``at``, in the column's unit."""

    kind: Literal["top_code"] = "top_code"
    at: float


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Bands:
    """Store the label of the half-open band [edge, next edge) that a number falls in.

    Labels are ``"0-17"`` for whole edges 0 and 18; the last band is ``"90+"``; numbers below the
    first edge belong to the first band.

    Attributes:
        edges: Two or more whole numbers, rising.
    """

    kind: Literal["bands"] = "bands"
    edges: Annotated[tuple[int, ...], Field(min_length=2)]

    def __post_init__(self) -> None:
        if list(self.edges) != sorted(set(self.edges)):
            raise invalid("DP-BOUNDS-ORDER", "band edges do not rise; sort them and drop repeats")

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in rising order; one fewer than edges, plus the open last band."""
        pairs = zip(self.edges, self.edges[1:], strict=False)
        return (*(f"{low}-{high - 1}" for low, high in pairs), f"{self.edges[-1]}+")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Zip3:
    """Store the first three digits of a US ZIP code, or ``otherwise`` for small areas.

    Attributes:
        restricted: Prefixes of 20,000 or fewer people.
        otherwise: What is stored for those, and for what is not a ZIP code.
    """

    kind: Literal["zip3"] = "zip3"
    restricted: tuple[str, ...] = RESTRICTED_ZIP3
    otherwise: str = "000"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Recode:
    """Store another name for a value; values without an entry are stored as they are.

    Attributes:
        values: From the name in the source to the name in the store.
    """

    kind: Literal["recode"] = "recode"
    values: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DeidentifyText:
    """Store a note only after the text pipeline has replaced what identifies.

    Attributes:
        profile: Operating point of detection; ``strict`` finds most, ``utility`` keeps most.
        operator: What is put in the place of what was found; of labels without one of their own.
        operators: By label, what is put in its place.
        reversible: Whether what was found may be stored encrypted; needs a reason.
        reversible_reason: Why somebody has to be able to bring it back, for the auditor.
    """

    kind: Literal["deidentify_text"] = "deidentify_text"
    profile: Profile = "standard"
    operator: CommonOperator = "surrogate"
    operators: Mapping[Label, TextOperator] = Field(default_factory=dict)
    reversible: bool = False
    reversible_reason: Annotated[str, Field(max_length=500)] = ""

    def __post_init__(self) -> None:
        for label, operator in self.operators.items():
            fitting = FOR_LABELS.get(type(operator))
            if fitting is not None and label not in fitting:
                names = ", ".join(one.value for one in fitting)
                raise invalid(
                    "DEID-OPERATOR",
                    f"{_kind(operator)} does not fit {label.value}; it fits {names}",
                )
        encrypts = any(self.encrypts(label) for label in Label)
        if encrypts and not (self.reversible and self.reversible_reason.strip()):
            raise invalid(
                "DEID-REVERSIBLE",
                "encrypt can be undone; write reversible: true and a reversible_reason, or take "
                "another operator",
            )
        if self.reversible and not encrypts:
            raise invalid(
                "DEID-REVERSIBLE", "nothing is encrypted; remove reversible, or name what is"
            )

    def operator_of(self, label: Label) -> TextOperator:
        """Return what is done to what has a label."""
        return self.operators.get(label, BY_NAME[self.operator])

    def encrypts(self, label: Label) -> bool:
        """Whether what has a label is stored so that it can be brought back."""
        return isinstance(self.operator_of(label), Encrypt)


def _kind(operator: TextOperator) -> str:
    return operator if isinstance(operator, str) else operator.kind


_BY_NAME = MappingProxyType(
    {
        made.kind: made
        for made in (Keep(), Drop(), Pseudonymize(), ShiftDate(), Zip3(), DeidentifyText())
    }
)


_Name = Literal["keep", "drop", "pseudonymize", "shift_date", "zip3", "deidentify_text"]


def _named(name: _Name) -> object:
    return _BY_NAME[name]


Transform: TypeAlias = (
    Annotated[
        Keep
        | Drop
        | Pseudonymize
        | ShiftDate
        | GeneralizeDate
        | AgeAt
        | TopCode
        | Bands
        | Zip3
        | Recode
        | DeidentifyText,
        Field(discriminator="kind"),
    ]
    | Annotated[_Name, AfterValidator(_named)]
)
"""One declared transform; ``transform: drop`` is short for ``transform: {kind: drop}``."""
