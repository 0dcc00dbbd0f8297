"""How a service watches over its own log."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT

__all__ = ["LogSettings"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LogSettings:
    """How a service watches over its own log.

    Attributes:
        check_seconds: How often it computes the root of the log anew from all stored entries.
    """

    check_seconds: Annotated[int, Field(ge=1, le=604_800)] = 3600
