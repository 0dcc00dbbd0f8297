"""``gateway audit rotate-key`` and ``recover``: a new key by the log's own rules; no older copy."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.arguments import deployment_argument
from gateway.clock import SystemClock
from gateway.errors import OperatorError
from gateway.key_rotation import rotate_log_key
from gateway.settings import load_settings

__all__ = ["recover", "rotate_key"]


@click.command(name="rotate-key")
@deployment_argument
def rotate_key(folder: Path) -> None:
    """Let a new key sign the log; the old one signs that it follows, and is removed.

    Stop the service first, on all hosts. Give the new public key to those who verify the log, and
    to its witnesses.
    """
    click.echo(rotate_log_key(load_settings(folder), SystemClock()))


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
