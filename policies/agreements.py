"""What was agreed on beside the numbers: terms of data use, and how long things are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT

__all__ = ["DataUse", "DuoTerm", "Retention"]

DuoTerm = Annotated[str, Field(pattern=r"^DUO:[0-9]{7}$")]
"""A term of the Data Use Ontology, such as ``DUO:0000006``."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DataUse:
    """What the patients or the law allow, in terms of the Data Use Ontology (GA4GH DUO).

    Attributes:
        permission: The one term for what research is allowed, such as ``DUO:0000006``.
        modifiers: Terms for the conditions.
    """

    permission: DuoTerm
    modifiers: tuple[DuoTerm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Retention:
    """How long the log is kept, and for how long answers are given again.

    Attributes:
        audit_years: The audit log, in years; 6 or more, as 45 CFR 164.316(b)(2)(i) says.
        answers_days: For so many days after a question its stored answer is given again, or what
            follows from it; None for no end. What was charged stays charged.
    """

    audit_years: Annotated[int, Field(ge=0)] = 6
    answers_days: Annotated[int, Field(ge=1, le=366_000)] | None = None

    def gives(self, asked: datetime | None, now: datetime) -> bool:
        """Say whether the answer to a question is still given.

        Args:
            asked: When it was asked; None where that was not kept.
            now: The time.
        """
        if self.answers_days is None:
            return True
        return asked is not None and now - asked < timedelta(days=self.answers_days)
