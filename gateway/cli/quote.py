"""``gateway quote``: the price of a question, for free."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.arguments import question_options, questions_target
from gateway.cli.asking import asker, pointing, question_from
from gateway.cli.rendering import quote_csv, quote_text
from query.documents import quote_document
from query.fields import document_bytes

__all__ = ["command"]


@click.command(name="quote")
@questions_target
@question_options
def command(folder: Path, user: str | None, url: str | None, **given: Any) -> None:  # noqa: ANN401  click's
    """Tell what SQL (- for standard input) would cost, and the error to expect; free."""
    question = question_from(given)
    with pointing(question.sql), asker(folder, user, url) as gateway:
        quote = gateway.quote(question.project, question.sql, **question.options)
    match question.form:
        case "csv":
            click.echo(quote_csv(quote))
        case "json":
            click.echo(document_bytes(quote_document(quote)).decode())
        case _:
            click.echo(quote_text(quote))
