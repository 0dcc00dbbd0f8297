"""GatewayPolicy: ceilings that no dataset, project or member of this gateway rises above.

There is one file of it, or none. Without it no ceiling is added: every dataset is held by what it
declares itself. In it a key that is missing has the value that a dataset has which does not
declare the key, so an empty file of ceilings only ever narrows.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import (
    STRICT,
    ApiVersion,
    Identifier,
    Permission,
    QuotedDecimal,
    invalid,
)
from policies.privacy import Measure
from policies.query_use import Aggregate
from policies.terms import DEFAULT_MAX_LOSS
from policies.witness_keys import is_witness_key

__all__ = [
    "GatewayBudget",
    "GatewayMetadata",
    "GatewayPolicy",
    "GatewayQueries",
    "GatewayReleases",
    "GatewaySpec",
    "SignatureMethod",
    "Witnesses",
]


class SignatureMethod(Enum):
    """How an approval is given: signed with a key of one's own, which no gateway has."""

    KEY = "key"
    SESSION = "session"
    """Never counted. It is still read, as whoever verifies a log reads all sets of its past."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GatewayMetadata:
    """Who answers for the ceilings; they hold as long as the file is there.

    Attributes:
        id: Stable name.
        version: Rises by one with every change; 1 or more.
        title: One line for people.
        owner: Who answers for it.
    """

    id: Identifier
    version: Annotated[int, Field(ge=1)]
    title: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GatewayQueries:
    """Ceilings of the aggregate door.

    Attributes:
        max_epsilon_per_query: Most that one query costs in pure pools.
        max_rho_per_query: Most that one query costs in zCDP pools.
        max_group_columns: Group keys of one query at most.
        max_cells: Cells of one answer at most.
        suppress_below: Smallest noisy count of units that any dataset lets out; 0 for none.
        private_keys: Whether group keys may have no public domain, where the rest allows it.
        max_keys_delta_per_query: Most delta that one query uses for its threshold.
        forbid_purposes: Purposes that nobody may have.
        forbid_aggregates: Aggregates that nobody may use.
    """

    max_epsilon_per_query: QuotedDecimal = DEFAULT_MAX_LOSS
    max_rho_per_query: QuotedDecimal = DEFAULT_MAX_LOSS
    max_group_columns: Annotated[int, Field(ge=0, le=8)] = 3
    max_cells: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    suppress_below: Annotated[int, Field(ge=0)] = 0
    private_keys: Permission = "denied"
    max_keys_delta_per_query: Annotated[QuotedDecimal, Field(lt=1)] = Decimal(0)
    forbid_purposes: tuple[str, ...] = ()
    forbid_aggregates: tuple[Aggregate, ...] = ()

    def __post_init__(self) -> None:
        if self.private_keys == "allowed" and self.max_keys_delta_per_query == 0:
            raise invalid(
                "BUD-KEYS-DELTA",
                "private keys need max_keys_delta_per_query above 0; declare it, or deny them",
            )

    def max_loss(self, measure: Measure) -> tuple[str, Decimal]:
        """Return the key and the value of the ceiling of one query's price in a measure."""
        if measure is Measure.PURE:
            return "max_epsilon_per_query", self.max_epsilon_per_query
        return "max_rho_per_query", self.max_rho_per_query


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GatewayBudget:
    """Ceilings of what all answers may cost.

    Attributes:
        epsilon: Of every pool, for its life.
        per_project: Of every project in a pool; the pool's by default.
        per_researcher: Of every member in a project; the project's by default.
    """

    epsilon: QuotedDecimal
    per_project: QuotedDecimal | None = None
    per_researcher: QuotedDecimal | None = None

    def __post_init__(self) -> None:
        for child in (self.per_project, self.per_researcher):
            if child is not None and child > self.epsilon:
                raise invalid(
                    "BUD-CHILD-EXCEEDS-PARENT", "a part is larger than the pool; lower the part"
                )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GatewayReleases:
    """Limits of the record door.

    Attributes:
        allowed: Whether any dataset may open it.
        min_k: Smallest k of any release; 2 or more.
        max_rows: Rows of one release at most.
    """

    allowed: Permission = "denied"
    min_k: Annotated[int, Field(ge=2)] = 11
    max_rows: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Witnesses:
    """Who cosigns the audit log's checkpoints.

    Attributes:
        keys: Verifier keys, one a witness: ``name+id+key``, of type 4 (Ed25519) or 6 (ML-DSA-44).
        quorum: How many of them must have cosigned a checkpoint.
        max_age_minutes: How long ago at most; beyond that no question is answered.
    """

    keys: tuple[str, ...] = ()
    quorum: Annotated[int, Field(ge=0)] = 0
    max_age_minutes: Annotated[int, Field(ge=1, le=10_080)] = 60

    def __post_init__(self) -> None:
        for place, key in enumerate(self.keys):
            if not is_witness_key(key):
                raise invalid(
                    "APP-WITNESS-KEY",
                    "this is not the key of a witness; copy the whole line that it publishes",
                    "keys",
                    place,
                )
        if len({key.rpartition("+")[2] for key in self.keys}) < len(self.keys):
            raise invalid("APP-WITNESS-TWICE", "two witnesses have one key; name each once", "keys")
        if self.quorum > len(set(self.keys)):
            raise invalid(
                "APP-QUORUM", "quorum is above the number of keys; name more, or lower it"
            )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GatewaySpec:
    """The body of the gateway's declaration.

    Attributes:
        budget: Ceilings of pools, projects and researchers.
        queries: Ceilings of the aggregate door.
        releases: Limits of the record door.
        signatures: How approvals may be given.
        witnesses: Who cosigns the audit log.
    """

    budget: GatewayBudget
    queries: GatewayQueries = GatewayQueries()
    releases: GatewayReleases = GatewayReleases()
    signatures: Annotated[tuple[SignatureMethod, ...], Field(min_length=1)] = (SignatureMethod.KEY,)
    witnesses: Witnesses = Witnesses()


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GatewayPolicy:
    """What no dataset, project or member of this gateway goes beyond."""

    apiVersion: ApiVersion  # noqa: N815  the name that the files have
    kind: Literal["GatewayPolicy"]
    metadata: GatewayMetadata
    spec: GatewaySpec

    @property
    def id(self) -> str:
        """The gateway's stable name."""
        return self.metadata.id
