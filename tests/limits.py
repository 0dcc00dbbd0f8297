"""What an engine of a test may use, and how long a test waits."""

from __future__ import annotations

from typing import Final

from query.engines.duckdb import EngineLimits

__all__ = ["LIMITS", "PATIENCE"]

LIMITS: Final = EngineLimits(threads=2, memory_mib=1024, deadline_seconds=60, concurrent=2)

PATIENCE: Final = 120
"""Seconds to wait for what comes at once, unless something is broken or the machine is busy.

What never comes is still red, only later.
"""
