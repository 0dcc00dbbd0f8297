"""``gateway audit``: the audit log, verified and proved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from gateway.audit.checkpoint import VerifierKey, parse_vkey
from gateway.audit.evidence import Evidence, check_evidence
from gateway.audit.findings import Failure
from gateway.audit.proofs import parse_proof
from gateway.audit.quorum import WitnessPolicy, parse_policy
from gateway.audit.verify import verify_log
from gateway.cli.arguments import deployment_argument
from gateway.cli.audit_export import export
from gateway.cli.audit_publishing import cosign, tiles, verifier
from gateway.cli.audit_receipts import check, grew, receipt
from gateway.cli.audit_recovery import recover, rotate_key
from gateway.governing.activated import ActivatedSets
from gateway.keyring import KeyRing
from gateway.opening import checkpoint_path, witnessed_path
from gateway.releases.kept import check_kept_releases
from gateway.settings import Settings, load_settings
from gateway.storage import SnapshotStore
from gateway.verifying.approvals import check_kept_approvals
from gateway.verifying.erasures import check_kept_erasures
from gateway.verifying.snapshots import check_kept_snapshots
from gateway.witnessing import witness_policy
from policies.active import PolicySet

__all__ = ["command"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="audit")
def command() -> None:
    """Verify the audit log and the ledger; receipts, witnesses, exports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What the options of ``verify`` name."""

    vkey: str | None
    checkpoint: Path | None
    earlier: tuple[Path, ...]
    receipts: tuple[Path, ...]
    answer: Path | None
    policy: Path | None


@command.command()
@deployment_argument
@click.option("--vkey", help="The log's public key; by default that of the key ring.")
@click.option("--checkpoint", type=_FILE, help="The last signed head; by default the service's.")
@click.option(
    "--from", "--earlier", "earlier", type=_FILE, multiple=True, help="A head that you kept."
)
@click.option("--receipt", "receipts", type=_FILE, multiple=True, help="A receipt that you kept.")
@click.option("--answer", type=_FILE, help="An answer as JSON that a receipt is about.")
@click.option(
    "--witness-policy", "policy", type=_FILE, help="C2SP tlog-policy; by default as declared."
)
@click.pass_context
def verify(context: click.Context, /, folder: Path, **given: object) -> None:
    """Compute again all that the log of DIR claims, and print what does not hold.

    Exit codes: 0 sound; else the class of the first finding: 10 unreadable, 11 sequence,
    12 leaf hash, 13 form, 14 time, 15 signature, 16 rollback, 17 root, 18 lifecycle, 19 policy,
    20 overspent, 21 tables, 22 answer, 23 approval, 24 witness, 25 receipt,
    26 tiles, 27 erasure, 28 snapshot.
    """
    settings = load_settings(folder)
    asked = _Given(**given)  # type: ignore[arg-type]  # click gives what the options say
    key = parse_vkey(asked.vkey) if asked.vkey else _own_key(settings)
    receipts = tuple(path.read_text(encoding="utf-8") for path in asked.receipts)
    witnessed = _witnessed(settings)
    report = verify_log(
        settings.ledger,
        key=key,
        checkpoint=asked.checkpoint or checkpoint_path(settings),
        earlier=(*_heads(asked.earlier, receipts), *((witnessed,) if witnessed else ())),
    )
    sets = ActivatedSets(settings.activated)
    if report.exit_code != Failure.DATABASE.value:
        # An auditor who brings the public key needs no secrets, and cannot tell a forged list.
        secret = b"" if asked.vkey else KeyRing.open(settings.keys).seal_key
        store = SnapshotStore(settings.store, key=secret, erased=settings.erased)
        kept = (
            *check_kept_approvals(settings.ledger, sets),
            *check_kept_releases(settings.ledger, sets, settings.releases),
            *check_kept_erasures(settings.ledger, store),
            *check_kept_snapshots(settings.ledger, store),
        )
        report = report.with_findings(kept)
    evidence = Evidence(
        key=key,
        receipts=receipts,
        contained=report.contained,
        answer=None if asked.answer is None else asked.answer.read_bytes(),
        witnessed=witnessed,
        policy=_policy(settings, asked.policy, sets.find(report.policy) if report.policy else None),
    )
    report = report.with_findings(*check_evidence(evidence))
    for line in report.lines():
        click.echo(line)
    context.exit(report.exit_code)


def _policy(settings: Settings, file: Path | None, active: PolicySet | None) -> WitnessPolicy:
    """Who must have cosigned: as the file says, or as the declarations in force do."""
    if file is not None:
        return parse_policy(file.read_text(encoding="utf-8"))
    return WitnessPolicy() if active is None else witness_policy(active, settings)


def _witnessed(settings: Settings) -> str | None:
    path = witnessed_path(settings)
    return path.read_text(encoding="utf-8") if path.exists() else None


def _heads(kept: tuple[Path, ...], receipts: tuple[str, ...]) -> Iterator[str]:
    """Texts of heads that the log has to fit."""
    for path in kept:
        yield path.read_text(encoding="utf-8")
    for text in receipts:
        yield parse_proof(text).checkpoint


@command.command()
@deployment_argument
def vkey(folder: Path) -> None:
    """Print the public key of the log, to give to those who verify it."""
    click.echo(_own_key(load_settings(folder)).text())


for _one in (receipt, check, grew, cosign, tiles, verifier, export, rotate_key, recover):
    command.add_command(_one)


def _own_key(settings: Settings) -> VerifierKey:
    return KeyRing.open(settings.keys).signer(settings.id).verifier
