"""``gateway deidentify reveal``: encrypted values brought back, where the policy says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gateway.cli.deidentify_options import asked_by, member
from gateway.cli.identified_files import read_text
from gateway.records import record_door
from gateway.settings import load_settings
from policies.text_operators import Label

__all__ = ["reveal"]


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--folder", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--dataset", required=True, help="Whose notes they are.")
@click.option("--column", required=True, help="TABLE.COLUMN whose declaration is reversible.")
@click.option("--project", required=True, help="Which project needs them.")
@click.option(
    "--label",
    "labels",
    multiple=True,
    type=click.Choice([label.value for label in Label]),
    help="Only these; all that the column encrypts by default.",
)
@member
def reveal(file: str, folder: Path, *, column: str, labels: Sequence[str], **given: Any) -> None:  # noqa: ANN401  click's
    """Print FILE (- for standard input) with its encrypted values decrypted.

    Only for a member of a project that was granted the column, where the column is declared
    reversible. Each use is in the audit log before anything is printed: who, for which project and
    why, how many values of which label; never a value. So is each refusal.
    """
    text = read_text(file)
    asked = asked_by(given)
    with record_door(load_settings(folder)) as door:
        revealed = door.reveal(asked, column, [Label(one) for one in labels], text)
    click.echo(revealed.text, nl=False)
    total = sum(revealed.counts.values())
    click.echo(f"{total} values revealed, {revealed.left} left; this is in the log", err=True)
