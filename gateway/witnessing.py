"""Whether enough witnesses have cosigned the audit log lately: without that, nothing is answered.

Who they are, how many must have cosigned and how long ago at most is in ``gateway.yaml``. None
of it depends on rows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from gateway.audit.errors import LogError
from gateway.audit.quorum import WitnessPolicy, threshold_policy
from gateway.clock import Clock
from gateway.errors import UnavailableError
from gateway.ledger.sqlite import SqliteLedger
from gateway.opening import witnessed_path
from gateway.settings import Settings
from gateway.witness.witnessed import Witnessed, WitnessStatus
from policies.active import PolicySet
from policies.gateway import Witnesses

__all__ = ["Witnessing", "open_witnessing", "witness_policy"]


class Witnessing:
    """Asks the witnesses of one log, and tells whether it may be relied on; safe among threads.

    Args:
        settings: Of the deployment.
        witnessed: Keeps the last head with a quorum.
        policies: Returns the declarations in force.
        clock: Says when.
    """

    def __init__(
        self,
        settings: Settings,
        witnessed: Witnessed,
        policies: Callable[[], PolicySet],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._witnessed = witnessed
        self._policies = policies
        self._clock = clock
        self._asking = threading.Lock()
        self._asked: datetime | None = None
        self._rolled_back = False

    def ask(self) -> tuple[str, ...]:
        """Ask all witnesses once; return why some have not cosigned, a line each.

        Raises:
            LogError: If one has seen a longer or another log; nothing is answered from then on.
        """
        policy = self._policy()
        if not policy.witnesses:
            return ()
        try:
            return self._witnessed.ask(policy)
        except LogError:
            self._rolled_back = True
            raise
        finally:
            self._asked = self._clock.now()

    def status(self) -> WitnessStatus:
        """Return what witnesses say of the log now; asks nobody."""
        declared = _declared(self._policies())
        if declared.quorum == 0:
            return WitnessStatus(fresh=not self._rolled_back)
        head = self._witnessed.head(self._policy())
        if head is None:
            return WitnessStatus(fresh=False)
        age = max(0, int(self._clock.now().timestamp()) - head.time)
        fresh = age <= 60 * declared.max_age_minutes and not self._rolled_back
        return WitnessStatus(fresh=fresh, age_seconds=age, size=head.size)

    def head(self) -> str | None:
        """Return the last head with a quorum, with its cosignatures; None where there is none."""
        found = self._witnessed.head(self._policy())
        return None if found is None else found.note

    def check(self) -> None:
        """Check that enough witnesses have cosigned lately; ask them again if that is long ago.

        Raises:
            UnavailableError: If they have not.
        """
        if self.status().fresh:
            return
        with self._asking:  # whoever waited here finds what was fetched meanwhile
            if not self.status().fresh and self._may_ask():
                self.ask()
        if not self.status().fresh:
            raise UnavailableError(
                "the witnesses of the audit log have not cosigned it lately",
                code="SYS-WITNESS",
                remedy="ask again later; nothing was charged",
            )

    @contextmanager
    def repeatedly(self, log: Any) -> Iterator[None]:  # noqa: ANN401  structlog's logger has no type
        """Ask at the interval of the settings while the block runs, in a thread of its own.

        Each round asks the witnesses that are declared by then, of whom there may be none.
        """
        stop = threading.Event()

        def rounds() -> None:
            while True:
                try:
                    codes = ["SYS-WITNESS" for _ in self.ask()]
                except Exception as error:  # noqa: BLE001  the next round may go well; no traceback
                    codes = [getattr(error, "code", "SYS-WITNESS")]
                for code in codes:
                    log.error("witness", code=code)
                if stop.wait(self._settings.witness.interval_seconds):
                    return

        thread = threading.Thread(target=rounds, name="gateway-witness", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(2 * self._settings.witness.timeout_seconds)

    def _may_ask(self) -> bool:
        """Not more often than once in ten seconds for questions, however many come."""
        asked = self._asked
        return asked is None or (self._clock.now() - asked).total_seconds() >= 10  # noqa: PLR2004  as said

    def _policy(self) -> WitnessPolicy:
        return witness_policy(self._policies(), self._settings)


def open_witnessing(
    settings: Settings,
    ledger: SqliteLedger,
    policies: Callable[[], PolicySet],
    clock: Clock,
) -> Witnessing:
    """Open it for a deployment, and ask all witnesses once, if there are any.

    Raises:
        LogError: If a witness has seen a longer or another log: an older copy is in place.
    """
    witnessed = Witnessed(
        witnessed_path(settings), ledger.keys.verifier, ledger.log, settings.witness
    )
    witnessing = Witnessing(settings, witnessed, policies, clock)
    witnessing.ask()
    return witnessing


def witness_policy(policies: PolicySet, settings: Settings) -> WitnessPolicy:
    """Return who must have cosigned, as declared, and where they are asked."""
    declared = _declared(policies)
    return threshold_policy(declared.keys, declared.quorum, settings.witness.urls)


def _declared(policies: PolicySet) -> Witnesses:
    return Witnesses() if policies.gateway is None else policies.gateway.spec.witnesses
