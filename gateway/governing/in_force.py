"""The declarations in force: what was activated last, and without what is suspended."""

from __future__ import annotations

import threading

from gateway.governing.activated import ActivatedSets
from gateway.governing.activation import put_in_force
from gateway.ledger.sqlite import SqliteLedger
from gateway.settings import Settings
from policies.active import PolicySet

__all__ = ["InForce"]


class InForce:
    """What is in force at this moment, whichever process put it there; safe among threads.

    Args:
        settings: Of the deployment.
        ledger: Its log says what is in force.

    Raises:
        ApprovalError: If approvals are asked for and nothing was activated yet, or nothing says
            whether they are.
        DeclarationError: If a declaration of the folder is wrong.
        OperatorError: If the copy of what is in force is gone.
    """

    def __init__(self, settings: Settings, ledger: SqliteLedger) -> None:
        self._sets = ActivatedSets(settings.activated)
        self._ledger = ledger
        self._lock = threading.Lock()
        self._policies = put_in_force(settings, ledger)

    def now(self) -> PolicySet:
        """Return the set in force, with what is suspended; read anew for each request.

        Raises:
            OperatorError: If another set came in force, and its copy is gone.
        """
        standing = self._ledger.standing()
        with self._lock:
            if standing.policy != self._policies.digest:
                self._policies = self._sets.load(standing.policy)
            policies = self._policies
        return policies.with_suspended(standing.suspended)
