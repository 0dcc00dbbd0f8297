"""``gateway policy diff``: what changes between two folders of declarations."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from gateway.cli.policy_lint import policies_of
from policies.diff.edits import edits
from policies.diff.semantic import changed_rows, classify
from policies.load import load_policies

__all__ = ["diff"]

_FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("before", metavar="BEFORE", type=_FOLDER)
@click.argument("after", metavar="AFTER", type=_FOLDER)
@click.option("--semantic", is_flag=True, help="What it does to what is allowed.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def diff(before: Path, after: Path, form: str, *, semantic: bool) -> None:
    """Tell what changes from BEFORE to AFTER, deployments or folders of policies.

    Prints each statement that is written otherwise, with its place. With --semantic: each thing of
    which more or less is allowed, by project, dataset, column and door, and what the change does
    as a whole: it widens if anything does, or if that cannot be told.
    """
    old, new = load_policies(policies_of(before)), load_policies(policies_of(after))
    change = classify(old, new)
    found = changed_rows(old, new) if semantic else edits(old, new)
    if form == "json":
        rows = [{key: str(value) for key, value in _plain(one).items()} for one in found]
        click.echo(json.dumps({"change": change.value, "rows": rows}, indent=2))
        return
    for one in found:
        click.echo(str(one))
    click.echo(change.value)


def _plain(row: object) -> dict[str, object]:
    assert dataclasses.is_dataclass(row)  # noqa: S101  rows and edits are
    named = ((field.name, getattr(row, field.name)) for field in dataclasses.fields(row))
    return {name: getattr(value, "value", value) for name, value in named}
