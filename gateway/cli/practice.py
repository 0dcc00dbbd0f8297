"""``gateway practice``: made-up tables to try queries on, from the policy alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, get_args

import click

from gateway.cli.asking import remote
from gateway.errors import OperatorError
from gateway.governing.activation import governing_declarations
from gateway.practice import MADE_UP, FileForm, practice_files, read_files
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
@click.option("--url", help="Ask this service instead, with the key in GATEWAY_API_KEY.")
@click.option("--project", help="With --url: the project whose tables and columns are made up.")
def command(
    *,
    dataset: str,
    out: Path,
    folder: Path,
    url: str | None,
    project: str | None,
    **given: Any,  # noqa: ANN401  click's
) -> None:
    """Make up the tables of DATASET, as the policy in force declares them.

    The store is not opened, and nothing is logged; equal policies give equal files.
    """
    form, units = given["form"], given["units"]
    if (url is None) != (project is None):
        raise click.UsageError("--url and --project go together")
    if url is not None and project is not None:
        with remote(url) as gateway:
            files = read_files(gateway.practice_zip(project, dataset, form, units=units))
    else:
        files = _local_files(folder, dataset, form, units)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    click.echo(f"{len(files) - 1} tables are in {out}. {MADE_UP}")


def _local_files(folder: Path, dataset: str, form: FileForm, units: int) -> dict[str, bytes]:
    active = governing_declarations(load_settings(folder))
    if dataset not in active.datasets:
        raise OperatorError(
            "the dataset is not declared",
            code="CFG-DATASET",
            remedy=f"name one of: {', '.join(active.datasets)}",
        )
    return practice_files(active.datasets[dataset], active, form, units=units)
