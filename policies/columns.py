"""One column of one table: its role, what is stored of it, and what may be asked of it."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from pydantic.dataclasses import dataclass

from policies.model import STRICT, invalid
from policies.query_use import QueryUse, ValueType, check_use
from policies.transforms import DeidentifyText, Drop, Keep, Pseudonymize, Transform

__all__ = ["Column", "IdentifierKind", "Role"]


class Role(Enum):
    """What a column is to a patient's privacy."""

    PRIVACY_UNIT = "privacy_unit"
    KEY = "key"
    DIRECT_IDENTIFIER = "direct_identifier"
    QUASI_IDENTIFIER = "quasi_identifier"
    SENSITIVE = "sensitive"
    ATTRIBUTE = "attribute"
    FREE_TEXT = "free_text"


class IdentifierKind(Enum):
    """What a direct identifier says, so that its written variants can be found in notes."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    FULL_NAME = "full_name"
    RELATIVE_NAME = "relative_name"
    ORGANIZATION = "organization"
    DATE = "date"
    PHONE = "phone"
    EMAIL = "email"
    STREET = "street"
    CITY = "city"
    POSTAL_CODE = "postal_code"
    ID = "id"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Column:
    """One declared column.

    Attributes:
        role: What it is to privacy.
        type: Type of what is stored.
        derived_from: The source column that this one is computed from; by default the source
            column of the same name.
        transform: What is done before storing; by default what the role asks for.
        identifies: For direct identifiers: what they say, to find their variants in notes.
        format: For text that holds dates: a strptime pattern; ISO 8601 by default.
        dp: What the aggregate door may do with it.
        stored: Whether a door other than the aggregate one needs it in the store.
        release: Whether it may leave as part of a record, as it is stored.
        description: One line for researchers.
    """

    role: Role
    type: ValueType = ValueType.STRING
    derived_from: str | None = None
    transform: Transform | None = None
    identifies: IdentifierKind | None = None
    format: str | None = None
    dp: QueryUse | Literal["none"] = "none"
    stored: bool = False
    release: Literal["none", "keep"] = "none"
    description: str = ""

    def __post_init__(self) -> None:
        if self.role in {Role.DIRECT_IDENTIFIER, Role.FREE_TEXT} and self.use is not None:
            raise invalid(
                "COL-DIRECT-REACHABLE"
                if self.role is Role.DIRECT_IDENTIFIER
                else "COL-FREETEXT-DP",
                f"a column of role {self.role.value} cannot be queried; set dp: none",
            )
        if self.use is not None and isinstance(self.effective_transform, DeidentifyText):
            raise invalid(
                "COL-FREETEXT-DP",
                "text that is de-identified cannot be queried; set dp: none, or another transform",
            )
        if self.role is Role.DIRECT_IDENTIFIER and not isinstance(
            self.effective_transform, Drop | Pseudonymize
        ):
            raise invalid(
                "COL-DIRECT-STORED",
                "a direct identifier may only be dropped or pseudonymized; change its transform",
            )
        if self.role is Role.FREE_TEXT and not isinstance(
            self.effective_transform, Drop | DeidentifyText
        ):
            raise invalid(
                "COL-FREETEXT-STORED",
                "free text may only be dropped or de-identified; change its transform",
            )
        if self.release == "keep" and isinstance(self.effective_transform, Drop):
            raise invalid(
                "COL-DROPPED-RELEASE", "a dropped column cannot leave; set release: none or keep it"
            )
        if self.use is not None and isinstance(self.effective_transform, Drop):
            raise invalid(
                "COL-DROPPED-DP", "a dropped column cannot be queried; set dp: none or keep it"
            )
        if self.use is not None:
            check_use(self.use, self.type)
            self._check_key(self.use)

    def _check_key(self, use: QueryUse) -> None:
        """Check that a private key is no stand-in, which would name one unit."""
        opaque = self.is_key or isinstance(self.effective_transform, Pseudonymize)
        if opaque and use.private_keys == "allowed":
            raise invalid(
                "DP-PRIVATE-KEY",
                "a pseudonym or key stands for one unit or row and is never a group key; "
                "remove private_keys",
            )

    @property
    def is_key(self) -> bool:
        """Whether it names a unit or a row."""
        return self.role in {Role.PRIVACY_UNIT, Role.KEY}

    @property
    def use(self) -> QueryUse | None:
        """What may be asked of the column, or None where nothing may."""
        return None if isinstance(self.dp, str) else self.dp

    @property
    def effective_transform(self) -> Transform:
        """The declared transform, or the one that the role asks for."""
        if self.transform is not None:
            return self.transform
        match self.role:
            case Role.DIRECT_IDENTIFIER:
                return Drop()
            case Role.PRIVACY_UNIT | Role.KEY:
                return Pseudonymize()
            case Role.FREE_TEXT:
                return DeidentifyText()
            case _:
                return Keep()

    @property
    def is_stored(self) -> bool:
        """Whether ingest writes the column: only where some door needs it."""
        if isinstance(self.effective_transform, Drop):
            return False
        needed = self.use is not None or self.stored or self.release == "keep"
        return needed or self.is_key
