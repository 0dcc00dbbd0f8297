"""Giving the signing of the audit log over to a new key."""

from __future__ import annotations

import json

from gateway.audit.checkpoint import Signer
from gateway.audit.database import read_ledger
from gateway.audit.key_events import KeyRotated, endorse
from gateway.clock import Clock
from gateway.keyring import KeyRing, adopt_log_key, next_log_key
from gateway.opening import OPERATOR, open_ledger
from gateway.settings import Settings

__all__ = ["rotate_log_key"]


def rotate_log_key(settings: Settings, clock: Clock) -> str:
    """Draw a new key, let the old one sign that it follows, and sign with it from then on.

    No other process may have the ledger open. A run that was cut short is finished by the next.

    Args:
        settings: Of the deployment.
        clock: Where time comes from.

    Returns:
        The new public key, as a vkey.

    Raises:
        OperatorError: ``SYS-LEDGER-OPEN`` if another process has the ledger open; or as
            ``open_ledger`` does.
    """
    keys = KeyRing.open(settings.keys)
    old = keys.signer(settings.id)
    new = Signer(origin=settings.id, key=next_log_key(settings.keys)).verifier
    ledger = open_ledger(settings, keys, clock)
    try:
        if not _is_logged(settings, new.text()):
            ledger.record_alone(endorse(old, new, OPERATOR))
    finally:
        ledger.close()
    adopt_log_key(settings.keys, old.verifier.text())
    open_ledger(
        settings, KeyRing.open(settings.keys), clock
    ).close()  # the first head that it signs
    return new.text()


def _is_logged(settings: Settings, vkey: str) -> bool:
    """Whether a run before was cut short between the entry and the change of the file."""
    with read_ledger(settings.ledger) as connection:
        rows = connection.execute(
            "SELECT leaf FROM entry WHERE instr(leaf, ?) > 0",
            (f'"kind":"{KeyRotated.kind}"'.encode(),),
        ).fetchall()
    return any(json.loads(leaf).get("vkey") == vkey for (leaf,) in rows)
