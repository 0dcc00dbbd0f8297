"""Opening the parts of a deployment: ledger, store, memory; and what its allowances are worth."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from gateway.clock import Clock
from gateway.keyring import KeyRing, adopt_log_key
from gateway.ledger.sqlite import SqliteLedger
from gateway.operations_log import ProcessEndedError, log_incident, operations_log
from gateway.settings import Settings
from gateway.storage import RamFolder, SnapshotStore
from policies.errors import DeclarationError
from policies.privacy import Measure, PrivacyLoss
from query.engines.duckdb import EngineLimits
from query.mechanisms import rho_of

__all__ = [
    "OPERATOR",
    "cap_of",
    "checkpoint_path",
    "engine_limits",
    "open_ledger",
    "open_ram",
    "open_store",
    "witnessed_path",
]

OPERATOR: Final = "operator"
"""Who acts in the audit log for what is done on the deployment's own machine."""


def open_ledger(settings: Settings, keys: KeyRing, clock: Clock) -> SqliteLedger:
    """Open the ledger of a deployment; its last signed head lies beside the keys.

    Where the log has handed over to the key that was drawn to follow, the ring does, too: what was
    cut short of a change of keys is completed here. Questions that were charged and will have no
    answer, since the process ended, are incidents of the operator's log.

    Raises:
        LogError: If the log is not the one that was last signed.
        OperatorError: If the ring has to be changed, and cannot be written.
    """
    following = keys.following(settings.id)
    ledger = SqliteLedger.open(
        settings.ledger,
        checkpoint=checkpoint_path(settings),
        signer=keys.signer(settings.id),
        following=following,
        clock=clock,
    )
    for query in ledger.abandoned:
        log_incident(operations_log(), query, ProcessEndedError())
    try:
        if following is not None and ledger.keys.verifier == following.verifier:
            adopt_log_key(settings.keys, following.key)
    except BaseException:
        ledger.close()
        raise
    return ledger


def checkpoint_path(settings: Settings) -> Path:
    """Return the file of the log's last signed head; apart from the database, with the keys."""
    return settings.keys / "log.checkpoint"


def witnessed_path(settings: Settings) -> Path:
    """Return the file of the last head that a quorum of witnesses has cosigned."""
    return settings.keys / "log.witnessed"


def open_ram(settings: Settings) -> RamFolder:
    """Open the RAM-backed folder of a deployment.

    Raises:
        StoreError: If it is not RAM-backed and that was not allowed.
    """
    return RamFolder(settings.memory, allow_disk=settings.allow_disk)


def engine_limits(settings: Settings) -> EngineLimits:
    """Return what the engine of one snapshot may use."""
    return EngineLimits(
        threads=settings.engine.threads,
        memory_mib=settings.engine.memory_limit_mb,
        deadline_seconds=settings.engine.deadline_seconds,
        concurrent=settings.engine.concurrent_runs,
    )


def open_store(settings: Settings, keys: KeyRing) -> SnapshotStore:
    """Open the folder of sealed snapshots of a deployment."""
    return SnapshotStore(settings.store, key=keys.seal_key, erased=settings.erased)


@cache
def cap_of(
    measure: Measure, epsilon: Decimal, conversion_delta: Decimal, keys_delta: Decimal
) -> PrivacyLoss:
    """Return an allowance in a pool's measure.

    Answers that cost rho and delta altogether are differentially private with epsilon, where that
    becomes rho at the conversion delta, and the sum of the two deltas (Bun and Steinke 2016,
    section 8), which is what the pool declares.

    Args:
        measure: Of the pool.
        epsilon: Allowance.
        conversion_delta: What a zCDP pool's conversion from epsilon to rho uses up.
        keys_delta: What may be charged, for thresholds of private keys.

    Raises:
        DeclarationError: If a zCDP pool declares no delta.
    """
    if measure is Measure.PURE:
        return PrivacyLoss.of_budget(measure, epsilon, keys_delta)
    if conversion_delta <= 0:
        raise DeclarationError(
            "a pool that counts in rho needs a delta above 0",
            code="BUD-NO-DELTA",
            remedy='declare budget.delta, such as "0.000001"',
        )
    if epsilon == 0:
        return PrivacyLoss.of_budget(measure, epsilon, keys_delta)
    return PrivacyLoss.of_budget(measure, rho_of(epsilon, conversion_delta), keys_delta)
