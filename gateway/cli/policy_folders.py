"""What the commands of ``gateway policy`` are given: a deployment, or a folder of declarations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gateway.clock import SystemClock
from gateway.errors import OperatorError
from gateway.governing.activation import active_set
from gateway.keyring import KeyRing
from gateway.ledger.sqlite import SqliteLedger
from gateway.opening import open_ledger
from gateway.settings import SETTINGS_FILE, Settings, load_settings
from policies.active import PolicySet

__all__ = ["directory_argument", "in_force", "is_deployment", "opened", "policies_of"]

directory_argument = click.argument(
    "folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path)
)
"""A deployment, or a folder of declarations."""


def is_deployment(folder: Path) -> bool:
    """Say whether a folder is a deployment's."""
    return (folder / SETTINGS_FILE).exists()


def policies_of(folder: Path) -> Path:
    """Return the folder of declarations: that of a deployment, or the folder itself."""
    return load_settings(folder).policies if is_deployment(folder) else folder


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Settings, SqliteLedger]]:
    """Open a deployment's settings and ledger.

    Raises:
        OperatorError: If it is none, or its log is wrong.
    """
    settings = load_settings(folder)
    ledger = open_ledger(settings, KeyRing.open(settings.keys), SystemClock())
    try:
        yield settings, ledger
    finally:
        ledger.close()


def in_force(settings: Settings, ledger: SqliteLedger) -> PolicySet:
    """Return what is in force, with what is suspended.

    Raises:
        OperatorError: If nothing is.
    """
    active = active_set(settings, ledger)
    if active is None:
        raise OperatorError(
            "no declarations are in force",
            code="APP-NOT-ACTIVATED",
            remedy="run 'gateway policy activate'",
        )
    return active.with_suspended(ledger.standing().suspended)
