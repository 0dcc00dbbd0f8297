"""``gateway audit``: the audit log, verified."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.activated import ActivatedSets
from gateway.audit.checkpoint import VerifierKey, parse_vkey
from gateway.audit.findings import Failure
from gateway.audit.verify import verify_log
from gateway.cli.arguments import deployment_argument
from gateway.deployment import checkpoint_path
from gateway.kept_approvals import check_kept_approvals
from gateway.kept_erasures import check_kept_erasures
from gateway.keyring import KeyRing
from gateway.settings import Settings, load_settings
from gateway.storage import SnapshotStore

__all__ = ["command"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="audit")
def command() -> None:
    """Verify the audit log and the ledger."""


@command.command()
@deployment_argument
@click.option("--vkey", help="The log's public key; by default that of the key ring.")
@click.option("--checkpoint", type=_FILE, help="The last signed head; by default the service's.")
@click.option(
    "--earlier", type=_FILE, multiple=True, help="A head that you kept from before; repeatable."
)
@click.pass_context
def verify(
    context: click.Context,
    folder: Path,
    vkey: str | None,
    checkpoint: Path | None,
    earlier: tuple[Path, ...],
) -> None:
    """Compute again all that the log of DIR claims, and print what does not hold.

    Exit codes: 0 sound; else the class of the first finding: 10 unreadable, 11 sequence,
    12 leaf hash, 13 form, 14 time, 15 signature, 16 rollback, 17 root, 18 lifecycle, 19 policy,
    20 overspent, 21 tables, 22 answer, 23 approval, 24 erasure.
    """
    settings = load_settings(folder)
    report = verify_log(
        settings.ledger,
        key=parse_vkey(vkey) if vkey else _own_key(settings),
        checkpoint=checkpoint or checkpoint_path(settings),
        earlier=[path.read_text(encoding="utf-8") for path in earlier],
    )
    if report.exit_code != Failure.DATABASE.value:
        kept = check_kept_approvals(settings.ledger, ActivatedSets(settings.activated))
        store = SnapshotStore(settings.store, key=b"", erased=settings.erased)
        report = report.with_findings((*kept, *check_kept_erasures(settings.ledger, store)))
    for line in report.lines():
        click.echo(line)
    context.exit(report.exit_code)


@command.command()
@deployment_argument
def vkey(folder: Path) -> None:
    """Print the public key of the log, to give to those who verify it."""
    click.echo(_own_key(load_settings(folder)).text())


def _own_key(settings: Settings) -> VerifierKey:
    return KeyRing.open(settings.keys).signer(settings.id).verifier
