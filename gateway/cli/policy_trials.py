"""``gateway policy test``: what declarations would answer, before they are in force."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.policy_tests import run_policy_tests
from gateway.settings import SETTINGS_FILE, load_settings

__all__ = ["COMMANDS"]


@click.command(name="test")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--coverage", is_flag=True, help="Fail if a column, aggregate or purpose is missed.")
@click.pass_context
def trial(context: click.Context, folder: Path, *, coverage: bool) -> None:
    """Run the tests of DIR, a deployment or a folder of policies; no rows are read.

    Exit codes: 0 all is as expected; 1 a test failed, or something was missed with --coverage.
    """
    within = load_settings(folder).policies if (folder / SETTINGS_FILE).exists() else folder
    report = run_policy_tests(within)
    for failure in report.failures:
        click.echo(failure)
    hit = report.targets - len(report.missed)
    click.echo(f"{report.run} cases, {len(report.failures)} failed")
    click.echo(f"{hit} of {report.targets} columns, aggregates and purposes were looked at")
    for target in report.missed if coverage else ():
        click.echo(f"missed: {target}")
    context.exit(1 if report.failures or (coverage and report.missed) else 0)


COMMANDS = (trial,)
"""Commands of ``gateway policy`` that try declarations out."""
