"""``gateway budget``: what is spent, and what is left."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.arguments import questions_target
from gateway.cli.asking import asker
from gateway.cli.rendering import balances_text
from query.fields import document_bytes
from query.losses import balance_document

__all__ = ["command"]


@click.command(name="budget")
@questions_target
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
def command(*, project: str, folder: Path, user: str | None, url: str | None, form: str) -> None:
    """Tell what pool, project and researcher have spent and may spend; free."""
    with asker(folder, user, url) as gateway:
        budget = gateway.budget(project)
    if form == "json":
        document = {
            dataset: [balance_document(one) for one in balances]
            for dataset, balances in budget.items()
        }
        click.echo(document_bytes(document).decode())
        return
    for dataset, balances in budget.items():
        click.echo(f"{dataset}, {balances_text(balances)}")
