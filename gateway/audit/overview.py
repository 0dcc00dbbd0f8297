"""What an auditor sees at a glance, folded from the entries of a log as it grows.

Entries are never changed, so what was folded once stays; only what came since is read.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from threading import Lock
from typing import Any, Final

from gateway.audit.flags import Flags
from policies.privacy import Measure

__all__ = ["Charged", "Level", "LogOverview", "Overview", "Scope"]

_BATCH: Final = 1000
_DENIALS: Final = frozenset({"query.deny", "record.deny"})
_CHANGES: Final = frozenset({"policy.activate", "policy.suspend", "policy.resume"})
_NAMING: Final[Mapping[str, tuple[str, ...]]] = {
    "actor": ("actor",),
    "code": ("code",),
    "dataset": ("dataset", "named_dataset", "capped_dataset"),
    "project": ("project", "named_project", "capped_project"),
}
"""From what is named to the fields of entries that name it."""

LeavesBetween = Callable[[int, int], Sequence[bytes]]
"""Returns the entries from one number to below another, as bytes."""


Scope = tuple[str, ...]
"""Which budget: a pool; a pool and a project; or these and a researcher in the project."""


class Level(Enum):
    """Whose budgets are looked at; a charge counts in one scope of each level."""

    POOL = "pool"
    PROJECT = "project"
    RESEARCHER = "researcher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """One charge.

    Attributes:
        entry: Its number.
        time: When, UTC.
        pool: Which budget.
        project: For which project.
        actor: Opaque id of who asked.
        measure: Of the pool.
        amount: In the parameter of the measure.
    """

    entry: int
    time: datetime
    pool: str
    project: str
    actor: str
    measure: Measure
    amount: Decimal

    def scope(self, level: Level) -> Scope:
        """Return the scope of a level in which it counts."""
        return (self.pool, self.project, self.actor)[: 1 + list(Level).index(level)]


@dataclass(slots=True)
class Overview:
    """What is known of the first entries of a log.

    Attributes:
        size: How many entries were folded.
        charges: All of them, the oldest first.
        caps: What each scope may spend, as the newest declarations say, in the measure's parameter.
        denials: How often a code was told in a week, by the week's Monday and the code.
        changes: When declarations changed, and how.
        kinds: How many entries of each kind there are.
        names: Whom and what entries name: from ``actor``, ``project``, ``dataset`` and ``code`` to
            all that is said there.
        last: When the newest entry was made, UTC.
        flags: What to look into.
    """

    size: int = 0
    charges: list[Charged] = field(default_factory=list)
    caps: dict[Scope, Decimal] = field(default_factory=dict)
    denials: Counter[tuple[date, str]] = field(default_factory=Counter)
    changes: list[tuple[datetime, str]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    names: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in _NAMING})
    last: datetime | None = None
    flags: Flags = field(default_factory=Flags)

    def take(self, leaf: bytes) -> None:
        """Fold the next entry; of one that cannot be read, nothing is counted."""
        entry: dict[str, Any] = json.loads(leaf)
        kind, time = str(entry["kind"]), datetime.fromisoformat(entry["time"]).astimezone(UTC)
        self.flags.take(entry)
        if kind == "query.reserve":
            self.charges.append(_charged(self.size, time, entry))
        elif kind == "budget.cap":
            self.caps[_capped(entry)] = Decimal(entry["cap"]) / Measure(entry["measure"]).units
        elif kind in _DENIALS:
            monday = time.date() - timedelta(days=time.weekday())
            self.denials[monday, str(entry["code"])] += 1
        elif kind in _CHANGES:
            self.changes.append((time, kind.removeprefix("policy.")))
        for name, fields in _NAMING.items():
            self.names[name].update(str(entry[one]) for one in fields if entry.get(one))
        self.kinds[kind] += 1
        self.last = time
        self.size += 1

    def copied(self) -> Overview:
        """Return what is known now, which later entries do not change; to be read, not to fold."""
        return replace(
            self,
            charges=self.charges.copy(),
            caps=self.caps.copy(),
            denials=self.denials.copy(),
            changes=self.changes.copy(),
            kinds=self.kinds.copy(),
            names={name: said.copy() for name, said in self.names.items()},
            flags=Flags(found=self.flags.found.copy()),
        )

    def charged_names(self) -> list[str]:
        """Return all pools, projects and researchers that something was charged to, sorted."""
        return sorted({part for one in self.charges for part in one.scope(Level.RESEARCHER)})

    def spent_by(self, level: Level, only: str = "") -> dict[Scope, list[Charged]]:
        """Return the charges of each scope of a level, the oldest first; scopes are sorted.

        Args:
            level: Whose budgets.
            only: A pool, project or researcher whose charges are looked at, at whatever level:
                a researcher's are part of what a pool spent; empty for all.
        """
        found: dict[Scope, list[Charged]] = defaultdict(list)
        for charge in self.charges:
            if only in {"", *charge.scope(Level.RESEARCHER)}:
                found[charge.scope(level)].append(charge)
        return dict(sorted(found.items()))


class LogOverview:
    """The overview of a log that grows; safe among threads.

    Args:
        leaves: The log's storage.
    """

    def __init__(self, leaves: LeavesBetween) -> None:
        self._leaves = leaves
        self._overview = Overview()
        self._read = Overview()
        self._lock = Lock()

    def read(self) -> Overview:
        """Fold what came since the last time; what is returned stays as it is, for all readers."""
        with self._lock:
            while batch := self._leaves(self._overview.size, self._overview.size + _BATCH):
                for leaf in batch:
                    self._overview.take(leaf)
            if self._read.size < self._overview.size:
                self._read = self._overview.copied()
            return self._read


def _charged(index: int, time: datetime, entry: dict[str, Any]) -> Charged:
    measure = Measure(entry["measure"])
    return Charged(
        entry=index,
        time=time,
        pool=str(entry["pool"]),
        project=str(entry["project"]),
        actor=str(entry["actor"]),
        measure=measure,
        amount=Decimal(entry["amount"]) / measure.units,
    )


def _capped(entry: dict[str, Any]) -> Scope:
    named = (entry["pool"], entry["capped_project"], entry["capped_researcher"])
    return tuple(str(part) for part in named if part)
