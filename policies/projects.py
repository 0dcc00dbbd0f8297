"""ProjectPolicy: the data permit of one research project."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import (
    STRICT,
    ApiVersion,
    Identifier,
    Metadata,
    Permission,
    QuotedDecimal,
    invalid,
    twice,
)

__all__ = [
    "Grant",
    "Member",
    "MemberRole",
    "ProjectBudget",
    "ProjectPolicy",
    "ProjectSpec",
    "Training",
]


class MemberRole(Enum):
    """What a member is to a project: a label for people, which allows and forbids nothing."""

    RESEARCHER = "researcher"
    PRINCIPAL_INVESTIGATOR = "principal_investigator"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Grant:
    """Columns of one dataset that the project may use.

    Attributes:
        id: The dataset.
        tables: From table to the columns that may be used; the unit and other keys come along.
        private_keys: Whether the project may group by what has no public domain, where dataset
            and columns allow it; denied for what it is denied by any of the three.
        releases: Whether the project may be given records of these columns, where dataset and
            columns allow it; else it is given aggregates only.
    """

    id: Identifier
    tables: Mapping[str, tuple[str, ...]]
    private_keys: Permission = "allowed"
    releases: Permission = "denied"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Training:
    """A course that a person took before they may work with the data, as Five Safes ask for.

    Attributes:
        course: Which one, a name for people.
        valid_until: Last day on which it counts.
    """

    course: Annotated[str, Field(min_length=1, max_length=100)]
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Member:
    """One person in the project.

    Attributes:
        user: Opaque id of the principal, such as ``demo|researcher``.
        role: What they are to the project; all members may do the same.
        until: Last day of membership.
        training: What they have to have taken; None where the permit asks for nothing.
    """

    user: str
    role: MemberRole
    until: date
    training: Training | None = None

    @property
    def last_day(self) -> date:
        """The last day on which they may ask: of the membership, or of the training before it."""
        return self.until if self.training is None else min(self.until, self.training.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ProjectBudget:
    """The project's own allowance, inside the pool's.

    Attributes:
        epsilon: Most that all members spend together, at the pool's delta in zcdp pools.
        per_researcher: Most that one member spends; the project's by default.
    """

    epsilon: QuotedDecimal
    per_researcher: QuotedDecimal | None = None

    def __post_init__(self) -> None:
        if self.per_researcher is not None and self.per_researcher > self.epsilon:
            raise invalid(
                "BUD-CHILD-EXCEEDS-PARENT", "per_researcher is above the project's; lower it"
            )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ProjectSpec:
    """The body of a project's declaration."""

    datasets: Annotated[tuple[Grant, ...], Field(min_length=1)]
    purposes: Annotated[tuple[str, ...], Field(min_length=1)]
    members: tuple[Member, ...]
    budget: ProjectBudget
    permit: Mapping[str, str] = Field(default_factory=dict)

    def __post_init__(self) -> None:
        users, names = [one.user for one in self.members], [one.id for one in self.datasets]
        if (user := twice(users)) is not None:
            raise invalid(
                "PRJ-MEMBER-TWICE",
                f"the member {user} is listed twice; keep one entry",
                *("members", _last(users, user), "user"),
            )
        if (name := twice(names)) is not None:
            raise invalid(
                "PRJ-GRANT-TWICE",
                f"the dataset {name} is granted twice; merge the two",
                *("datasets", _last(names, name), "id"),
            )


def _last(names: list[str], name: str) -> int:
    """Return where a name stands last."""
    return len(names) - 1 - names[::-1].index(name)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ProjectPolicy:
    """A project: who may ask what, why, until when and for how much."""

    apiVersion: ApiVersion  # noqa: N815  the name that the files have
    kind: Literal["ProjectPolicy"]
    metadata: Metadata
    spec: ProjectSpec

    @property
    def id(self) -> str:
        """The project's stable name."""
        return self.metadata.id

    def grant(self, dataset: str) -> Grant | None:
        """What the project may use of a dataset, or None."""
        return next((grant for grant in self.spec.datasets if grant.id == dataset), None)

    def member(self, user: str) -> Member | None:
        """The member with that id, or None."""
        return next((member for member in self.spec.members if member.user == user), None)
