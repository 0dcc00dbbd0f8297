"""How commands get at the private key of who signs, and at its passphrase."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.governing.signing_keys import open_key

__all__ = ["new_passphrase", "passphrase_option", "private_key"]

_FROM: Final = "gateway.passphrase_fd"


def _remember(context: click.Context, _option: click.Parameter, descriptor: int | None) -> None:
    context.meta[_FROM] = descriptor


passphrase_option: Final = click.option(
    "--passphrase-fd",
    type=click.IntRange(min=0),
    expose_value=False,
    callback=_remember,
    help="Read the passphrase of the key from this open file; else it is asked for.",
)
"""For every command that takes a private key."""


def private_key(file: Path) -> Ed25519PrivateKey:
    """Open a private key; a passphrase is only asked for where it has one.

    Raises:
        OperatorError: As ``open_key`` does.
    """
    return open_key(file, _passphrase)


def new_passphrase() -> bytes:
    """Return the passphrase of a key that is made; on a terminal it is asked for twice.

    Raises:
        click.UsageError: If it is empty.
    """
    given = _passphrase(confirm=True)
    if not given:
        raise click.UsageError("the passphrase is empty")
    return given


def _passphrase(*, confirm: bool = False) -> bytes:
    descriptor = click.get_current_context().meta.get(_FROM)
    if descriptor is None:
        asked = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
        return str(asked).encode()
    try:
        with os.fdopen(descriptor, "rb") as file:
            return file.readline().rstrip(b"\r\n")
    except OSError:
        raise click.UsageError("--passphrase-fd names no open file") from None
