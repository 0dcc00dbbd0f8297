"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

__all__ = [
    "answer_options",
    "deployment_argument",
    "explanation_options",
    "question_options",
    "questions_target",
    "service_url",
]

_FOLDER: Final = click.Path(file_okay=False, path_type=Path)

deployment_argument = click.argument("folder", metavar="[DIR]", default=".", type=_FOLDER)
"""The deployment's folder; the present one by default."""

service_url = click.option(
    "--url", required=True, help="The service, with the key in GATEWAY_API_KEY."
)
"""Where only a service can be asked."""

_Command = Callable[..., Any]


def questions_target(command: _Command) -> _Command:
    """Add the options that say where a question goes: to a folder here, or to a service."""
    options = (
        click.option("--project", required=True, help="The project that is charged."),
        click.option(
            "--folder", default=".", type=_FOLDER, help="Ask this deployment's folder directly."
        ),
        click.option(
            "--as", "user", help="Who asks, where a folder is asked; a member of the project."
        ),
        click.option("--url", help="Ask this service instead, with the key in GATEWAY_API_KEY."),
    )
    return _with(options, command)


def question_options(command: _Command) -> _Command:
    """Add the options of a question, and the forms in which a terminal shows what comes back."""
    return _with((*_QUESTION, _form("table", "csv", "json")), command)


def explanation_options(command: _Command) -> _Command:
    """Add the options of a question that is only explained."""
    return _with((*_QUESTION, _form("text", "json")), command)


def answer_options(command: _Command) -> _Command:
    """Add the options of a question, and the forms in which an answer is printed or written."""
    out = click.option(
        "--out",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the answer into this file; needed for arrow and parquet.",
    )
    return _with((*_QUESTION, _form("table", "csv", "json", "arrow", "parquet"), out), command)


def _accuracy(_: click.Context, __: click.Parameter, given: str | None) -> dict[str, float] | None:
    if given is None:
        return None
    within, mark, confidence = given.partition("@")
    accuracy = {"within": _number(within)}
    return {**accuracy, "confidence": _number(confidence)} if mark else accuracy


def _weights(
    _: click.Context, __: click.Parameter, given: Sequence[str]
) -> dict[str, float] | None:
    pairs = [one.rpartition("=") for one in given]
    return {name: _number(weight) for name, _, weight in pairs} or None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise click.BadParameter("this is not a number") from None


_QUESTION: Final = (
    click.argument("sql"),
    click.option("--dataset", help="Needed where the project has several."),
    click.option("--purpose", help="Needed where the project has several."),
    click.option("--epsilon", help="Price, in pools of pure differential privacy."),
    click.option("--rho", help="Price, in zCDP pools."),
    click.option(
        "--accuracy",
        metavar="WITHIN[@CONFIDENCE]",
        callback=_accuracy,
        help="In place of a price: half-width of the intervals, such as 25@0.95.",
    ),
    click.option(
        "--weight",
        "weights",
        metavar="COLUMN=NUMBER",
        multiple=True,
        callback=_weights,
        help="How much a column's error matters; may be given several times.",
    ),
    click.option("--max-groups", type=int, help="Groups of one patient that count."),
    click.option("--max-rows-per-group", type=int, help="Rows of one patient in one group."),
    click.option(
        "--bounding",
        type=click.Choice(["exact", "stored"]),
        help="Which rows of one patient count is chosen after the filters, or when they were"
        " stored; exact by default.",
    ),
    click.option("--confidence", type=float, help="Of the intervals; 0.95 by default."),
    click.option("--delta", help="Most delta for the threshold of private group keys."),
)
"""What a question may say beside its SQL."""


def _form(*forms: str) -> Callable[[_Command], _Command]:
    return click.option(
        "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True
    )


def _with(options: tuple[Callable[[_Command], _Command], ...], command: _Command) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command
