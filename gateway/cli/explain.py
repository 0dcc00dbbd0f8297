"""``gateway explain``: how a question would be answered, in words, for free."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.answers.explanations import explanation_text
from gateway.cli.arguments import explanation_options, questions_target
from gateway.cli.asking import asker, pointing, question_from
from query.documents import quote_document
from query.fields import document_bytes

__all__ = ["command"]


@click.command(name="explain")
@questions_target
@explanation_options
def command(folder: Path, user: str | None, url: str | None, **given: Any) -> None:  # noqa: ANN401  click's
    """Tell how SQL (- for standard input) would be answered: steps, bounds, noise, price; free."""
    question = question_from(given)
    with pointing(question.sql), asker(folder, user, url) as gateway:
        quote = gateway.quote(question.project, question.sql, **question.options)
    if question.form == "json":
        click.echo(document_bytes(quote_document(quote)).decode())
    else:
        click.echo(explanation_text(quote))
