"""What an engine of a test may use."""

from __future__ import annotations

from typing import Final

from query.engines.duckdb import EngineLimits

__all__ = ["LIMITS"]

LIMITS: Final = EngineLimits(threads=2, memory_mib=1024, deadline_seconds=60, concurrent=2)
