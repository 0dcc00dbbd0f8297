"""The models of what a project may ask, as ``gateway.catalog`` writes it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field
from pydantic.dataclasses import dataclass

from gateway.openapi.answers import Amount
from policies.columns import Role
from policies.datasets import Ownership
from policies.model import STRICT, Identifier
from policies.privacy import Measure
from policies.query_use import Aggregate, ValueType

__all__ = [
    "CatalogReply",
    "CategoriesReply",
    "ClosenessReply",
    "ColumnReply",
    "ContributionReply",
    "CountModeReply",
    "DatasetReply",
    "DiversityReply",
    "EpsilonReply",
    "EvidenceReply",
    "IntervalReply",
    "ProfileReply",
    "RecordTableReply",
    "RecordsReply",
    "RhoReply",
    "TableReply",
    "UnitReply",
]

_Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EpsilonReply:
    """A price in a pool of pure differential privacy."""

    epsilon: Amount


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RhoReply:
    """A price in a pool that counts in zCDP."""

    rho: Amount


_Price: TypeAlias = EpsilonReply | RhoReply


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CategoriesReply:
    """A public domain of named values."""

    categories: tuple[str | bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class IntervalReply:
    """A public domain between two bounds, in the column's unit."""

    lower: str
    upper: str
    resolution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TextReply:
    """A public domain of all texts of so many characters at most."""

    max_length: _Count


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ColumnReply:
    """A column, and what it may be used for."""

    name: str
    type: ValueType
    role: Role
    description: str
    transform: str
    join: bool
    filter: bool
    group_by: bool
    private_keys: bool
    aggregates: tuple[Aggregate, ...]
    domain: CategoriesReply | IntervalReply | TextReply | None
    nulls: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ContributionReply:
    """How much of one privacy unit enters an answer."""

    max_groups: _Count
    max_rows_per_group: _Count
    max_rows: _Count | None
    bounding: Literal["exact", "stored"] | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ProfileReply:
    """A grouping that ingest has bounded."""

    name: str
    groups: tuple[str, ...]
    max_groups: _Count


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CountModeReply:
    """How plain counts by some columns are bounded."""

    groups: tuple[str, ...]
    mode: str
    max_groups: _Count
    max_rows_per_group: _Count | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TableReply:
    """A table that may be asked."""

    name: str
    description: str
    ownership: Ownership
    unit: str | None
    key: str | None
    foreign_keys: dict[str, str]
    max_rows_per_unit: _Count | None
    contribution: ContributionReply
    profiles: tuple[ProfileReply, ...]
    counts: tuple[CountModeReply, ...]
    columns: tuple[ColumnReply, ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RecordTableReply:
    """A table of which records may be given."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DiversityReply:
    """How many sensitive values a class has at least."""

    column: str
    l: float  # noqa: E741  the field's own name


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ClosenessReply:
    """How far a class's sensitive values are from all at most."""

    column: str
    t: Amount


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EvidenceReply:
    """On what the claim rests that notes are de-identified."""

    on: str
    min_recall: Amount


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RecordsReply:
    """What may be given row by row, and on what terms."""

    tables: tuple[RecordTableReply, ...]
    quasi_identifiers: tuple[str, ...]
    k: _Count | None
    l: DiversityReply | None  # noqa: E741  the field's own name
    t: ClosenessReply | None
    max_rows: _Count | None
    standard: str | None
    text_evidence: EvidenceReply | None
    expires_days: _Count | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class UnitReply:
    """Whose presence is protected."""

    name: str
    table: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DatasetReply:
    """A dataset that may be asked, as declared; nothing of it depends on rows."""

    id: Identifier
    title: str
    snapshot: str
    privacy_unit: UnitReply
    purposes: tuple[str, ...]
    measure: Measure
    min_loss_per_query: _Price
    max_loss_per_query: _Price
    default_loss: _Price
    aggregates: tuple[Aggregate, ...]
    max_group_columns: _Count
    max_cells: _Count
    suppress_below: _Count | None
    private_keys: bool
    keys_delta_per_query: Amount | None
    obligations: tuple[str, ...]
    records: RecordsReply | None
    tables: tuple[TableReply, ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CatalogReply:
    """What a project may ask."""

    project: Identifier
    policy: str
    approvals: Literal["required", "none"]
    datasets: tuple[DatasetReply, ...]
