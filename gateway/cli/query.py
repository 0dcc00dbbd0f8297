"""``gateway query``: ask a question, at its price."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from gateway.answers.results import Result
from gateway.answers.tabular import answer_csv
from gateway.cli.arguments import answer_options, questions_target
from gateway.cli.asking import Asker, Question, asker, pointing, question_from
from gateway.cli.rendering import answer_text, balances_text
from gateway.client import Gateway
from policies.errors import RefusalError
from query.answers import Answer
from query.documents import answer_bytes

__all__ = ["command"]


@click.command(name="query")
@questions_target
@answer_options
@click.option("--confirm-price", help="Refuse if the price is not exactly this.")
@click.option("--job", "later", is_flag=True, help="Leave it as a job; print its id. Needs --url.")
@click.option("--wait", is_flag=True, help="As a job, and tell how far it is. Needs --url.")
@click.option("--idempotency-key", help="Requests that carry the same are one. Needs --url.")
@click.option(
    "--receipt",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the receipt of the answer, or of the refusal, for 'gateway audit check'.",
)
def command(
    folder: Path,
    user: str | None,
    url: str | None,
    out: Path | None,
    receipt: Path | None,
    **given: Any,  # noqa: ANN401  click's
) -> None:
    """Ask SQL (- for standard input), at its price; prints error bars and what is left.

    Asking the same again prints the stored answer, for free.
    """
    question, way = question_from(given), _way(given)
    if question.form in _BINARY and out is None:
        raise click.UsageError(f"--format {question.form} needs --out FILE")
    if url is None and way != _Way():
        raise click.UsageError("--job, --wait and --idempotency-key need --url of a service")
    with pointing(question.sql), _kept(receipt), asker(folder, user, url) as gateway:
        result = _asked(gateway, question, way)
        if result is None:
            return
        if receipt is not None and result.receipt is not None:
            receipt.write_text(result.receipt.proof, encoding="utf-8")
        if out is None:
            click.echo(_text(result, question, gateway))
        else:
            out.write_bytes(_content(result, question, gateway))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    later: bool = False
    wait: bool = False
    key: str | None = None


def _way(given: dict[str, Any]) -> _Way:
    return _Way(later=given["later"], wait=given["wait"], key=given["idempotency_key"])


def _asked(gateway: Asker, question: Question, way: _Way) -> Result | None:
    """Ask now, or as a job; None where nobody waits for it."""
    if not isinstance(gateway, Gateway):
        return gateway.query(question.project, question.sql, **question.options)
    arguments = question.project, question.sql
    if not (way.later or way.wait):
        return gateway.query(*arguments, idempotency_key=way.key, **question.options)
    job = gateway.submit(*arguments, idempotency_key=way.key, **question.options)
    if not way.wait:
        click.echo(job.id)
        return None
    return job.wait(progress=lambda one: click.echo(f"job {one.id}: {one.state}", err=True))


@contextmanager
def _kept(receipt: Path | None) -> Iterator[None]:
    """Write the receipt of a refusal, where one is wanted."""
    try:
        yield
    except RefusalError as error:
        if receipt is not None and error.proof:
            receipt.write_text(error.proof, encoding="utf-8")
        raise


def _parquet(answer: Answer) -> bytes:
    from gateway.answers.arrow import answer_parquet  # noqa: PLC0415  loads pyarrow where it is wanted

    return answer_parquet(answer)


def _arrow(answer: Answer) -> bytes:
    from gateway.answers.arrow import answer_arrow  # noqa: PLC0415  the same

    return answer_arrow(answer)


_BINARY: Final = {"arrow": _arrow, "parquet": _parquet}


def _content(result: Result, question: Question, gateway: Asker) -> bytes:
    if question.form in _BINARY:
        return _BINARY[question.form](result.answer)
    if question.form == "csv":
        return answer_csv(result.answer)
    return f"{_text(result, question, gateway)}\n".encode()


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
