"""What is put in the place of what is found in a note, label by label, as a closed set."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT
from policies.stand_ins import Pseudonymize, ShiftDate

__all__ = [
    "BY_NAME",
    "FOR_LABELS",
    "CommonOperator",
    "Encrypt",
    "Generalize",
    "Label",
    "Mask",
    "Profile",
    "Redact",
    "Replace",
    "Surrogate",
    "TextOperator",
]


class Label(Enum):
    """Kinds of what identifies, each a class of HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)."""

    NAME = "NAME"
    LOCATION = "LOCATION"
    HOSPITAL = "HOSPITAL"
    PROFESSION = "PROFESSION"
    DATE = "DATE"
    AGE = "AGE"
    PHONE_FAX = "PHONE_FAX"
    EMAIL = "EMAIL"
    URL_IP = "URL_IP"
    ID = "ID"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Surrogate:
    """Write something made up of the same shape, the same for one patient in all notes.

    Dates move as in tables; where nothing can be made up, the label in brackets is written.
    """

    kind: Literal["surrogate"] = "surrogate"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Redact:
    """Write the label in brackets, such as ``[NAME]``."""

    kind: Literal["redact"] = "redact"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Mask:
    """Write one mark for each letter and digit; how long it was can be seen.

    Attributes:
        character: The mark; neither a letter or digit nor a blank.
    """

    kind: Literal["mask"] = "mask"
    character: Annotated[str, Field(pattern=r"^[^\w\s]$")] = "*"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Replace:
    """Write the same words for everything.

    Attributes:
        text: The words; one line.
    """

    kind: Literal["replace"] = "replace"
    text: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,60}$")]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Generalize:
    """Write what is coarse enough for HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i).

    Of dates the year; of US ZIP codes the first three digits, ``000`` in areas of 20,000 or fewer
    people; of ages ``90+``. What cannot be read so becomes the label in brackets.

    Attributes:
        oldest: Earlier years become the label too: they may be the birth of somebody of 90 or
            more. At least the year of the data less 89.
    """

    kind: Literal["generalize"] = "generalize"
    oldest: Annotated[int, Field(ge=1900, le=2100)] = 1940


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Encrypt:
    """Write the value encrypted with AES-SIV (RFC 5297), so that ``reveal`` can bring it back."""

    kind: Literal["encrypt"] = "encrypt"


BY_NAME: Final[
    Mapping[str, Surrogate | Redact | Mask | Pseudonymize | ShiftDate | Generalize | Encrypt]
] = MappingProxyType(
    {
        made.kind: made
        for made in (
            Surrogate(), Redact(), Mask(), Pseudonymize(), ShiftDate(), Generalize(), Encrypt()
        )
    }
)  # fmt: skip
"""The operators that a name alone says: all but ``replace``, which needs its words."""

FOR_LABELS: Final[Mapping[type, tuple[Label, ...]]] = MappingProxyType(
    {ShiftDate: (Label.DATE,), Generalize: (Label.DATE, Label.AGE, Label.LOCATION)}
)
"""The operators that fit some labels only, with these."""

CommonOperator: TypeAlias = Literal["surrogate", "redact", "mask", "pseudonymize", "encrypt"]
"""Operators that fit every label."""

Profile: TypeAlias = Literal["strict", "standard", "utility"]
"""Operating point of detection; ``strict`` finds most, ``utility`` keeps most."""

_Name = Literal[
    "surrogate", "redact", "mask", "pseudonymize", "shift_date", "generalize", "encrypt"
]


def _named(name: _Name) -> object:
    return BY_NAME[name]


TextOperator: TypeAlias = (
    Annotated[
        Surrogate | Redact | Mask | Replace | Pseudonymize | ShiftDate | Generalize | Encrypt,
        Field(discriminator="kind"),
    ]
    | Annotated[_Name, AfterValidator(_named)]
)
"""One operator; ``NAME: mask`` is short for ``NAME: {kind: mask}``."""
