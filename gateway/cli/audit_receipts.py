"""``gateway audit receipt`` and ``gateway audit check``: receipts, given out and checked."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.audit.checkpoint import parse_vkey
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure
from gateway.audit.receipts import check_receipt
from gateway.audit.reports import receipt_lines
from gateway.cli.arguments import deployment_argument
from gateway.clock import SystemClock
from gateway.errors import NotFoundError
from gateway.keyring import KeyRing
from gateway.opening import open_ledger
from gateway.settings import load_settings

__all__ = ["check", "receipt"]

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
@click.argument("file", type=_FILE)
@click.option("--vkey", required=True, help="The log's public key, which you were given once.")
@click.option("--answer", type=_FILE, help="The answer as JSON, to be checked, too.")
@click.pass_context
def check(context: click.Context, file: Path, vkey: str, answer: Path | None) -> None:
    """Check the receipt FILE, and print what it proves; needs no deployment and no network.

    Exit codes: 0 all of it holds; 15 the head is not signed by the log's key; 25 the receipt does
    not hold, or the answer is not the one that the log has.
    """
    told = None if answer is None else answer.read_bytes()
    try:
        checked = check_receipt(file.read_text(encoding="utf-8"), parse_vkey(vkey), told)
    except LogError as error:
        click.echo(f"The receipt does NOT hold: {error.code} {error}.")
        unsigned = error.code == "LOG-CHECKPOINT"
        context.exit((Failure.SIGNATURE if unsigned else Failure.RECEIPT).value)
    for line in receipt_lines(checked):
        click.echo(line)
    if told is not None and checked.answer_fits is not True:
        click.echo("The answer is NOT the one that this entry of the log is about.")
        context.exit(Failure.RECEIPT.value)
