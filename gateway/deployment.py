"""One deployment: everything that lies in its folder, opened and put together."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Self

from gateway.answers.given import is_given
from gateway.audit.entries import Entry
from gateway.audit.events import QueryReserved
from gateway.audit.identity_events import IdentityEvent
from gateway.audit.review_events import ReviewEvent
from gateway.audit.tile_files import Place
from gateway.clock import Clock, SystemClock
from gateway.erasure import check_list, check_lists
from gateway.governing.in_force import InForce
from gateway.governing.stewardship import Stewardship
from gateway.identity.accounts import Accounts
from gateway.jobs.desk import Jobs
from gateway.jobs.opening import open_jobs
from gateway.jobs.recovery import outcome_in
from gateway.jobs.watch import Watch
from gateway.jobs.watched import WatchedLedger
from gateway.keyring import KeyRing
from gateway.ledger.past import PastQuestion
from gateway.open_datasets import OpenDatasets
from gateway.opening import (
    engine_limits,
    open_ledger,
    open_ram,
    open_store,
)
from gateway.paced_ledger import PacedLedger
from gateway.pacing import Pacer
from gateway.parts import Parts
from gateway.releases.states import ReleaseState, release_states
from gateway.settings import Settings, load_settings
from gateway.storage import Warehouse
from gateway.witness.witnessed import WitnessStatus
from gateway.witnessing import Witnessing, open_witnessing
from policies.active import PolicySet
from policies.errors import GatewayError
from query import service
from query.answers import Answer, Quote, Request
from query.documents import parse_answer
from query.ports import Balance
from query.service import Ports

__all__ = ["Deployment"]

_PAST: Final = 100


class Deployment:
    """A deployment that can be asked; implements ``gateway.ports.Service``.

    Open it with ``Deployment.open``; may be used as a context manager. Safe among threads.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._jobs: Jobs | None = None
        self._opening = threading.Lock()
        self._ends = ExitStack()

    def _ports(self, watch: Watch | None = None) -> Ports:
        """What one question needs; it ends under the declarations that it began with."""
        policies, watch = self.policies, watch or Watch(secrets.token_hex(16))
        ledger = WatchedLedger(self._parts.ledger, watch)
        return Ports(
            policies=policies,
            datasets=OpenDatasets(policies, self._parts.warehouse, watch),
            ledger=PacedLedger(ledger, self._parts.pacer),
            new_query_id=lambda: watch.query_id,
        )

    @classmethod
    def open(cls, folder: Path, clock: Clock | None = None, *, paced: bool = True) -> Self:
        """Open a deployment's folder; put its declarations in force where that needs no approval.

        Args:
            folder: As ``gateway init`` made it.
            clock: Where time comes from; the host's clocks by default.
            paced: Whether outcomes of queries come at steps of time, as the settings say; not
                needed where only the operator of this machine asks.

        Raises:
            OperatorError: If settings, keys, log or folders are wrong.
            DeclarationError: If a declaration is wrong; names all problems.
            ApprovalError: If the declarations ask for approvals, and none were activated yet.
            StoreError: ``STO-LIST`` if it was forgotten who was erased.
        """
        settings = load_settings(folder)
        keys = KeyRing.open(settings.keys)
        ram = open_ram(settings)
        ram.sweep()
        clock = clock or SystemClock()
        ledger = open_ledger(settings, keys, clock)
        try:
            store = open_store(settings, keys)
            in_force = InForce(settings, ledger)
            check_lists(store, ledger, in_force.now().datasets)
            parts = Parts(
                settings=settings,
                in_force=in_force,
                accounts=Accounts(settings.accounts),
                ledger=ledger,
                stewardship=Stewardship(settings, ledger),
                witnessing=open_witnessing(settings, ledger, in_force.now, clock),
                vkey=ledger.keys.verifier.text(),
                warehouse=Warehouse(
                    store, ram, engine_limits(settings), partial(check_list, store, ledger)
                ),
                clock=clock,
                pacer=Pacer(bucket=settings.service.time_bucket_ms / 1000 if paced else 0),
            )
        except BaseException:
            ledger.close()
            raise
        return cls(parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End what uses it, and the jobs; close the snapshots and let go of the ledger."""
        self._ends.close()
        if self._jobs is not None:
            self._jobs.close()
        self._parts.warehouse.close()
        self._parts.ledger.close()

    def before_closing(self, end: Callable[[], object]) -> None:
        """Call something once, when this is closed, before anything of it is gone."""
        self._ends.callback(end)

    @property
    def settings(self) -> Settings:
        """Settings of the deployment."""
        return self._parts.settings

    @property
    def policies(self) -> PolicySet:
        """Declarations in force now, and what is suspended; read anew each time."""
        return self._parts.in_force.now()

    @property
    def stewardship(self) -> Stewardship:
        """What stewards do with declarations."""
        return self._parts.stewardship

    @property
    def accounts(self) -> Accounts:
        """API keys."""
        return self._parts.accounts

    @property
    def jobs(self) -> Jobs:
        """Questions that are answered later, or once only; opened when first asked for."""
        with self._opening:
            if self._jobs is None:
                settings, ledger = self.settings, self._parts.ledger
                self._jobs = open_jobs(settings, self.answer, self.now)
                self._jobs.recover(partial(outcome_in, ledger), ledger.abandoned)
            return self._jobs

    @property
    def witnessing(self) -> Witnessing:
        """Who cosigns the audit log."""
        return self._parts.witnessing

    def now(self) -> datetime:
        """Return the time, UTC."""
        return self._parts.clock.now()

    def quote(self, request: Request) -> Quote:
        """Price a question; nothing is charged."""
        return service.quote(request, self._ports())

    def answer(self, request: Request, watch: Watch | None = None) -> Answer:
        """Answer a question; charged and logged before private rows are read."""
        self._parts.witnessing.check()
        watch = watch or Watch(secrets.token_hex(16))
        with watch.failures_told():
            return service.answer(request, self._ports(watch))

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        """Return what pool, project and researcher may still spend on a dataset."""
        return self._parts.ledger.balances(project, dataset, principal)

    def stored_answer(self, project: str, query_id: str) -> Answer | None:
        """Return an answer that the project was given, without its receipt; or None.

        Of a suspended project or dataset nothing is given, nor what is too old.
        """
        found = self._parts.ledger.find(project, query_id)
        if found is None or found.answer is None:
            return None
        events = [one.event for one in self.entries(found.index)]
        charge = next(one for one in events if isinstance(one, QueryReserved))
        asked = datetime.fromisoformat(charge.asked)
        if not is_given(self.policies, project, charge.dataset, asked=asked, now=self.now()):
            return None
        return parse_answer(json.loads(found.answer)["answer"])

    def releases(self) -> tuple[ReleaseState, ...]:
        """Return all releases of records, as the audit log tells of them, the oldest first."""
        return tuple(release_states(self.settings.ledger).values())

    def leaves(self, start: int, end: int) -> tuple[bytes, ...]:
        """Return the entries of the audit log from one number to below another, as bytes."""
        return self._parts.ledger.log.leaves(start, end)

    def vkey(self) -> str:
        """Return the public key of the audit log (C2SP signed-note)."""
        return self._parts.vkey

    def past(self, project: str, user: str) -> tuple[PastQuestion, ...]:
        """Return a project's last hundred charged questions, as a user may see them."""
        found = self._parts.ledger.log.questions(project, user, _PAST)
        given = partial(is_given, self.policies, project, now=self.now())
        return tuple(
            replace(one, released=one.released and given(one.dataset, asked=one.asked))
            for one in found
        )

    def checkpoint(self) -> str:
        """Return the newest signed checkpoint of the audit log."""
        return self._parts.ledger.checkpoint()

    def recheck(self, pause: Callable[[], bool]) -> None:
        """Compute the root of the audit log anew from all entries, slice by slice; or raise."""
        self._parts.ledger.log.recheck(pause)

    def read_whole(self) -> datetime:
        """Return when the audit log was last read from its first entry to its last, UTC."""
        return self._parts.ledger.log.read_whole

    def entries(self, index: int) -> tuple[Entry, ...]:
        """Return an entry of the audit log and those it refers to; nothing if there is none."""
        return self._parts.ledger.log.entries(index)

    def proof(self, index: int) -> str | None:
        """Return the receipt of an entry, if possible under a head that witnesses cosigned."""
        return self._parts.ledger.log.proof(index, self._parts.witnessing.head())

    def growth(self, size: int) -> str | None:
        """Return why the audit log grew from an earlier size; None if it never had it."""
        return self._parts.ledger.log.growth(size)

    def tile(self, place: Place) -> bytes | None:
        """Return the bytes of a tile of the audit log; None if the log does not have it yet."""
        return self._parts.ledger.log.tile(place)

    def witness_status(self) -> WitnessStatus:
        """Return what the witnesses of the audit log say of it; asks nobody."""
        return self._parts.witnessing.status()

    def record(self, event: IdentityEvent | ReviewEvent) -> None:
        """Append to the audit log who came, who looked, what was reviewed; then it is durable."""
        self._parts.ledger.record(event)

    def readiness(self) -> Mapping[str, bool]:
        """Return whether log and store are such that questions would be answered."""
        return {
            "log": _holds(self.checkpoint),
            "witnesses": self.witness_status().fresh,
            "datasets": all(
                _holds(partial(self._parts.warehouse.manifest, dataset))
                for dataset in self.policies.datasets.values()
            ),
        }


def _holds(check: Callable[[], object]) -> bool:
    try:
        check()
    except GatewayError:
        return False
    return True
