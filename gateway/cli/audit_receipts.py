"""``gateway audit receipt`` and ``gateway audit check``: receipts, given out and checked."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.audit.checkpoint import parse_vkey
from gateway.audit.evidence import Evidence, check_evidence
from gateway.audit.growth import check_growth
from gateway.audit.quorum import parse_policy
from gateway.cli.arguments import deployment_argument
from gateway.clock import SystemClock
from gateway.errors import NotFoundError
from gateway.keyring import KeyRing
from gateway.opening import open_ledger
from gateway.settings import load_settings

__all__ = ["check", "grew", "receipt"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("index", type=click.IntRange(0))
@deployment_argument
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def receipt(index: int, folder: Path, out: Path | None) -> None:
    """Print the receipt of entry INDEX of the log of DIR, as C2SP tlog-proof text.

    It shows the whole entry, so give it to those only whom the entry is about, and to auditors.
    """
    settings = load_settings(folder)
    ledger = open_ledger(settings, KeyRing.open(settings.keys), SystemClock())
    try:
        text = ledger.log.proof(index)
    finally:
        ledger.close()
    if text is None:
        raise NotFoundError("the log has no such entry", remedy="give a number below its size")
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--vkey", required=True, help="The log's public key, which you were given once.")
@click.option("--answer", type=_FILE, help="The answer as JSON, to be checked, too.")
@click.option("--witness-policy", type=_FILE, help="C2SP tlog-policy: who must have cosigned.")
@click.option(
    "--growth",
    type=_FILE,
    multiple=True,
    help="What GET /v1/log/proof?old=SIZE gives, for a receipt under an earlier key.",
)
@click.pass_context
def check(
    context: click.Context,
    /,
    files: tuple[Path, ...],
    vkey: str,
    growth: tuple[Path, ...],
    **given: Path | None,
) -> None:
    """Check receipts, and print what they prove; needs no deployment and no network.

    A receipt that an earlier key of the log has signed counts only with proof that the log of the
    key in force has grown from it (--growth, with the SIZE that the receipt's head has).

    Exit codes: 0 all of it holds; 15 a head is not signed by the log's key; 24 too few witnesses
    have cosigned it; 25 a receipt does not hold, or the answer is not the one that the log has.
    """
    policy, answer = given["witness_policy"], given["answer"]
    evidence = Evidence(
        key=parse_vkey(vkey),
        receipts=tuple(_text(file) for file in files),
        growth=tuple(_text(file) for file in growth),
        answer=None if answer is None else answer.read_bytes(),
        policy=None if policy is None else parse_policy(_text(policy)),
    )
    findings, notes = check_evidence(evidence)
    for line in (*notes, *findings):
        click.echo(line)
    context.exit(findings[0].failure.value if findings else 0)


@click.command()
@click.argument("kept", type=_FILE)
@click.argument("proof", type=_FILE)
@click.option("--vkey", required=True, help="The log's public key, which you were given once.")
def grew(kept: Path, proof: Path, vkey: str) -> None:
    """Check that a log grew from the signed head KEPT, by the PROOF of GET /v1/log/proof?old=SIZE.

    Exit codes: 0 it did; 1 that is not proved.
    """
    earlier, later = check_growth(_text(kept), _text(proof), parse_vkey(vkey))
    click.echo(f"The log grew from {earlier.size} to {later.size} entries.")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
