"""``gateway policy``: check, compare and tidy declarations before they are in force."""

from __future__ import annotations

from typing import Final

import click

from gateway.cli.policy_diff import diff
from gateway.cli.policy_lint import lint
from gateway.cli.policy_text import fmt, schema

__all__ = ["command"]

_TEXT: Final = (lint, diff, fmt, schema)


@click.group(name="policy")
def command() -> None:
    """Check, compare and tidy declarations."""


for _one in _TEXT:
    command.add_command(_one)
