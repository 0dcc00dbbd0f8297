"""One deployment: everything that lies in its folder, opened and put together."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Final, Self

from gateway.clock import Clock, SystemClock
from gateway.identity.accounts import Accounts
from gateway.keyring import KeyRing
from gateway.ledger.scopes import budget_plan
from gateway.ledger.sqlite import SqliteLedger
from gateway.paced_ledger import PacedLedger
from gateway.pacing import Pacer
from gateway.settings import Settings, load_settings
from gateway.storage import RamFolder, SnapshotStore, StoreError, Warehouse
from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.errors import DeclarationError, GatewayError
from policies.load import load_policies
from policies.privacy import Measure, PrivacyLoss
from query import service
from query.answers import Answer, Quote, Request
from query.documents import parse_answer
from query.engines.duckdb import EngineLimits
from query.mechanisms import rho_of
from query.ports import Balance
from query.service import OpenDataset, Ports

__all__ = [
    "OPERATOR",
    "Deployment",
    "cap_of",
    "checkpoint_path",
    "open_ledger",
    "open_ram",
    "open_store",
]

OPERATOR: Final = "operator"
"""Who acts in the audit log for what is done on the deployment's own machine."""


class Deployment:
    """A deployment that can be asked; implements ``gateway.ports.Service``.

    Open it with ``Deployment.open``; may be used as a context manager. Safe among threads.
    """

    def __init__(self, parts: _Parts) -> None:
        self._parts = parts
        self._ports = Ports(
            policies=parts.policies,
            datasets=_OpenDatasets(parts.policies, parts.warehouse),
            ledger=PacedLedger(parts.ledger, parts.pacer),
            new_query_id=lambda: secrets.token_hex(16),
            snapshot_name=partial(_snapshot_name, parts.policies, parts.warehouse),
        )

    @classmethod
    def open(cls, folder: Path, clock: Clock | None = None, *, paced: bool = True) -> Self:
        """Open a deployment's folder, and put its declarations and budgets in force.

        Args:
            folder: As ``gateway init`` made it.
            clock: Where time comes from; the host's clocks by default.
            paced: Whether outcomes of queries come at steps of time, as the settings say; not
                needed where only the operator of this machine asks.

        Raises:
            OperatorError: If settings, keys, log or folders are wrong.
            DeclarationError: If a declaration is wrong; names all problems.
        """
        settings = load_settings(folder)
        policies = load_policies(settings.policies)
        keys = KeyRing.open(settings.keys)
        ram = open_ram(settings)
        ram.sweep()
        clock = clock or SystemClock()
        ledger = open_ledger(settings, keys, clock)
        ledger.open_pools(budget_plan(policies, cap_of), actor=OPERATOR)
        limits = EngineLimits(
            threads=settings.engine.threads,
            memory_mib=settings.engine.memory_limit_mb,
            deadline_seconds=settings.engine.deadline_seconds,
            concurrent=settings.engine.concurrent_runs,
        )
        return cls(
            _Parts(
                settings=settings,
                policies=policies,
                accounts=Accounts(settings.accounts),
                ledger=ledger,
                warehouse=Warehouse(open_store(settings, keys), ram, limits),
                clock=clock,
                pacer=Pacer(bucket=settings.service.time_bucket_ms / 1000 if paced else 0),
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the snapshots and let go of the ledger."""
        self._parts.warehouse.close()
        self._parts.ledger.close()

    @property
    def settings(self) -> Settings:
        """Settings of the deployment."""
        return self._parts.settings

    @property
    def policies(self) -> PolicySet:
        """Declarations in force."""
        return self._parts.policies

    @property
    def accounts(self) -> Accounts:
        """API keys."""
        return self._parts.accounts

    def now(self) -> datetime:
        """Return the time, UTC."""
        return self._parts.clock.now()

    def quote(self, request: Request) -> Quote:
        """Price a question; nothing is charged."""
        return service.quote(request, self._ports)

    def answer(self, request: Request) -> Answer:
        """Answer a question; charged and logged before private rows are read."""
        return service.answer(request, self._ports)

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        """Return what pool, project and researcher may still spend on a dataset."""
        return self._parts.ledger.balances(project, dataset, principal)

    def stored_answer(self, project: str, query_id: str) -> Answer | None:
        """Return an answer that the project was given, without its receipt; or None."""
        found = self._parts.ledger.find(project, query_id)
        if found is None or found.answer is None:
            return None
        return parse_answer(json.loads(found.answer)["answer"])

    def checkpoint(self) -> str:
        """Return the newest signed checkpoint of the audit log."""
        return self._parts.ledger.checkpoint()

    def readiness(self) -> Mapping[str, bool]:
        """Return whether log and store are such that questions would be answered."""
        return {
            "log": _holds(self.checkpoint),
            "datasets": all(
                _holds(partial(self._parts.warehouse.manifest, dataset))
                for dataset in self.policies.datasets.values()
            ),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    settings: Settings
    policies: PolicySet
    accounts: Accounts
    ledger: SqliteLedger
    warehouse: Warehouse
    clock: Clock
    pacer: Pacer


class _OpenDatasets(Mapping[str, OpenDataset]):
    """The snapshots in force, opened when they are first asked and again when they change."""

    def __init__(self, policies: PolicySet, warehouse: Warehouse) -> None:
        self._policies = policies
        self._warehouse = warehouse

    def __getitem__(self, dataset: str) -> OpenDataset:
        declared: DatasetPolicy = self._policies.datasets[dataset]
        try:
            opened = self._warehouse.snapshot(declared)
        except StoreError as error:
            if error.code == "STO-ABSENT":
                raise KeyError(dataset) from None
            raise
        return OpenDataset(engine=opened.engine, snapshot=opened.manifest.snapshot)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies.datasets)

    def __len__(self) -> int:
        return len(self._policies.datasets)


def _snapshot_name(policies: PolicySet, warehouse: Warehouse, dataset: str) -> str | None:
    """Return the name of the snapshot in force; none is opened for it."""
    try:
        return warehouse.manifest(policies.datasets[dataset]).snapshot
    except StoreError:
        return None  # what is wrong with it is told when it is asked


def open_ledger(settings: Settings, keys: KeyRing, clock: Clock) -> SqliteLedger:
    """Open the ledger of a deployment; its last signed head lies beside the keys.

    Raises:
        LogError: If the log is not the one that was last signed.
    """
    return SqliteLedger.open(
        settings.ledger,
        checkpoint=checkpoint_path(settings),
        signer=keys.signer(settings.id),
        clock=clock,
    )


def checkpoint_path(settings: Settings) -> Path:
    """Return the file of the log's last signed head; apart from the database, with the keys."""
    return settings.keys / "log.checkpoint"


def open_ram(settings: Settings) -> RamFolder:
    """Open the RAM-backed folder of a deployment.

    Raises:
        StoreError: If it is not RAM-backed and that was not allowed.
    """
    return RamFolder(settings.memory, allow_disk=settings.allow_disk)


def open_store(settings: Settings, keys: KeyRing) -> SnapshotStore:
    """Open the folder of sealed snapshots of a deployment."""
    return SnapshotStore(settings.store, key=keys.seal_key)


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


def _holds(check: Callable[[], object]) -> bool:
    try:
        check()
    except GatewayError:
        return False
    return True
