"""Options that the commands below ``gateway deidentify`` share."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, get_args

import click

from anonymizers.keys import KEY_BYTES
from anonymizers.text import Operator, Profile
from gateway.keyring import KeyRing
from gateway.settings import load_settings

__all__ = ["dataset_keys", "keyed", "operated", "profiled", "projected", "worked"]

_Command = Callable[..., Any]

profiled: Final = click.option(
    "--profile",
    type=click.Choice(get_args(Profile)),
    default="standard",
    show_default=True,
    help="strict finds most, utility keeps most.",
)
operated: Final = click.option(
    "--operator",
    type=click.Choice(get_args(Operator)),
    default="surrogate",
    show_default=True,
    help="A consistent stand-in, or a label in brackets.",
)
worked: Final = click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes for text.",
)
projected: Final = click.option(
    "--project",
    default="release",
    show_default=True,
    help="For whom; stand-ins are others for another project.",
)


def keyed(command: _Command) -> _Command:
    """Add the options that say which keys make stand-ins."""
    folder = click.option(
        "--folder",
        type=click.Path(file_okay=False, path_type=Path),
        help="Use the keys of this deployment, so that stand-ins stay the same; else they are new.",
    )
    dataset = click.option(
        "--dataset", default="text", show_default=True, help="Whose keys are used, with --folder."
    )
    return folder(dataset(command))


def dataset_keys(folder: Path | None) -> bytes:
    """Return the master secret of a deployment, or a new one that nobody keeps."""
    if folder is None:
        return secrets.token_bytes(KEY_BYTES)
    return KeyRing.open(load_settings(folder).keys).master_secret
