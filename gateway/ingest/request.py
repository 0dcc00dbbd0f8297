"""What an ingest is asked to do, and with what secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from anonymizers.keys import derive_key
from gateway.storage import RamFolder, SnapshotStore
from policies.datasets import DatasetPolicy
from policies.errors import DeclarationError
from policies.transforms import ShiftDate

__all__ = ["IngestKeys", "IngestRequest", "max_shift_days"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRequest:
    """One ingest.

    Attributes:
        dataset: The declaration.
        policy_digest: Digest of the policies in force.
        folder: The data folder, in which the source's path starts.
        store: Where the sealed snapshot goes.
        ram: Where it is built.
        master: Master secret of the deployment, 32 bytes or more.
        now: Time of the ingest, UTC.
        workers: Processes of the text pipeline; 1 runs it in this one.
    """

    dataset: DatasetPolicy
    policy_digest: str
    folder: Path
    store: SnapshotStore
    ram: RamFolder
    master: bytes = field(repr=False)
    now: datetime
    workers: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestKeys:
    """The secrets of one dataset's ingest, derived from the master secret.

    Attributes:
        pseudonyms: For keys and pseudonyms.
        units: For the order of units, and their salts.
        rows: For the order of rows within a unit.
        shift: For the days by which dates move, in tables and notes.
        text: For the stand-ins in notes.
    """

    pseudonyms: bytes = field(repr=False)
    units: bytes = field(repr=False)
    rows: bytes = field(repr=False)
    shift: bytes = field(repr=False)
    text: bytes = field(repr=False)

    @classmethod
    def of(cls, master: bytes, dataset: str) -> IngestKeys:
        """Derive them; the same master and dataset always give the same."""

        def derive(purpose: str) -> bytes:
            return derive_key(master, purpose=purpose, dataset=dataset)

        return cls(
            pseudonyms=derive("pseudonyms"),
            units=derive("units"),
            rows=derive("rows"),
            shift=derive("date-shift"),
            text=derive("text"),
        )


def max_shift_days(dataset: DatasetPolicy) -> int:
    """Return by how many days dates move at most, in all tables and notes of a dataset.

    Raises:
        DeclarationError: ``DEID-SHIFT-DIFFERS`` if columns declare different numbers: the dates
            of one patient would move apart.
    """
    declared = {
        column.effective_transform.max_days
        for table in dataset.tables.values()
        for column in table.columns.values()
        if isinstance(column.effective_transform, ShiftDate)
    }
    if len(declared) > 1:
        raise DeclarationError(
            f"dataset {dataset.id} shifts dates by different max_days",
            code="DEID-SHIFT-DIFFERS",
            remedy="declare the same max_days everywhere",
        )
    return declared.pop() if declared else ShiftDate().max_days
