"""``gateway query``: ask a question, at its price."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.arguments import question_options, questions_target
from gateway.cli.asking import Asker, Question, asker, question_from
from gateway.cli.rendering import answer_text, balances_text
from gateway.results import Result
from gateway.tabular import answer_csv
from query.documents import answer_bytes

__all__ = ["command"]


@click.command(name="query")
@questions_target
@question_options
@click.option("--confirm-price", help="Refuse if the price is not exactly this.")
def command(folder: Path, user: str | None, url: str | None, **given: Any) -> None:  # noqa: ANN401  click's
    """Ask SQL (- for standard input), at its price; prints error bars and what is left.

    Asking the same again prints the stored answer, for free.
    """
    question = question_from(given)
    with asker(folder, user, url) as gateway:
        result = gateway.query(question.project, question.sql, **question.options)
        click.echo(_text(result, question, gateway))


def _text(result: Result, question: Question, gateway: Asker) -> str:
    match question.form:
        case "csv":
            return answer_csv(result.answer).decode().rstrip("\r\n")
        case "json":
            return answer_bytes(result.answer).decode()
        case _:
            left = [
                f"{name}, {balances_text(balances)}"
                for name, balances in gateway.budget(question.project).items()
            ]
            return "\n".join([answer_text(result.answer), *left])
