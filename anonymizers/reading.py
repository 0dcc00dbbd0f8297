"""How a site reads free text, whatever is declared of one dataset or table."""

from __future__ import annotations

from dataclasses import dataclass

from anonymizers.engines import BUILTIN, EngineName
from policies.text_operators import Profile

__all__ = ["Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How free text is read.

    Attributes:
        engine: The model beside the rules.
        least_profile: Operating point below which no text goes.
        workers: Processes of the text pipeline; 1 runs it in this one.
    """

    engine: EngineName = BUILTIN
    least_profile: Profile = "utility"
    workers: int = 1
