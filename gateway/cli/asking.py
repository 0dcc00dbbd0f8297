"""Where a question of the command line goes: to a folder on this machine, or to a service."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, Unpack, cast

import click

from gateway.answers.results import Result
from gateway.cli.rendering import place_text
from gateway.client import Gateway, QuestionOptions
from gateway.deployment import Deployment
from gateway.identity.principals import is_user_name
from gateway.local import LocalGateway
from gateway.settings import api_key_from_environment
from policies.errors import UnsupportedQueryError
from query.answers import Quote
from query.fields import Document
from query.ports import Balance

__all__ = ["Asker", "Question", "asker", "pointing", "question_from", "remote"]


class Asker(Protocol):
    """What both the client and a local deployment can do."""

    def catalog(self, project: str) -> Document:
        """Return what the project may ask."""
        ...

    def budget(self, project: str) -> Mapping[str, tuple[Balance, ...]]:
        """Return what is left, by dataset."""
        ...

    def quote(self, project: str, sql: str, **options: Unpack[QuestionOptions]) -> Quote:
        """Return the price of a question."""
        ...

    def query(self, project: str, sql: str, **options: Unpack[QuestionOptions]) -> Result:
        """Answer a question."""
        ...


class Question:
    """A question as typed.

    Attributes:
        project: The project that is charged.
        sql: One SELECT.
        options: What else was said.
        form: How to print: ``table``, ``csv`` or ``json``.
    """

    def __init__(self, project: str, sql: str, form: str, options: QuestionOptions) -> None:
        self.project = project
        self.sql = sql
        self.form = form
        self.options = options


@contextmanager
def asker(folder: Path, user: str | None, url: str | None) -> Iterator[Asker]:
    """Open where the question goes.

    Raises:
        click.UsageError: If a key or a user is missing.
    """
    if url is not None:
        with remote(url) as gateway:
            yield gateway
        return
    if user is None or not is_user_name(user):
        raise click.UsageError("give --as USER, a member of the project, or --url of a service")
    with Deployment.open(folder, paced=False) as deployment:
        yield LocalGateway(deployment, user)


@contextmanager
def remote(url: str) -> Iterator[Gateway]:
    """Open a service.

    Raises:
        click.UsageError: If the key is missing.
    """
    key = api_key_from_environment()
    if key is None:
        raise click.UsageError("--url needs an API key in the variable GATEWAY_API_KEY")
    with Gateway(url, key) as gateway:
        yield gateway


@contextmanager
def pointing(sql: str) -> Iterator[None]:
    """Show the place in a query that a refusal names, on standard error."""
    try:
        yield
    except UnsupportedQueryError as error:
        if error.position is not None:
            click.echo(place_text(sql, error.position), err=True)
        raise


def question_from(given: Mapping[str, Any]) -> Question:
    """Return the question of a command's parameters; ``-`` reads the SQL from standard input."""
    sql = given["sql"]
    if sql == "-":
        sql = sys.stdin.read()
    names = QuestionOptions.__annotations__
    options = {name: given[name] for name in names if given.get(name) is not None}
    return Question(given["project"], sql, given["form"], cast("QuestionOptions", options))
