"""The command line; ``gateway --help`` lists its commands."""

from __future__ import annotations

from gateway.cli.program import main

__all__ = ["main"]
