"""What the aggregate door allows over a whole dataset, and what all its answers may cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT, Identifier, Permission, QuotedDecimal, invalid
from policies.privacy import Measure
from policies.query_use import Aggregate

__all__ = ["DEFAULT_MAX_LOSS", "Budget", "QueryRules", "check_private_keys"]

DEFAULT_MAX_LOSS: Final = Decimal("0.5")
"""Largest price of one query where nothing is declared: epsilon in pure pools, rho in zCDP."""


def _never(renewal: str) -> str:
    if renewal != "never":
        raise invalid(
            "BUD-RESET-UNJUSTIFIED",
            "what was spent is spent for the life of the patients' data; write renewal: never",
        )
    return renewal


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QueryRules:
    """What the aggregate door allows over the whole dataset.

    Attributes:
        purposes: Why a question may be asked.
        aggregates: Which aggregates may be used at all.
        max_group_columns: Group keys of one query at most.
        max_cells: Cells (products of key domains) of one answer at most.
        suppress_below: Cells whose noisy count of units is below this are withheld; 0 for none.
        measure: How losses add up.
        max_loss_per_query: Largest price of one query: epsilon in pure pools, rho in zcdp pools.
        default_loss: Price when the request names none, in the same measure.
        private_keys: Whether a group key may have no public domain. Its values are then released
            above a threshold of noisy patients only, of columns that allow it too.
        keys_delta_per_query: Most delta that one query uses up for its threshold, and what it uses
            where it asks for less in no words; above 0 where keys may be private.
    """

    purposes: Annotated[tuple[str, ...], Field(min_length=1)]
    aggregates: tuple[Aggregate, ...]
    max_group_columns: Annotated[int, Field(ge=0, le=8)] = 3
    max_cells: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    suppress_below: Annotated[int, Field(ge=0)] = 0
    measure: Measure = Measure.PURE
    max_loss_per_query: QuotedDecimal = DEFAULT_MAX_LOSS
    default_loss: QuotedDecimal = Decimal("0.1")
    private_keys: Permission = "denied"
    keys_delta_per_query: Annotated[QuotedDecimal, Field(lt=1)] = Decimal(0)

    def __post_init__(self) -> None:
        if self.default_loss > self.max_loss_per_query:
            raise invalid(
                "BUD-CHILD-EXCEEDS-PARENT", "default_loss is above max_loss_per_query; lower it"
            )

    @property
    def min_loss_per_query(self) -> Decimal:
        """Smallest price of one query: a hundredth of the default.

        What time tells of a patient is little and not charged for. Questions for next to nothing
        would add it up without end.
        """
        return self.default_loss.scaleb(-2)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Budget:
    """What all answers about one lineage may cost together.

    Attributes:
        pool: Name of the pool; all datasets of one lineage share it.
        epsilon: Lifetime allowance of the pool, at ``delta`` for zcdp pools.
        delta: Lifetime allowance of delta; 0 in pure pools without private keys.
        keys_delta: Part of ``delta`` that is kept for the thresholds of private keys. By default
            all of it in pure pools, which need it for nothing else, and none of it in zcdp pools,
            whose conversion from epsilon to rho uses the rest.
        renewal: ``never``, the one value there is: nothing that was spent comes back.
        per_project: Most that one project may spend; the pool's by default.
        per_researcher: Most that one researcher may spend in one project.
    """

    pool: Identifier
    epsilon: QuotedDecimal
    delta: Annotated[QuotedDecimal, Field(lt=1)] = Decimal(0)
    per_project: QuotedDecimal | None = None
    per_researcher: QuotedDecimal | None = None
    keys_delta: Annotated[QuotedDecimal, Field(lt=1)] | None = None
    renewal: Annotated[str, AfterValidator(_never)] = "never"

    def __post_init__(self) -> None:
        for child in (self.per_project, self.per_researcher):
            if child is not None and child > self.epsilon:
                raise invalid(
                    "BUD-CHILD-EXCEEDS-PARENT", "a part is larger than the pool; lower the part"
                )
        if self.keys_delta is not None and self.keys_delta > self.delta:
            raise invalid("BUD-KEYS-DELTA", "keys_delta is a part of delta, and above it; lower it")

    def keys_part(self, measure: Measure) -> Decimal:
        """Return the part of ``delta`` that is kept for thresholds."""
        if self.keys_delta is not None:
            return self.keys_delta
        return self.delta if measure is Measure.PURE else Decimal(0)

    def conversion_part(self, measure: Measure) -> Decimal:
        """Return the rest of ``delta``, at which a zcdp pool's epsilon is turned into rho."""
        return self.delta - self.keys_part(measure)


def check_private_keys(queries: QueryRules, budget: Budget, max_units: int | None) -> None:
    """Check that private keys can be paid for and bounded; raises pydantic's error with our codes.

    Args:
        queries: Of a dataset.
        budget: Of the same.
        max_units: Privacy units that it holds at most; None where nothing is said.
    """
    kept, measure = budget.keys_part(queries.measure), queries.measure
    if measure is Measure.ZCDP and budget.delta > 0 and budget.conversion_part(measure) == 0:
        raise invalid(
            "BUD-KEYS-DELTA",
            "keys_delta leaves nothing of delta for the conversion to rho; lower it",
            *("budget", "keys_delta"),
        )
    if queries.private_keys == "denied":
        return
    if not 0 < queries.keys_delta_per_query <= kept:
        raise invalid(
            "BUD-KEYS-DELTA",
            "private keys need keys_delta_per_query above 0 and at most the part of delta that the "
            f"pool keeps for them, which is {kept.normalize():f}; declare both, in zcdp pools "
            "budget.keys_delta too",
            *("queries", "keys_delta_per_query"),
        )
    if max_units is None:
        raise invalid(
            "DP-MAX-UNITS",
            "private keys need privacy_unit.max_units, a public number that the dataset never "
            "exceeds; declare it",
            *("privacy_unit", "max_units"),
        )
