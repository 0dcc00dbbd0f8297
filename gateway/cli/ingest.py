"""``gateway ingest``: de-identify and store a dataset."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gateway.cli.arguments import deployment_argument
from gateway.ingest.progress import progress_for
from gateway.intake import ingest_dataset
from gateway.settings import load_settings

__all__ = ["command"]


@click.command(name="ingest")
@deployment_argument
@click.option("--dataset", required=True, help="Which declared dataset.")
@click.option(
    "--source",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of identified files, in which the declaration's path starts.",
)
@click.option(
    "--workers",
    type=click.IntRange(0, 64),
    default=min(os.cpu_count() or 1, 8),
    show_default="one a core",
    help="Processes for notes; 0 for none.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(folder: Path, dataset: str, source: Path, workers: int, *, as_json: bool) -> None:
    """De-identify and store a dataset of the deployment in DIR.

    The report has exact counts of private rows: it is for the steward only.
    """
    report = ingest_dataset(
        load_settings(folder),
        dataset,
        source,
        workers=workers,
        progress=progress_for(sys.stderr),
    )
    click.echo(report.json() if as_json else report.text())
