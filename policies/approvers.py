"""Who must agree to what: numbers and roles of signatures, and how they may be given."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT

__all__ = ["Approvals", "ApproverRole", "Quorum", "SignatureMethod"]


class ApproverRole(Enum):
    """What somebody answers for who agrees to a change or a release."""

    DATA_STEWARD = "data_steward"
    PRIVACY_OFFICER = "privacy_officer"
    OUTPUT_CHECKER = "output_checker"
    AUDITOR = "auditor"


class SignatureMethod(Enum):
    """How an agreement is given; a key of one's own is stronger than a session in a browser."""

    KEY = "key"
    SESSION = "session"


_STEWARDS = (ApproverRole.DATA_STEWARD, ApproverRole.PRIVACY_OFFICER)
_CHECKERS = (ApproverRole.DATA_STEWARD, ApproverRole.OUTPUT_CHECKER)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Quorum:
    """How many different people must agree, and in which roles.

    Attributes:
        min: People at least; 1 or more.
        roles: Roles that count; with none of them, nobody can agree.
        distinct_from_author: Whether the author (of a release: who asks for it) does not count.
    """

    min: Annotated[int, Field(ge=1, le=9)]
    roles: tuple[ApproverRole, ...]
    distinct_from_author: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Approvals:
    """Who must agree before a change is in force, or before records leave.

    Attributes:
        widen: A change that allows more, or of which that cannot be excluded.
        narrow: A change that allows less and nothing more.
        release: A release of records.
        suspend: Stopping everything at once.
    """

    widen: Quorum = Quorum(min=2, roles=_STEWARDS)
    narrow: Quorum = Quorum(min=1, roles=_STEWARDS, distinct_from_author=False)
    release: Quorum = Quorum(min=2, roles=_CHECKERS)
    suspend: Quorum = Quorum(
        min=1, roles=(*_STEWARDS, ApproverRole.AUDITOR), distinct_from_author=False
    )
