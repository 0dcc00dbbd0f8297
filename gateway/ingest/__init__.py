"""Ingest: identified tables and notes in, one sealed de-identified snapshot out."""

from __future__ import annotations

from gateway.ingest.progress import Progress, SilentProgress, progress_for
from gateway.ingest.report import IngestReport, NotesReport, TableReport
from gateway.ingest.request import IngestRequest
from gateway.ingest.run import ingest

__all__ = [
    "IngestReport",
    "IngestRequest",
    "NotesReport",
    "Progress",
    "SilentProgress",
    "TableReport",
    "ingest",
    "progress_for",
]
