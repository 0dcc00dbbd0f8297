"""``gateway policy lint``: everything that is wrong or doubtful in declarations."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.failures import FAILED, error_lines
from gateway.cli.rendering import counted
from gateway.clock import SystemClock
from gateway.ingest.sources.columns import read_columns
from policies.datasets import DatasetPolicy
from policies.errors import DeclarationError
from policies.lint.report import LintReport
from policies.lint.run import lint as lint_folder
from policies.lint.source import SourceColumns
from policies.load import load_policies

__all__ = ["lint", "policies_of"]

_FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--source", type=_FOLDER, help="Compare columns and categories with this data.")
@click.option("--before", type=_FOLDER, help="The declarations whose place these are to take.")
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@click.pass_context
def lint(  # noqa: PLR0913  each is an option of the command line
    context: click.Context,
    folder: Path,
    form: str,
    source: Path | None,
    before: Path | None,
    *,
    strict: bool,
) -> None:
    """Check all declarations of DIR, a deployment or a folder of policies.

    Prints every problem as file:line:column: CODE message; remedy. What is allowed and mostly not
    meant is printed as a warning, and fails only with --strict.
    """

    def read_source(dataset: DatasetPolicy) -> dict[str, SourceColumns]:
        return {} if source is None else dict(read_columns(dataset, source))

    report = lint_folder(
        policies_of(folder),
        SystemClock().now().date(),
        read_source=read_source,
        before=None if before is None else load_policies(policies_of(before)),
    )
    if form == "json":
        click.echo(json.dumps(report.document(), indent=2))
    else:
        _print(report)
    if report.errors or (strict and report.warnings):
        context.exit(FAILED)


def policies_of(folder: Path) -> Path:
    """Return the folder of policies of a deployment, or the folder itself."""
    within = folder / "policies"
    return within if (within / "datasets").is_dir() else folder


def _print(report: LintReport) -> None:
    for one in report.errors:
        click.echo(f"gateway: {_line(one)}", err=True)
    for one in report.warnings:
        click.echo(f"warning: {_line(one)}")
    if not report.errors:
        click.echo(
            f"{counted(report.datasets, 'dataset')} and {counted(report.projects, 'project')}"
            f" are well declared, {report.digest}"
        )


def _line(problem: DeclarationError) -> str:
    (line,) = error_lines(problem)
    return line
