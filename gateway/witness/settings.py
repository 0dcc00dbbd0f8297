"""How witnesses are reached; who they are and how many must cosign is in gateway.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT

__all__ = ["WitnessSettings"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class WitnessSettings:
    """How witnesses are reached.

    Attributes:
        urls: Submission prefix of each, by the name in its key.
        interval_seconds: How often a service asks them to cosign.
        timeout_seconds: Longest wait for one of them.
    """

    urls: dict[str, Annotated[str, Field(pattern=r"^https?://\S+$")]] = Field(default_factory=dict)
    interval_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
