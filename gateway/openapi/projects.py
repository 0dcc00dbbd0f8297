"""The models of callers, projects, budgets and probes, as their routes write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gateway.identity.principals import AccountRole
from gateway.openapi.answers import LossReply
from policies.model import STRICT, Identifier
from policies.projects import MemberRole

__all__ = [
    "BalanceReply",
    "BudgetReply",
    "CallerReply",
    "DatasetBudgetReply",
    "LiveReply",
    "MembershipReply",
    "ProjectReply",
    "ReadyReply",
    "SeenProjectReply",
]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LiveReply:
    """The process serves."""

    live: Literal[True]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ReadyReply:
    """Whether questions would be answered, and what is missing."""

    ready: bool
    checks: dict[str, bool]
    witness_age_seconds: Annotated[int, Field(ge=0)] | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class SeenProjectReply:
    """A project that the caller may ask in."""

    id: Identifier
    title: str


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CallerReply:
    """Who calls."""

    user: str
    role: AccountRole
    key: str
    key_expires: datetime
    projects: tuple[SeenProjectReply, ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class MembershipReply:
    """The caller's own part in a project."""

    user: str
    role: MemberRole
    until: date


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ProjectReply:
    """A project, as its members see it."""

    id: Identifier
    title: str
    version: Annotated[int, Field(ge=1)]
    effective_from: date
    expires_at: date
    purposes: tuple[str, ...]
    datasets: tuple[Identifier, ...]
    membership: MembershipReply | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class BalanceReply:
    """What pool, project or researcher have spent, and may spend."""

    scope: Literal["pool", "project", "researcher"]
    name: str
    cap: LossReply
    spent: LossReply
    remaining: LossReply


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DatasetBudgetReply:
    """The balances that a question on one dataset is charged to."""

    dataset: Identifier
    balances: tuple[BalanceReply, ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class BudgetReply:
    """What is left to spend."""

    project: Identifier
    datasets: tuple[DatasetBudgetReply, ...]
