"""What an ingest did, kept beside the snapshot that it made, under the same seal and as long.

A report has exact counts of private rows, which otherwise are inside sealed files alone.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from gateway.storage.seal import seal, unseal

__all__ = ["ReportFolder"]


class ReportFolder:
    """The files ``store/<dataset>/<number>.report``.

    Args:
        folder: Of the store.
        key: The seal key, 32 bytes.
    """

    def __init__(self, folder: Path, *, key: bytes) -> None:
        self._folder = folder
        self._key = key

    def keep(self, dataset: str, number: int, *, header: bytes, report: bytes) -> None:
        """Keep a report; durable when this returns.

        Args:
            dataset: Id of the dataset.
            number: Of the snapshot.
            header: Of the snapshot, which says which one this is about.
            report: As ``IngestReport.to_bytes`` gives it.

        Raises:
            StoreError: ``STO-WRITE`` if it cannot be written.
        """
        seal(BytesIO(report), self._path(dataset, number), key=self._key, header=header)

    def read(self, dataset: str, number: int) -> tuple[bytes, bytes] | None:
        """Return the proved header of a snapshot, and the report on it; None where none is kept.

        Raises:
            StoreError: ``STO-SEAL`` if it does not open.
        """
        plain = BytesIO()
        try:
            header = unseal(self._path(dataset, number), plain, key=self._key)
        except FileNotFoundError:
            return None
        return header, plain.getvalue()

    def remove(self, dataset: str, number: int) -> None:
        """Remove a report, with the snapshot that it is about."""
        self._path(dataset, number).unlink(missing_ok=True)

    def _path(self, dataset: str, number: int) -> Path:
        return self._folder / dataset / f"{number}.report"
