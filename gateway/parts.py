"""What a deployment is put together from."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.clock import Clock
from gateway.governing.in_force import InForce
from gateway.governing.stewardship import Stewardship
from gateway.identity.accounts import Accounts
from gateway.ledger.sqlite import SqliteLedger
from gateway.pacing import Pacer
from gateway.settings import Settings
from gateway.storage import Warehouse
from gateway.witnessing import Witnessing

__all__ = ["Parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is open while a deployment is.

    Attributes:
        settings: Of the deployment's folder.
        in_force: The declarations, as they are put in force.
        accounts: API keys.
        ledger: Budgets and audit log.
        stewardship: What stewards do.
        witnessing: Who cosigns the log.
        vkey: Public key of the log.
        warehouse: The snapshots.
        clock: Where time comes from.
        pacer: At which steps of time outcomes come.
    """

    settings: Settings
    in_force: InForce
    accounts: Accounts
    ledger: SqliteLedger
    stewardship: Stewardship
    witnessing: Witnessing
    vkey: str
    warehouse: Warehouse
    clock: Clock
    pacer: Pacer
