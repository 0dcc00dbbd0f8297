"""What an ingest did, in numbers; they are exact counts of private rows, for the steward only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from pydantic import TypeAdapter, ValidationError

__all__ = ["IngestReport", "NotesReport", "TableReport", "parse_report"]

_VERSION: Final = 1
"""Of the form in which a report is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """What became of one table; ``read`` is ``stored`` + all ``rejected`` + ``left_out``.

    Attributes:
        table: Declared name.
        read: Rows of the source.
        stored: Rows in the snapshot; 0 for a directory, which is read and not stored.
        rejected: Rows left out, by the first rule that each broke.
        left_out: Rows beyond ``max_rows_per_unit``.
        clamped: Values moved to a bound, by column.
        nulled: Values stored as NULL because they are outside the domain or unreadable, by column.
        dropped: Source columns of which nothing is stored.
        seconds: Time to read and transform it.
    """

    table: str
    read: int
    stored: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    left_out: int = 0
    clamped: Mapping[str, int] = field(default_factory=dict)
    nulled: Mapping[str, int] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesReport:
    """What became of the notes.

    Attributes:
        processed: Notes that went through the text pipeline.
        failures: Notes that it failed on, by the name of the error; NULL is stored in their place.
        spans: Identifiers replaced, by label.
        seconds: Time of the text pipeline.
        engine: The model beside the rules, and which version of it; empty without notes.
        profiles: From ``table.column`` to the operating point of detection.
    """

    processed: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    spans: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    engine: str = ""
    profiles: Mapping[str, str] = field(default_factory=dict)

    @property
    def withheld(self) -> int:
        """How many notes it failed on."""
        return sum(self.failures.values())

    @property
    def profile(self) -> str:
        """The least strict operating point of all columns; empty without notes."""
        order = ("utility", "standard", "strict")
        return next((one for one in order if one in self.profiles.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What one ingest did.

    Attributes:
        dataset: Id of the dataset.
        snapshot: Name of the snapshot now in force.
        units: Privacy units in it.
        tables: One for each declared table, in declared order.
        notes: All notes together.
        seconds: Time of the whole ingest.
    """

    dataset: str
    snapshot: str
    units: int
    tables: tuple[TableReport, ...]
    notes: NotesReport
    seconds: float

    @property
    def rows_per_second(self) -> float:
        """Rows read per second of the whole ingest without the text pipeline."""
        rows = sum(table.read for table in self.tables)
        return rows / max(self.seconds - self.notes.seconds, 1e-9)

    @property
    def notes_per_second(self) -> float:
        """Notes per second of the text pipeline; 0 without notes."""
        return self.notes.processed / max(self.notes.seconds, 1e-9)

    def document(self) -> dict[str, object]:
        """Return it as plain values for JSON."""
        return asdict(self) | {
            "notes": asdict(self.notes) | {"withheld": self.notes.withheld},
            "rows_per_second": round(self.rows_per_second, 1),
            "notes_per_second": round(self.notes_per_second, 1),
        }

    def to_bytes(self) -> bytes:
        """Return it as it is kept; ``parse_report`` reads it."""
        return json.dumps({"v": _VERSION, "report": asdict(self)}).encode()

    def json(self) -> str:
        """Return it as indented JSON."""
        return json.dumps(self.document(), indent=2, default=str)

    def text(self) -> str:
        """Return it as a table and sentences for a terminal."""
        width = max(len("table"), *(len(table.table) for table in self.tables))
        lines = [f"{'table':{width}}  {'read':>9}  {'stored':>9}  {'rejected':>9}  {'left out':>9}"]
        for table in self.tables:
            rejected = sum(table.rejected.values())
            lines.append(
                f"{table.table:{width}}  {table.read:>9,}  {table.stored:>9,}  {rejected:>9,}  "
                f"{table.left_out:>9,}"
            )
        for table in self.tables:
            lines += _details(table)
        notes = self.notes
        if notes.processed:
            spans = ", ".join(f"{label} {count:,}" for label, count in sorted(notes.spans.items()))
            lines.append(
                f"notes: {notes.processed:,} processed, {notes.withheld:,} withheld; "
                f"replaced: {spans or 'nothing'}"
            )
            if notes.failures:
                causes = ", ".join(f"{name} {count:,}" for name, count in notes.failures.items())
                lines.append(f"notes: withheld because of {causes}")
            lines.append(f"notes: {self.notes_per_second:,.0f} a second")
            profiles = ", ".join(f"{name} {one}" for name, one in notes.profiles.items())
            lines.append(f"notes: engine {notes.engine}; profile of {profiles}")
        lines.append(
            f"snapshot {self.snapshot} of {self.dataset}: {self.units:,} privacy units, "
            f"{self.rows_per_second:,.0f} rows a second, {self.seconds:.1f} s in all"
        )
        return "\n".join(lines)


def _details(table: TableReport) -> list[str]:
    lines = []
    for verb, counts in (
        ("rejected", table.rejected),
        ("clamped", table.clamped),
        ("stored as NULL", table.nulled),
    ):
        found = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
        if found:
            lines.append(f"{table.table}: {verb}: {found}")
    if table.dropped:
        lines.append(f"{table.table}: not stored: {', '.join(table.dropped)}")
    return lines


def parse_report(content: bytes) -> IngestReport | None:
    """Read a report as it is kept; None if it has the form of another version."""
    found = json.loads(content)
    if not isinstance(found, dict) or found.get("v") != _VERSION:
        return None
    try:
        return TypeAdapter(IngestReport).validate_json(json.dumps(found.get("report")))
    except ValidationError:
        return None
