"""A decision is a value with its reason; and what a decision is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from policies.errors import PolicyDeniedError, Position
from policies.lattice import Source
from policies.privacy import PrivacyLoss
from policies.query_use import Aggregate
from policies.text_operators import Label

__all__ = [
    "Access",
    "Allow",
    "ColumnUse",
    "Decision",
    "Deny",
    "Obligation",
    "QueryFacts",
    "RevealFacts",
    "SuppressBelow",
    "combine",
    "require",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who wants to ask what dataset, in which project, why and when.

    Attributes:
        principal: Opaque id of the person, as authenticated.
        project: The project that is charged.
        dataset: The dataset that is asked.
        purpose: Why, in the words of the policy.
        time: Now, in UTC; read once per request.
    """

    principal: str
    project: str
    dataset: str
    purpose: str
    time: datetime


@dataclass(frozen=True, slots=True, order=True)
class ColumnUse:
    """One way in which a query uses one column.

    Attributes:
        table: Declared table.
        column: Declared column.
        way: ``filter`` for conditions and expressions, ``group`` for keys, ``private_key`` for
            those without a public domain, ``join`` for equality of keys, or the value of an
            Aggregate.
    """

    table: str
    column: str
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFacts:
    """All that a policy needs to know of a query; a function of its text, never of rows.

    Attributes:
        tables: Declared tables that are read, sorted.
        uses: Every use of every column, sorted.
        aggregates: Kinds of final aggregates.
        group_columns: Number of group keys.
        cells: Cells of the answer: product of the sizes of the keys' domains.
        loss: The price asked for.
        private_keys: Number of group keys without a public domain, whose values are to be released
            above a threshold.
    """

    tables: tuple[str, ...]
    uses: tuple[ColumnUse, ...]
    aggregates: frozenset[Aggregate]
    group_columns: int
    cells: int
    loss: PrivacyLoss
    private_keys: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealFacts:
    """Which encrypted values somebody wants to read.

    Attributes:
        table: Declared table.
        column: Declared column of notes.
        labels: What the values are; at least one.
    """

    table: str
    column: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class SuppressBelow:
    """Withhold cells whose noisy count of units is below ``units``."""

    units: int


Obligation: TypeAlias = SuppressBelow


@dataclass(frozen=True, slots=True)
class Allow:
    """The request may go on if these duties are met, such as a minimum group size."""

    obligations: tuple[Obligation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """The request stops.

    Attributes:
        rule: Name of the rule that said so.
        code: Stable code such as ``POL-COLUMN-ROLE``.
        reason: Why, for a person.
        remedy: What to change.
        source: The place in the declarations that decided; None where saying it would reveal
            what exists.
        file: The declaration's file, relative to the folder of the policies; empty where the
            declarations were not read from files.
        position: Where in that file the key stands, or what would hold it.
    """

    rule: str
    code: str
    reason: str
    remedy: str = ""
    source: Source | None = None
    file: str = ""
    position: Position | None = None

    @property
    def at(self) -> str:
        """JSON Pointer (RFC 6901) into the declaration that decided, or empty."""
        return "" if self.source is None else self.source.at

    @property
    def policy(self) -> str:
        """Id of the gateway, dataset or project whose declaration decided, or empty."""
        return "" if self.source is None else self.source.policy

    @property
    def place(self) -> str:
        """``file:line:column``, as far as it is known."""
        return ":".join(str(part) for part in (self.file, self.position) if part)


Decision: TypeAlias = Allow | Deny


def combine(decisions: Sequence[Decision]) -> Decision:
    """Return the first denial, or else one allowance; where no rule was asked, deny."""
    if not decisions:
        return Deny(rule="combine", code="POL-DENIED", reason="no rule was asked")
    obligations: list[Obligation] = []
    for decision in decisions:
        match decision:
            case Deny():
                return decision
            case Allow():
                obligations.extend(decision.obligations)
            case _:
                assert_never(decision)
    return Allow(obligations=tuple(obligations))


def require(decision: Decision) -> tuple[Obligation, ...]:
    """Return the duties of an allowance.

    Raises:
        PolicyDeniedError: If the decision is a denial.
    """
    match decision:
        case Deny():
            raise PolicyDeniedError(
                decision.reason,
                rule=decision.rule,
                code=decision.code,
                remedy=decision.remedy,
                at=decision.at,
                policy=decision.policy,
                place=decision.place,
            )
        case Allow():
            return decision.obligations
        case _:
            assert_never(decision)
