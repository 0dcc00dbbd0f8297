"""What every declared type has in common."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

__all__ = [
    "API_VERSION",
    "STRICT",
    "Identifier",
    "Metadata",
    "Permission",
    "QuotedDecimal",
    "invalid",
    "twice",
]

API_VERSION: Final = "gateway.policy/v1"

STRICT = ConfigDict(extra="forbid", strict=True)
"""Unknown keys are refused, and nothing is converted silently."""

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""Names of datasets, projects and pools: lower case, digits, hyphens; at most 63 characters."""

Permission = Literal["denied", "allowed"]
"""A switch that several layers have: what one of them denies, no other allows."""


def invalid(code: str, message: str, *path: str | int) -> PydanticCustomError:
    """Return the error to raise in a validator; braces in the message are kept as they are.

    Args:
        code: Stable code.
        message: What was found; what to do.
        path: Where it is wrong, from the value that is validated; the value itself by default.
    """
    return PydanticCustomError(code, "{message}", {"message": message, "path": path})


def twice(names: Iterable[str]) -> str | None:
    """Return a name that stands twice, or None; SQL does not tell ``Id`` from ``ID``."""
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            return name
        seen.add(name.casefold())
    return None


def _quoted(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise invalid("BUD-DECIMAL", 'an amount must be a quoted decimal string such as "0.5"')
    return value


QuotedDecimal = Annotated[
    Decimal,
    BeforeValidator(_quoted),
    Field(ge=0, le=1_000_000, decimal_places=18, allow_inf_nan=False, strict=False),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,7}(\.[0-9]{1,18})?$"}),
]
"""A decimal that is written in quotes, since YAML reads bare numbers as binary floats.

From 0 to a million with at most 18 decimals, which is the finest unit that is charged.
"""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Metadata:
    """Who answers for a declaration, and when it is in force.

    Attributes:
        id: Stable name; other declarations refer to it.
        version: Rises by one with every change; 1 or more.
        title: One line for people.
        owner: Who answers for it, such as ``steward:m.okafor``.
        effective_from: First day in force.
        expires_at: Last day in force.
        review_by: Last day by which somebody is to look whether it is still right.
    """

    id: Identifier
    version: Annotated[int, Field(ge=1)]
    title: str
    owner: str
    effective_from: date
    expires_at: date
    review_by: date | None = None

    def __post_init__(self) -> None:
        if self.expires_at < self.effective_from:
            raise invalid(
                "META-DATES",
                "expires_at is before effective_from; swap the two dates",
                "expires_at",
            )

    def in_force(self, today: date) -> bool:
        """Say whether the declaration holds on that day; both ends are included."""
        return self.effective_from <= today <= self.expires_at


ApiVersion = Literal["gateway.policy/v1"]
