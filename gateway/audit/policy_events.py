"""What is logged of the declarations: which are in force, what is stopped, what may be spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "BudgetCapped",
    "DatasetBound",
    "PolicyActivated",
    "PolicyResumed",
    "PolicySuspended",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyActivated:
    """Other declarations are in force from here on; the changed budgets follow.

    Fields that may be empty are left out then.
    """

    kind: ClassVar[str] = "policy.activate"

    actor: str
    policy: str
    approvals: str = ""
    change: str = ""
    signers: str = ""
    replaces: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySuspended:
    """A dataset or a project answers nothing from here on."""

    kind: ClassVar[str] = "policy.suspend"

    actor: str
    policy: str
    suspended: str
    because: str
    signers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyResumed:
    """What was suspended answers again."""

    kind: ClassVar[str] = "policy.resume"

    actor: str
    policy: str
    suspended: str
    ref: int
    signers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCapped:
    """A budget was opened or its cap changed; below what is spent, nothing more can be spent."""

    kind: ClassVar[str] = "budget.cap"

    scope: str
    pool: str
    capped_project: str
    capped_researcher: str
    measure: str
    cap: int
    cap_delta: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetBound:
    """All answers about a dataset are charged to a pool, for as long as the log lives."""

    kind: ClassVar[str] = "budget.bind"

    dataset: str
    pool: str
