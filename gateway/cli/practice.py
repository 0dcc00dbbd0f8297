"""``gateway practice``: made-up tables to try queries on, from the policy alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final, get_args

import click

from gateway.activation import governing_declarations
from gateway.errors import OperatorError
from gateway.practice import MADE_UP, FileForm, practice_files
from gateway.settings import load_settings
from query.practice import MAX_UNITS

__all__ = ["command"]

_FOLDER: Final = click.Path(file_okay=False, path_type=Path)


@click.command(name="practice")
@click.argument("dataset")
@click.option("--out", required=True, type=_FOLDER, help="Folder of the files; made if missing.")
@click.option("--folder", default=".", type=_FOLDER, help="The deployment's folder.")
@click.option("--units", type=click.IntRange(1, MAX_UNITS), default=200, show_default=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(FileForm)),
    default="csv",
    show_default=True,
)
def command(*, dataset: str, out: Path, folder: Path, units: int, form: FileForm) -> None:
    """Make up the tables of DATASET, as the policy in force declares them.

    The store is not opened, and nothing is logged; equal policies give equal files.
    """
    active = governing_declarations(load_settings(folder))
    if dataset not in active.datasets:
        raise OperatorError(
            "the dataset is not declared",
            code="CFG-DATASET",
            remedy=f"name one of: {', '.join(active.datasets)}",
        )
    files = practice_files(active.datasets[dataset], active, form, units=units)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    click.echo(f"{len(files) - 1} tables are in {out}. {MADE_UP}")
