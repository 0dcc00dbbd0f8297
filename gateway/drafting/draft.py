"""From unknown files to the files of a first declaration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from anonymizers.tables.roles import propose_roles
from gateway.drafting.columns import DraftedColumn, draft_column
from gateway.drafting.declarations import (
    Heading,
    dataset_text,
    gateway_text,
    project_text,
    tests_text,
)
from gateway.drafting.files import find_tables
from gateway.drafting.relations import Placed, Surveyed, Unit, guess_unit, place_tables
from policies.datasets import Ownership, Source
from policies.errors import DeclarationError, SourceError
from policies.formatting import formatted

__all__ = ["Draft", "DraftRequest", "draft_policies"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRequest:
    """What is to be declared.

    Attributes:
        place: A CSV or Parquet file, a folder of them or of FHIR NDJSON, or a DuckDB file.
        name: Id of dataset, pool and project; by default from the place's name.
        owner: Who answers for the declarations.
        purpose: Why anybody may ask.
        today: First day in force, and the name of the state of the data.
        unit: ``table.column`` of the privacy unit, where somebody knows it.
        public: From ``table.column`` to a CSV file with all its categories.
    """

    place: Path
    name: str | None
    owner: str
    purpose: str
    today: date
    unit: str | None = None
    public: Mapping[str, Path] = field(default_factory=dict)

    @property
    def heading(self) -> Heading:
        """What all files say of themselves."""
        words = re.sub(r"[^a-z0-9]+", "-", self.place.absolute().name.split(".")[0].lower())
        name = self.name or words.strip("-")[:50] or "dataset"
        return Heading(name=name, owner=self.owner, purpose=self.purpose, today=self.today)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The files of a first declaration.

    Attributes:
        name: Id of the dataset.
        files: Bytes by path in the folder of the declarations.
        folder: The data folder to give to ingest.
        unit: Whose presence is protected.
        tables: Each table, and whose rows it holds.
        passed_over: Files that were not looked at.
    """

    name: str
    files: Mapping[str, bytes]
    folder: Path
    unit: Unit
    tables: tuple[Placed, ...]
    passed_over: tuple[str, ...]


def draft_policies(request: DraftRequest) -> Draft:
    """Look at unknown files, and return declarations that deny all that nobody has decided yet.

    Raises:
        SourceError: If a file cannot be read, or nothing looks like the key of a patient.
        DeclarationError: If a public list is named for what is not there, or identifies.
    """
    heading = request.heading
    found = find_tables(
        request.place,
        Source(format="csv", snapshot=str(request.today), lineage=heading.name),
    )
    surveyed = [
        Surveyed(table=table, proposals=propose_roles(table.rows, request.today))
        for table in found.tables
    ]
    named = request.unit or ("patient.id" if found.source.format == "fhir" else None)
    unit = _said(named, surveyed) if named else guess_unit(surveyed)
    placed = place_tables(surveyed, unit)
    _check_public(request, placed)
    drafted = [(table, _columns(request, table)) for table in placed]
    texts = {
        f"datasets/{heading.name}.yaml": dataset_text(heading, found.source, unit, drafted),
        f"projects/{heading.name}.yaml": project_text(heading, _granted(drafted)),
        "gateway.yaml": gateway_text(heading),
    }
    files = {name: formatted(text.encode(), name).encode() for name, text in texts.items()}
    files[f"tests/{heading.name}.yaml"] = tests_text(heading).encode()
    files |= {_listed(path): path.read_bytes() for path in request.public.values()}
    return Draft(
        name=heading.name,
        files=files,
        folder=found.folder,
        unit=unit,
        tables=placed,
        passed_over=found.passed_over,
    )


def _said(name: str, tables: list[Surveyed]) -> Unit:
    """Return the unit that somebody named.

    Raises:
        SourceError: ``COL-GONE`` if there is no such column.
    """
    table, _, column = name.partition(".")
    for one in tables:
        if one.name == table and column in one.table.rows.column_names:
            return Unit(table=table, column=column)
    raise SourceError(
        f"there is no column {name}",
        code="COL-GONE",
        remedy=f"name it as TABLE.COLUMN; tables: {', '.join(one.name for one in tables)}",
    )


def _columns(request: DraftRequest, placed: Placed) -> list[DraftedColumn]:
    name = placed.surveyed.name
    lists = {key: _listed(path) for key, path in request.public.items()}
    return [
        draft_column(
            proposal,
            placed.ownership,
            request.today,
            unit=proposal.name == placed.unit,
            public=lists.get(f"{name}.{proposal.name}"),
        )
        for proposal in placed.surveyed.proposals
    ]


def _check_public(request: DraftRequest, placed: tuple[Placed, ...]) -> None:
    """Check that lists are named for columns of private tables that are there.

    Raises:
        DeclarationError: ``COL-GONE`` if one is not.
    """
    known = {
        f"{table.surveyed.name}.{proposal.name}"
        for table in placed
        if table.ownership is Ownership.PRIVATE
        for proposal in table.surveyed.proposals
    }
    for name in request.public:
        if name not in known:
            raise DeclarationError(
                f"there is no column {name} in a table of patients' rows",
                code="COL-GONE",
                remedy="write --public LIST.csv:TABLE.COLUMN",
            )


def _listed(path: Path) -> str:
    """Return where a public list lies in the folder of the declarations."""
    return f"refdata/{re.sub(r'[^A-Za-z0-9._-]+', '_', path.name)}"


def _granted(drafted: list[tuple[Placed, list[DraftedColumn]]]) -> dict[str, list[str]]:
    """Return what the project may use: of the private tables what may be asked."""
    return {
        table.surveyed.name: [one.name for one in columns if one.fields.get("dp", "none") != "none"]
        for table, columns in drafted
        if table.ownership is Ownership.PRIVATE
    }
