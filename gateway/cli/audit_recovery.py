"""``gateway audit rotate-key``, and ``recover``, which refuses and says what to do instead."""

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
    """Give the log of DIR a new key; the service is stopped, on all hosts.

    The whole log is verified first. Run it again where it was cut short: it goes on. The old key is
    deleted from the key ring; whoever else has it can forge nothing for those who have the new one.
    """
    done = rotate_log_key(load_settings(folder), SystemClock())
    click.echo(f"{done.vkey}\n")
    click.echo(
        "This key signs the log from now on, and the one before it counts no more:\n"
        f"  {done.former_vkey}\n"
        "Give the new one to auditors, researchers and witnesses by the way by which they got\n"
        "the old one. Witnesses start again with --log and the new key; before, none cosigns.\n"
        "Copy the key ring, to its backup and to all other hosts, before they are started."
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
