"""``gateway audit rotate-key`` and ``recover``: refused, and what to do instead."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.arguments import deployment_argument
from gateway.errors import OperatorError

__all__ = ["recover", "rotate_key"]


@click.command(name="rotate-key")
@deployment_argument
def rotate_key(folder: Path) -> None:
    """Refuse: a log has one key, which no other can follow. DIR is left as it is.

    Whoever holds an old key could sign another past, and that another key follows it, so that
    nobody could tell which log is the right one.
    """
    raise OperatorError(
        "a log has one key for as long as it lives: who holds an old one could sign another past",
        code="SYS-KEYS-ROTATE",
        remedy="end this log and make a new deployment: docs/operations.md, Changing the log's key",
        file=str(folder),
    )


@click.command(context_settings={"ignore_unknown_options": True})
@deployment_argument
@click.argument("rest", nargs=-1, type=click.UNPROCESSED)
def recover(folder: Path, rest: tuple[str, ...]) -> None:
    """Refuse, always: an older copy of a ledger cannot go on; what to do instead is told.

    Nothing is read, and nothing is changed.
    """
    del folder, rest
    raise OperatorError(
        "what was charged, opened, stopped and erased since an older copy was taken is not known,"
        " so its log cannot go on without giving budget back",
        code="SYS-LOG-LOST",
        remedy="restore the newest copy of the ledger; where there is none, begin a new deployment"
        " for data that no earlier answer was about (docs/operations.md)",
    )
