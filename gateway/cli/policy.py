"""``gateway policy``: check, compare and tidy declarations before they are in force."""

from __future__ import annotations

import click

from gateway.cli.policy_lint import lint

__all__ = ["command"]


@click.group(name="policy")
def command() -> None:
    """Check, compare and tidy declarations."""


command.add_command(lint)
