"""``gateway policy``: check declarations before they are in force."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.policy_approvals import COMMANDS as APPROVALS
from gateway.cli.policy_trials import COMMANDS as TRIALS
from policies.load import load_policies

__all__ = ["command"]


@click.group(name="policy")
def command() -> None:
    """Check declarations."""


for _one in (*APPROVALS, *TRIALS):
    command.add_command(_one)


@command.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def lint(folder: Path) -> None:
    """Check all declarations of DIR, a deployment or a folder of policies.

    Prints every problem as file:line:column: CODE message; remedy.
    """
    within = folder / "policies"
    active = load_policies(within if (within / "datasets").is_dir() else folder)
    click.echo(
        f"{len(active.datasets)} datasets and {len(active.projects)} projects are well declared,"
        f" {active.digest}"
    )
