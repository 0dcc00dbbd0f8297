"""``gateway catalog``: what a project may ask."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.arguments import questions_target
from gateway.cli.asking import asker
from gateway.cli.rendering import text_table
from gateway.client.views import HEADER, Catalog
from query.fields import document_bytes

__all__ = ["command"]


@click.command(name="catalog")
@questions_target
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
def command(*, project: str, folder: Path, user: str | None, url: str | None, form: str) -> None:
    """List the columns that a project may ask, with their public domains and uses; free."""
    with asker(folder, user, url) as gateway:
        document = gateway.catalog(project)
    if form == "json":
        click.echo(document_bytes(document).decode())
    else:
        click.echo(text_table(HEADER, Catalog(document).rows()))
