"""``gateway backup``: a copy of a deployment, verified, and put back."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.audit.checkpoint import parse_vkey
from gateway.backups import Backup, make_backup, restore_backup
from gateway.cli.arguments import deployment_argument
from gateway.clock import SystemClock
from gateway.settings import load_settings

__all__ = ["command"]

_FOLDER = click.Path(file_okay=False, path_type=Path)
_BACKUP = click.argument("backup", type=click.Path(exists=True, file_okay=False, path_type=Path))


@click.group(name="backup")
def command() -> None:
    """Copy a deployment without its keys, verify the copy, and put it back."""


@command.command()
@deployment_argument
@click.option("--out", required=True, type=_FOLDER, help="New folder.")
def create(folder: Path, out: Path) -> None:
    """Copy DIR at one moment, also while it serves: all but the key ring and the sealed store.

    A ledger in PostgreSQL is not in it: copy that with pg_dump, before.
    """
    make_backup(load_settings(folder), out, SystemClock())
    click.echo(out)


@command.command()
@_BACKUP
@click.option("--vkey", required=True, help="The log's public key, as 'gateway audit vkey' has it.")
@click.pass_context
def verify(context: click.Context, backup: Path, vkey: str) -> None:
    """Verify the files of a backup, and the log in it; exit codes are those of 'audit verify'."""
    report = Backup(backup).verify(parse_vkey(vkey))
    for line in report.lines():
        click.echo(line)
    context.exit(report.exit_code)


@command.command()
@_BACKUP
@click.argument("target", type=_FOLDER)
@click.option(
    "--settings",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A gateway.toml to restore in place of the backup's.",
)
def restore(backup: Path, target: Path, settings: Path | None) -> None:
    """Put a backup into the new folder TARGET; then ingest anew, and start the service.

    Each part lies where gateway.toml says, which has to be in TARGET.
    The key ring must be where gateway.toml says. If the log has grown since the backup, the service
    refuses to start: only the newest copy goes on, see docs/operations.md.
    All API keys are revoked and all sessions forgotten, since a backup does not know which of
    them were ended after it: make new keys.
    """
    restore_backup(Backup(backup), target, SystemClock(), settings=settings)
    click.echo(target)
    click.echo(
        "All API keys in it are revoked and all sessions are forgotten:"
        " make new keys with 'gateway key create'.",
        err=True,
    )
