"""How many jobs there may be, and for how long what became of them is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT

__all__ = ["JobSettings"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class JobSettings:
    """How many jobs there may be, and for how long what became of them is told.

    Attributes:
        workers: Jobs that are answered at once; each has a thread of its own.
        per_key: Jobs of one API key that may be open.
        most: Open jobs of all keys together.
        keep_hours: What became of a job, or of a request with an Idempotency-Key, is told for so
            long after its beginning; 24 or more.
    """

    workers: Annotated[int, Field(ge=1, le=64)] = 4
    per_key: Annotated[int, Field(ge=1, le=1024)] = 8
    most: Annotated[int, Field(ge=1, le=10_000)] = 64
    keep_hours: Annotated[int, Field(ge=24, le=24 * 366)] = 48
