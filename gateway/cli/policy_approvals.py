"""``gateway policy key | sign | activate | suspend | resume | status``: who approves what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from gateway.cli.arguments import deployment_argument
from gateway.cli.policy_folders import directory_argument, opened, policies_of
from gateway.cli.signing import new_passphrase, passphrase_option, private_key
from gateway.governing.activation import activate, active_set, keep_signature, statement_of
from gateway.governing.signing_keys import SealedFile, create_key
from gateway.governing.suspension import (
    REASONS,
    Stopping,
    resume,
    resume_statement,
    stopped_by,
    suspend,
    suspend_statement,
)
from policies.approvals import ApproverRole
from policies.dsse import Envelope
from policies.load import load_policies
from policies.signatures import signed

__all__ = ["COMMANDS"]

_FILE = click.Path(dir_okay=False, path_type=Path)
_KEY = click.option("--key", "key_file", type=_FILE, help="Private key of whoever signs.")


@click.group(name="key")
def keys() -> None:
    """Keys of those who approve changes of declarations."""


@keys.command(name="create")
@directory_argument
@click.option("--person", required=True, help="Opaque id: a-z, 0-9, dot, hyphen, underscore.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in ApproverRole]),
    help="As what they sign; repeatable.",
)
@click.option("--days", type=click.IntRange(1, 3660), default=365, show_default=True)
@click.option("--out", required=True, type=_FILE, help="New file of the private key.")
@click.option("--passphrase", "sealed", is_flag=True, help="Encrypt the private key.")
@passphrase_option
def create(folder: Path, person: str, out: Path, **given: Any) -> None:  # noqa: ANN401  click's
    """Make a key; its public half goes into DIR, a deployment or a folder of policies."""
    today = datetime.now(UTC).date()
    private = SealedFile(out, new_passphrase()) if given["sealed"] else out
    days = (today, today + timedelta(days=given["days"]))
    public = create_key(policies_of(folder), private, person, given["roles"], days)
    click.echo(f"{public}\nThe private key is in {out}; whoever has it signs as {person}.")


@click.command()
@directory_argument
@click.option("--key", "key_file", required=True, type=_FILE, help="Private key of who signs.")
@passphrase_option
@click.option(
    "--replaces",
    help="What is in force, as 'policy status' shows it; needed where DIR is no deployment.",
)
def sign(folder: Path, key_file: Path, replaces: str | None) -> None:
    """Approve the declarations of DIR: write a signed envelope into its folder approvals."""
    policies = policies_of(folder)
    digest = load_policies(policies).digest
    if replaces is None:
        with opened(folder) as (_, ledger):
            replaces = ledger.standing().state
    envelope = signed(statement_of(digest, replaces), private_key(key_file), datetime.now(UTC))
    path = _keep(policies, digest.removeprefix("sha256:"), envelope)
    click.echo(f"{path}\nsigned: {digest} in the place of {replaces}")


@click.command(name="activate")
@deployment_argument
def activation(folder: Path) -> None:
    """Put the declarations of DIR in force, if those approve who have to.

    Nothing is put in force that lint objects to, whose versions do not follow on those in force, or
    that is not what its tests expect; each problem is told with its place.
    """
    with opened(folder) as (settings, ledger):
        done = activate(settings, ledger, datetime.now(UTC))
    grounds = done.grounds
    for warning in done.warnings:
        click.echo(f"warning: {warning}", err=True)
    if done.receipt is None:
        click.echo(f"{done.policies.digest} is in force already")
        return
    click.echo(
        f"{done.policies.digest} is in force; the change {grounds.change};"
        f" approvals: {grounds.approvals}; signed by: {' '.join(grounds.signers) or 'nobody'}"
    )


@click.command(name="suspend")
@click.argument("name")
@deployment_argument
@click.option("--reason-code", required=True, type=click.Choice(REASONS))
@_KEY
@passphrase_option
def suspension(name: str, folder: Path, reason_code: str, key_file: Path | None) -> None:
    """Stop dataset or project NAME of DIR at once."""
    now = datetime.now(UTC)
    with opened(folder) as parts:
        stopping = Stopping.of(name, *parts)
        envelope = None
        if key_file is not None:
            since = parts[1].last_turn(stopping.subject)
            statement = suspend_statement(stopping, reason_code, since)
            envelope = signed(statement, private_key(key_file), now).to_bytes()
        receipt = suspend(stopping, reason_code, envelope, parts, now)
    click.echo(f"{stopping.subject} is suspended, entry {receipt.index} of the audit log")


@click.command(name="resume")
@click.argument("name")
@deployment_argument
@_KEY
@passphrase_option
def resumption(name: str, folder: Path, key_file: Path | None) -> None:
    """Sign that dataset or project NAME of DIR may go on; it does once enough have signed."""
    now = datetime.now(UTC)
    with opened(folder) as parts:
        stopping = Stopping.of(name, *parts)
        if key_file is not None:
            entry = stopped_by(stopping, parts[1])
            envelope = signed(resume_statement(stopping, entry), private_key(key_file), now)
            _keep(parts[0].policies, f"resume-{entry}", envelope)
        receipt = resume(stopping, parts, now)
    click.echo(f"{stopping.subject} goes on, entry {receipt.index} of the audit log")


@click.command()
@deployment_argument
def status(folder: Path) -> None:
    """Tell what is in force in DIR, how it came there, and what is suspended."""
    with opened(folder) as (settings, ledger):
        standing, active = ledger.standing(), active_set(settings, ledger)
        pending = load_policies(settings.policies).digest
    click.echo(f"in force: {standing.state}")
    click.echo(f"approvals: {standing.approvals or 'none'}")
    if active is None or active.digest != pending:
        click.echo(f"the folder holds another set, not in force: {pending}")
    for subject, entry in standing.suspended.items():
        click.echo(f"suspended: {subject}, by entry {entry}")


COMMANDS = (keys, sign, activation, suspension, resumption, status)
"""Commands of ``gateway policy`` that change what is in force."""


def _keep(policies: Path, name: str, envelope: Envelope) -> Path:
    return keep_signature(policies, name, envelope.signatures[0].key_id, envelope)
