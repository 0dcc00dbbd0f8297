"""``gateway receipt``: proof of what the log of a service says of a request."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.arguments import service_url
from gateway.cli.asking import remote

__all__ = ["command"]


@click.command(name="receipt")
@click.argument("index", type=click.IntRange(0))
@service_url
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def command(index: int, url: str, out: Path | None) -> None:
    """Get the receipt of entry INDEX, about a request of yours; 'gateway audit check' checks it."""
    with remote(url) as gateway:
        text = gateway.receipt(index)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
