"""Changing the key that signs the audit log, so that whoever has the old one can forge nothing.

Nobody trusts the new key because the old one says so: it is given to auditors, researchers and
witnesses as the old one was. The steps are such that a cut between any two leaves the old key in
force, or a change that the next opening of the ledger completes.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.audit.checkpoint import Signer
from gateway.audit.verify import verify_log
from gateway.clock import Clock
from gateway.errors import OperatorError
from gateway.keyring import KeyRing, adopt_log_key, draw_log_key
from gateway.ledger.sqlite import SqliteLedger
from gateway.opening import OPERATOR, checkpoint_path, open_ledger
from gateway.settings import Settings

__all__ = ["Rotation", "rotate_log_key"]


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a change of keys came to.

    Attributes:
        former_vkey: Public key that is no longer in force.
        vkey: The one that is.
    """

    former_vkey: str
    vkey: str


def rotate_log_key(settings: Settings, clock: Clock) -> Rotation:
    """Give the log a new key, or complete the change that an earlier call had begun.

    Raises:
        OperatorError: ``SYS-LEDGER-OPEN`` if another process has the ledger open;
            ``SYS-KEYS-ROTATE`` if the log is not sound; ``SYS-KEYS-WRITE`` if the ring cannot be
            written.
        LogError: If the log is not the one that was last signed.
    """
    keys = KeyRing.open(settings.keys)
    former = keys.signer(settings.id).verifier
    ledger = open_ledger(settings, keys, clock)
    try:
        if ledger.keys.verifier == former:
            ledger.keys.check_alone()
            _check_sound(settings, ledger)
            following = Signer(origin=settings.id, key=draw_log_key(settings.keys))
            ledger.keys.hand_over(following, actor=OPERATOR)
            adopt_log_key(settings.keys, following.key)
        return Rotation(former.text(), ledger.keys.verifier.text())
    finally:
        ledger.close()


def _check_sound(settings: Settings, ledger: SqliteLedger) -> None:
    report = verify_log(
        settings.ledger, key=ledger.keys.verifier, checkpoint=checkpoint_path(settings)
    )
    if not report.is_sound:
        raise OperatorError(
            f"the log is not sound, and its key was not changed: {report.findings[0]}",
            code="SYS-KEYS-ROTATE",
            remedy="run 'gateway audit verify DIR' and find out what happened first",
            file=str(settings.folder),
        )
