"""What the ledger says afterwards, beside what the clients were told."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from benchmarks.processes import ROOT
from gateway.audit.events import QueryReleased, QueryReserved
from gateway.clock import SystemClock
from gateway.keyring import KeyRing
from gateway.opening import open_ledger
from gateway.settings import load_settings

__all__ = ["Settled", "settled"]

_UNITS = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The log, entry by entry.

    Attributes:
        charged: From query id to what it was charged, in epsilon.
        released: Ids of the queries that were answered.
        verified: Whether ``gateway audit verify`` found nothing.
        report: What it printed.
    """

    charged: dict[str, Decimal]
    released: frozenset[str]
    verified: bool
    report: str

    def unlike(self, told: dict[str, Decimal]) -> list[str]:
        """Return where the clients were told otherwise: lost charges and charges made twice."""
        answered = {one: self.charged.get(one) for one in self.released}
        lost = sum(1 for one in told if one not in answered)
        untold = sum(1 for one in answered if one not in told)
        other = sum(1 for one, price in told.items() if answered.get(one, price) != price)
        found = {
            "answers that the log does not have": lost,
            "charged answers that nobody was told": untold,
            "answers at another price than the ledger's": other,
            "charges without an answer": len(self.charged.keys() - self.released),
        }
        return [f"{many} {words}" for words, many in found.items() if many]


def settled(folder: Path) -> Settled:
    """Read the log of a deployment that has stopped, and verify it as an auditor does."""
    verify = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", "gateway", "audit", "verify", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    settings = load_settings(folder)
    ledger = open_ledger(settings, KeyRing.open(settings.keys), SystemClock())
    charged: dict[str, Decimal] = {}
    released: set[str] = set()
    try:
        index = 0
        while found := ledger.log.entries(index):
            event = found[0].event
            if isinstance(event, QueryReserved):
                charged[event.query_id] = charged.get(event.query_id, Decimal(0)) + (
                    Decimal(event.amount) / _UNITS
                )
            elif isinstance(event, QueryReleased):
                released.add(event.query_id)
            index += 1
    finally:
        ledger.close()
    return Settled(
        charged=charged,
        released=frozenset(released),
        verified=verify.returncode == 0,
        report=verify.stdout + verify.stderr,
    )
