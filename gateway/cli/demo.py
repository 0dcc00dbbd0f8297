"""``gateway demo``: everything, on a made-up hospital."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.demo.story import run_demo

__all__ = ["command"]


@click.command(name="demo")
@click.option("--patients", type=click.IntRange(100, 200_000), default=2000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the made-up hospital.")
@click.option("--serve", is_flag=True, help="Go on serving when the story has been told.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to put the hospital and its deployment; a temporary folder by default.",
)
def command(*, patients: int, seed: int, serve: bool, port: int, folder: Path | None) -> None:
    """Show everything on a made-up hospital: ingest, questions, a refusal, the audit log."""
    run_demo(patients=patients, seed=seed, serve=serve, port=port, folder=folder)
