"""The life of each release of records, computed again from the log alone.

This shares no code with what lets records out, so that one mistake cannot hide another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gateway.audit.findings import Failure
from gateway.audit.record_events import (
    RecordsApproved,
    RecordsChecked,
    RecordsDestroyed,
    RecordsExported,
    RecordsRequested,
)

__all__ = ["RecordReplay", "RecordStep"]

RecordStep: TypeAlias = (
    RecordsRequested | RecordsChecked | RecordsApproved | RecordsExported | RecordsDestroyed
)
_LEAST_SIGNERS: Final = 2


@dataclass(slots=True)
class _Life:
    entry: int
    request: RecordsRequested
    signers: set[str] = field(default_factory=set)
    verdicts: set[str] = field(default_factory=set)
    destroyed: bool = False


@dataclass(slots=True)
class RecordReplay:
    """What became of each release after the entries so far.

    Attributes:
        lists: Generation of each dataset's list of whose data may not be stored.
    """

    lists: dict[str, int] = field(default_factory=dict)
    _lives: dict[str, _Life] = field(default_factory=dict)

    def take(
        self, index: int, event: RecordStep, suspended: Collection[str], policy: str
    ) -> Iterator[tuple[Failure, str]]:
        """Go one entry on, and yield what is wrong with it.

        Args:
            index: Of the entry.
            event: What it says.
            suspended: What is stopped, as ``dataset/ID`` or ``project/ID``.
            policy: Digest of the declarations in force.
        """
        if event.policy != policy:
            yield Failure.POLICY, "it was allowed under declarations that are not in force"
        life = self._lives.get(event.release)
        if isinstance(event, RecordsRequested):
            yield from self._requested(index, event, suspended)
            return
        if life is None or (life.entry, life.request.manifest) != (event.ref, event.manifest):
            yield Failure.LIFECYCLE, "it is about a release that was not asked for so"
            return
        if life.destroyed:
            yield Failure.LIFECYCLE, "it is about a release that was destroyed"
        match event:
            case RecordsChecked():
                life.verdicts.add(event.verdict)
            case RecordsApproved():
                yield from self._erased(life.request)
                yield from _unread(life)
                life.signers |= set(event.signers.split())
            case RecordsExported():
                yield from _stopped(life.request, suspended)
                yield from self._erased(life.request)
                yield from _unread(life)
                signers = set(event.signers.split())
                if len(signers) < _LEAST_SIGNERS or not signers <= life.signers:
                    yield Failure.APPROVAL, "records left without the approvals of two"
            case RecordsDestroyed():
                life.destroyed = True

    def _requested(
        self, index: int, event: RecordsRequested, suspended: Collection[str]
    ) -> Iterator[tuple[Failure, str]]:
        if event.release in self._lives:
            yield Failure.LIFECYCLE, "it asks for a release for the second time"
        self._lives.setdefault(event.release, _Life(index, event))
        yield from _stopped(event, suspended)
        yield from self._erased(event)

    def _erased(self, request: RecordsRequested) -> Iterator[tuple[Failure, str]]:
        if request.erased < self.lists.get(request.dataset, 0):
            yield Failure.POLICY, "its records were made before somebody was erased"


def _unread(life: _Life) -> Iterator[tuple[Failure, str]]:
    if life.request.sample and life.verdicts != {"passed"}:
        yield (
            Failure.APPROVAL,
            "no person has read a sample of its texts, or one failed",
        )


def _stopped(
    request: RecordsRequested, suspended: Collection[str]
) -> Iterator[tuple[Failure, str]]:
    if f"project/{request.project}" in suspended or f"dataset/{request.dataset}" in suspended:
        yield Failure.POLICY, "it gives records of what is suspended"
