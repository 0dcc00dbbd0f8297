"""``gateway session``: who is signed in at the pages of a deployment."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.arguments import deployment_argument
from gateway.cli.rendering import text_table
from gateway.identity.sessions import Sessions
from gateway.settings import load_settings

__all__ = ["command"]


@click.group(name="session")
def command() -> None:
    """List and end sessions of the pages."""


@command.command(name="list")
@deployment_argument
def list_sessions(folder: Path) -> None:
    """List all open sessions; what a browser shows is not kept."""
    rows = [
        [
            session.id,
            session.principal.user,
            session.principal.role.value,
            "identity provider" if session.key_id is None else f"key {session.key_id}",
            session.created.isoformat(timespec="minutes"),
            session.seen.isoformat(timespec="minutes"),
        ]
        for session in _sessions(folder).all_open(datetime.now(UTC))
    ]
    click.echo(text_table(["id", "user", "role", "opened by", "since", "last used"], rows))


@command.command()
@deployment_argument
@click.option("--id", "session_id", required=True, help="As 'gateway session list' shows it.")
def end(folder: Path, session_id: str) -> None:
    """End a session now."""
    _sessions(folder).end(session_id, datetime.now(UTC))
    click.echo(f"session {session_id} has ended")


def _sessions(folder: Path) -> Sessions:
    settings = load_settings(folder)
    return Sessions(settings.accounts, settings.identity)
