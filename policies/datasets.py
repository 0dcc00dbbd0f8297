"""DatasetPolicy: what a steward declares of one dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.agreements import DataUse, Retention
from policies.columns import Column, Role
from policies.contributions import (
    Contribution,
    ProfileName,
    ReleaseProfile,
    check_profiles,
)
from policies.model import STRICT, ApiVersion, Identifier, Metadata, invalid, twice
from policies.opt_out import OptOut, check_opt_out
from policies.privacy import Measure, PrivacyLoss
from policies.releases import Releases
from policies.terms import Budget, QueryRules, check_private_keys
from policies.text_files import TextFiles

__all__ = [
    "Budget",
    "Contribution",
    "DatasetPolicy",
    "DatasetSpec",
    "Ownership",
    "PrivacyUnit",
    "QueryRules",
    "Source",
    "Table",
]


class Ownership(Enum):
    """Whose rows a table holds."""

    PRIVATE = "private"
    """Each row belongs to one privacy unit, and says which."""
    PUBLIC = "public"
    """Code lists and calendars: the same whoever is in the data."""
    DIRECTORY = "directory"
    """Staff and facilities: read to find their names in notes, never stored."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Source:
    """Where the identified tables are read from.

    Attributes:
        format: All tables are files of this format, ``.gz`` is unpacked while reading; or tables
            of one DuckDB file; or types of resources in NDJSON files of FHIR R4.
        path: Folder of the files, or the DuckDB file; relative to the data folder given to ingest.
        encoding: Of CSV files.
        delimiter: Of CSV files; one character.
        null_tokens: Texts that mean NULL in CSV files.
        snapshot: Name of this state of the data, such as its date; part of every charge.
        lineage: Name shared by all datasets about the same patients; one lineage, one pool.
    """

    format: Literal["csv", "parquet", "duckdb", "fhir"]
    path: str = "."
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    null_tokens: tuple[str, ...] = ("",)
    snapshot: str
    lineage: Identifier


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PrivacyUnit:
    """Whose presence is protected.

    Attributes:
        table: The table with the list of units.
        column: The column in it that names the unit.
        name: The unit in words, such as ``patient``.
        numbering: Name of the keys by which the source names units; datasets of one lineage whose
            numbering differs are erased by keys of their own. None where all are named alike.
        opt_out: Who takes no part; nobody by default.
        max_units: Units that the dataset holds at most; ingest stops beyond it. A public number,
            which is to be far above the true one; only private keys need it.
    """

    table: str
    column: str
    name: str = "patient"
    numbering: Identifier | None = None
    opt_out: OptOut | None = None
    max_units: Annotated[int, Field(ge=1, le=2**31)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Table:
    """One declared table.

    Attributes:
        description: One line for researchers.
        ownership: Whose rows it holds.
        file: File name, by default the table's name and the source's format; in a DuckDB file the
            name of the table, in FHIR files the type of resource.
        texts: Where the text of each row lies, if in a file of its own; of CSV and Parquet files.
        unit: The column that names the privacy unit; by default its one column of that role.
        key: Column that is unique in the table.
        max_rows_per_unit: Rows of one unit that are stored at most; the rest is left out by keyed
            order and counted. Proved after ingest, so the planner relies on it.
        contribution: Default bounds of one unit's part in one answer.
        release_profiles: By name: groupings that ingest bounds, so that answers by them are fast.
        bad_rows: Whether a row that breaks a rule is left out and counted, or stops the ingest.
        foreign_keys: From a column here to ``table.column``.
        columns: All columns of the source, and those derived from them.
    """

    description: str = ""
    ownership: Ownership = Ownership.PRIVATE
    file: str | None = None
    texts: TextFiles | None = None
    unit: str | None = None
    key: str | None = None
    max_rows_per_unit: Annotated[int, Field(ge=1)] | None = None
    contribution: Contribution = Contribution()
    release_profiles: Mapping[ProfileName, ReleaseProfile] = Field(default_factory=dict)
    bad_rows: Literal["reject", "stop"] = "stop"
    foreign_keys: Mapping[str, str] = Field(default_factory=dict)
    columns: Mapping[str, Column]

    def __post_init__(self) -> None:
        units = [name for name, column in self.columns.items() if column.role is Role.PRIVACY_UNIT]
        if self.ownership is Ownership.PRIVATE and self.unit is None and len(units) != 1:
            raise invalid(
                "DP-UNIT-PATH",
                "a private table needs exactly one column of role privacy_unit; "
                "declare it, or name one of them as unit",
            )
        if self.ownership is not Ownership.PRIVATE and units:
            raise invalid(
                "DP-UNIT-PATH", "only a private table has a column of role privacy_unit; change it"
            )
        for name in (self.unit, self.key, *self.foreign_keys):
            if name is not None and name not in self.columns:
                raise invalid(
                    "COL-GONE", f"the table has no column {name}; declare it", *self._named_at(name)
                )
        if self.unit is not None and self.unit not in units:
            raise invalid(
                "DP-UNIT-PATH", f"unit names {self.unit}, whose role is not privacy_unit; change it"
            )
        _check_names(self.columns)
        self._check_bounding()

    def _named_at(self, name: str) -> tuple[str, ...]:
        """Return the path of the key that names a column, so that it can be told."""
        if name in self.foreign_keys:
            return "foreign_keys", name
        return ("unit",) if name == self.unit else ("key",)

    def _check_bounding(self) -> None:
        stored, counted = self.max_rows_per_unit, self.contribution.max_rows
        if stored is not None and counted is not None and counted > stored:
            raise invalid(
                "DP-MAX-ROWS",
                f"max_rows is {counted}, but {stored} rows of a unit are stored; lower it",
                *("contribution", "max_rows"),
            )
        if not self.release_profiles:
            return
        if self.unit_column is None:
            raise invalid(
                "DP-PROFILE-TABLE",
                "only a private table has release_profiles; remove them",
                "release_profiles",
            )
        check_profiles(self.columns, self.release_profiles, self.unit_column)

    @property
    def unit_column(self) -> str | None:
        """The column that names the privacy unit; None in public and directory tables."""
        if self.unit is not None:
            return self.unit
        units = (name for name, column in self.columns.items() if column.role is Role.PRIVACY_UNIT)
        return next(units, None)

    @property
    def stored_columns(self) -> Mapping[str, Column]:
        """The columns that ingest writes, in declared order."""
        return {name: column for name, column in self.columns.items() if column.is_stored}


def _check_names(names: Iterable[str]) -> None:
    """Check names of tables or columns; raises pydantic's error with our codes."""
    if (name := twice(names)) is not None:
        raise invalid(
            "COL-NAME-TWICE",
            f"the name {name} stands twice if case is not looked at, as SQL does not; rename one",
        )
    for name in names:
        if not name or name.startswith("__"):
            raise invalid(
                "COL-NAME-RESERVED", "an empty name or one that starts with __ is ours; rename it"
            )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DatasetSpec:
    """The body of a dataset's declaration; without ``releases`` its record door is closed."""

    source: Source
    privacy_unit: PrivacyUnit
    tables: Annotated[Mapping[str, Table], Field(min_length=1)]
    queries: QueryRules
    budget: Budget
    obligations: tuple[str, ...] = ()
    data_use: DataUse | None = None
    retention: Retention = Retention()
    releases: Releases = Releases()

    def __post_init__(self) -> None:
        for name, one in self.tables.items():
            if one.texts is not None and self.source.format not in {"csv", "parquet"}:
                raise invalid(
                    "KEY-INVALID",
                    f"rows of format {self.source.format} name no text files; remove it",
                    *("tables", name, "texts"),
                )
        unit = self.privacy_unit
        table = self.tables.get(unit.table)
        if table is None or table.unit_column != unit.column:
            raise invalid(
                "DP-UNIT-PATH",
                f"privacy_unit names {unit.table}.{unit.column}, "
                "which is not a declared column of role privacy_unit; declare it so",
                "privacy_unit",
            )
        if self.queries.measure is Measure.ZCDP and self.budget.delta == 0:
            raise invalid(
                "BUD-NO-DELTA",
                'a zcdp pool needs a delta above 0; declare one, such as "0.000001"',
                *("budget", "delta"),
            )
        check_opt_out(unit.opt_out, table.columns)
        check_private_keys(self.queries, self.budget, unit.max_units)
        _check_names(self.tables)
        for name, declared in self.tables.items():
            for key, target in declared.foreign_keys.items():
                other, _, column = target.partition(".")
                if other not in self.tables or column not in self.tables[other].columns:
                    raise invalid(
                        "COL-GONE",
                        f"table {name} refers to {target}, which is not declared; correct it",
                        *("tables", name, "foreign_keys", key),
                    )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DatasetPolicy:
    """A dataset: its tables, columns, domains, contribution bounds, purposes and budget."""

    apiVersion: ApiVersion  # noqa: N815  the name that the files have
    kind: Literal["DatasetPolicy"]
    metadata: Metadata
    spec: DatasetSpec

    @property
    def id(self) -> str:
        """The dataset's stable name."""
        return self.metadata.id

    @property
    def tables(self) -> Mapping[str, Table]:
        """Declared tables by name."""
        return self.spec.tables

    @property
    def measure(self) -> Measure:
        """How losses add up in the dataset's pool."""
        return self.spec.queries.measure

    @property
    def keys_delta(self) -> Decimal:
        """The part of the pool's delta that thresholds of private keys may use up."""
        return self.spec.budget.keys_part(self.measure)

    def largest_price(self) -> PrivacyLoss:
        """The most that one query may cost; its delta only where keys may be private."""
        rules = self.spec.queries
        return PrivacyLoss.of_budget(
            self.measure, rules.max_loss_per_query, rules.keys_delta_per_query
        )
