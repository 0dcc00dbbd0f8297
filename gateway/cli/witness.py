"""``gateway witness``: run a witness of other people's logs."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.audit.checkpoint import parse_checkpoint, parse_vkey
from gateway.audit.cosignature import ED25519, ML_DSA_44, Cosigner, parse_cosigner
from gateway.audit.durable import new_file
from gateway.serving import serve as serve_app
from gateway.settings import ServiceSettings
from gateway.witness.cosigning import Witness
from gateway.witness.heads import Heads
from gateway.witness.server import create_witness_app

__all__ = ["command"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)
_KINDS = {"ed25519": ED25519, "ml-dsa-44": ML_DSA_44}


@click.group(name="witness")
def command() -> None:
    """Cosign the heads of a log, as long as it only grows; needs no deployment."""


@command.command()
@click.option("--name", required=True, help="Of the witness, such as ethics.example/w1.")
@click.option("--out", required=True, type=_NEW, help="File of the secret; must not exist.")
@click.option("--kind", type=click.Choice(tuple(_KINDS)), default="ed25519", show_default=True)
def key(name: str, out: Path, kind: str) -> None:
    """Make the key of a witness; prints the public line to give to the log's operator."""
    cosigner = Cosigner(name=name, kind=_KINDS[kind], seed=secrets.token_bytes(32))
    public = cosigner.verifier.text()
    new_file(out, f"{cosigner.text()}\n".encode())
    click.echo(public)


@command.command()
@click.option("--state", required=True, type=_FILE, help="File of the heads that it has cosigned.")
@click.pass_context
def show(context: click.Context, state: Path) -> None:
    """Print what the witness has cosigned last, and what it had to refuse.

    Exit codes: 0 nothing was refused; 1 heads came, signed by a log, without a proof that they
    follow. Ask its operator for one; if there is none, the heads prove that the log misbehaved.
    """
    heads = Heads(state)
    for origin, note in heads.all().items():
        click.echo(f"{origin}: cosigned {parse_checkpoint(note).size} entries")
    refused = heads.refused()
    for seconds, note in refused:
        click.echo(
            f"\nrefused {datetime.fromtimestamp(seconds, UTC).isoformat()}\n{note}", nl=False
        )
    context.exit(1 if refused else 0)


@command.command()
@click.option("--log", "logs", required=True, multiple=True, help="vkey of a log; repeatable.")
@click.option(
    "--key", "keys", required=True, multiple=True, type=_FILE, help="Secret key; repeatable."
)
@click.option("--state", required=True, type=_NEW, help="File of the heads that it has cosigned.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True)
def serve(logs: tuple[str, ...], keys: tuple[Path, ...], state: Path, host: str, port: int) -> None:
    """Serve C2SP tlog-witness until SIGTERM or Ctrl-C.

    Keep the state where the operators of the logs cannot write: it is what finds a rollback.
    """
    witness = Witness(
        [parse_vkey(one) for one in logs],
        [parse_cosigner(one.read_text(encoding="utf-8")) for one in keys],
        Heads(state),
        lambda: int(time.time()),
    )
    serve_app(
        create_witness_app(witness),
        ServiceSettings(host=host, port=port),
        lambda bound: click.echo(f"http://{host}:{bound}"),
    )
