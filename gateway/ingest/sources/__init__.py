"""Where identified tables are read from: strict readers that give Arrow batches."""

from __future__ import annotations

from gateway.ingest.sources.locate import SourceTable, locate_tables

__all__ = ["SourceTable", "locate_tables"]
