"""``gateway key``: API keys of a deployment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from gateway.cli.arguments import deployment_argument
from gateway.cli.rendering import text_table
from gateway.identity.accounts import Accounts, KeyRecord
from gateway.identity.principals import AccountRole
from gateway.settings import load_settings

__all__ = ["command"]


@click.group(name="key")
def command() -> None:
    """Make, rotate, revoke and list API keys."""


@command.command()
@deployment_argument
@click.option("--user", required=True, help="Whose it is, as members of projects are named.")
@click.option("--project", "projects", multiple=True, help="Only for this project; repeatable.")
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True)
@click.option(
    "--role",
    type=click.Choice([role.value for role in AccountRole]),
    default=AccountRole.RESEARCHER.value,
    show_default=True,
)
def create(folder: Path, user: str, projects: tuple[str, ...], days: int, role: str) -> None:
    """Make a key and show it, this once."""
    key = _accounts(folder).create(
        user,
        expires=datetime.now(UTC) + timedelta(days=days),
        role=AccountRole(role),
        projects=projects or None,
    )
    click.echo(key.text)
    click.echo("This is the only time that the key is shown; keep it secret.", err=True)


@command.command()
@deployment_argument
@click.option("--id", "key_id", required=True, help="As 'gateway key list' shows it.")
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True)
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 720),
    default=24,
    show_default=True,
    help="How long the old key still works; 0 ends it at once.",
)
def rotate(folder: Path, key_id: str, days: int, overlap_hours: int) -> None:
    """Make a key that takes the place of another, and show it, this once."""
    key = _accounts(folder).rotate(
        key_id,
        overlap=timedelta(hours=overlap_hours),
        expires=datetime.now(UTC) + timedelta(days=days),
    )
    click.echo(key.text)
    click.echo(
        f"This is the only time that the key is shown; {key_id} still works for"
        f" {overlap_hours} hours at most.",
        err=True,
    )


@command.command()
@deployment_argument
@click.option("--id", "key_id", required=True, help="As 'gateway key list' shows it.")
def revoke(folder: Path, key_id: str) -> None:
    """End a key now."""
    _accounts(folder).revoke(key_id)
    click.echo(f"key {key_id} is revoked")


@command.command(name="list")
@deployment_argument
def list_keys(folder: Path) -> None:
    """List all keys; no secret is shown, since none is kept."""
    now = datetime.now(UTC)
    rows = [
        [
            record.id,
            record.user,
            record.role.value,
            "all" if record.projects is None else " ".join(record.projects),
            record.expires.date().isoformat(),
            "never" if record.used is None else record.used.isoformat(timespec="minutes"),
            _state(record, now),
        ]
        for record in _accounts(folder).records()
    ]
    click.echo(
        text_table(["id", "user", "role", "projects", "expires", "last used", "state"], rows)
    )


def _accounts(folder: Path) -> Accounts:
    return Accounts(load_settings(folder).accounts)


def _state(record: KeyRecord, now: datetime) -> str:
    if record.revoked is not None:
        return "revoked"
    if not record.in_force(now):
        return "expired"
    return "in force" if record.successor is None else f"ends soon, rotated to {record.successor}"
