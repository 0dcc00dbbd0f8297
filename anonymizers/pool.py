"""Many notes on all cores: order kept, patients together, no note lost or passed by a crash."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import groupby
from multiprocessing.connection import wait
from typing import Final, TypeAlias

from anonymizers.text import Note, NoteOutcome, TextDeidentifier

__all__ = ["deidentify_notes"]

_Group: TypeAlias = tuple[Note, ...]
_Outcomes: TypeAlias = tuple[NoteOutcome, ...]

_AHEAD: Final = 8
"""Batches in the queue for each worker: enough to keep it busy, few enough to stay in memory."""
_BATCH_CHARS: Final = 200_000

_worker: list[TextDeidentifier] = []
"""The pipeline of this worker process; empty in the process that starts the pool."""


def deidentify_notes(
    service: TextDeidentifier, notes: Iterable[Note], *, workers: int = 1
) -> Iterator[NoteOutcome]:
    """De-identify a stream of notes.

    Args:
        service: The pipeline.
        notes: All notes of one patient one after another; read as they are needed.
        workers: Processes; 1 works in this one.

    Yields:
        One outcome a note, in the order of the notes. Where a worker process dies (out of memory,
        say), the patients it held are tried once more, each in a process of its own, and withheld
        if that dies too.
    """
    groups = (tuple(group) for _, group in groupby(notes, key=lambda note: note.unit))
    if workers <= 1:
        for group in groups:
            yield from service.deidentify_patient(group)
        return
    yield from _on_a_pool(service, _batched(groups), workers)


def _batched(groups: Iterable[_Group]) -> Iterator[tuple[_Group, ...]]:
    batch: list[_Group] = []
    chars = 0
    for group in groups:
        batch.append(group)
        chars += sum(len(note.text) for note in group)
        if chars >= _BATCH_CHARS:
            yield tuple(batch)
            batch, chars = [], 0
    if batch:
        yield tuple(batch)


def _on_a_pool(
    service: TextDeidentifier, batches: Iterator[tuple[_Group, ...]], workers: int
) -> Iterator[NoteOutcome]:
    waiting: deque[tuple[tuple[_Group, ...], Future[list[_Outcomes]]]] = deque()
    pool = _started(service, workers)
    try:
        for batch in batches:
            try:
                waiting.append((batch, pool.submit(_work, batch)))
            except BrokenProcessPool:
                yield from _drained(service, waiting)
                pool.shutdown(wait=False, cancel_futures=True)
                pool = _started(service, workers)
                waiting.append((batch, pool.submit(_work, batch)))
            if len(waiting) >= workers * _AHEAD:
                yield from _outcomes(service, *waiting.popleft())
        yield from _drained(service, waiting)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _drained(
    service: TextDeidentifier,
    waiting: deque[tuple[tuple[_Group, ...], Future[list[_Outcomes]]]],
) -> Iterator[NoteOutcome]:
    while waiting:
        yield from _outcomes(service, *waiting.popleft())


def _outcomes(
    service: TextDeidentifier, batch: tuple[_Group, ...], future: Future[list[_Outcomes]]
) -> Iterator[NoteOutcome]:
    try:
        results = future.result()
    except BrokenProcessPool:
        results = [_alone(service, group) for group in batch]
    for outcomes in results:
        yield from outcomes


def _alone(service: TextDeidentifier, group: _Group) -> _Outcomes:
    with _started(service, 1) as pool:
        try:
            return pool.submit(_work, (group,)).result()[0]
        except BrokenProcessPool:
            failure = BrokenProcessPool.__name__
            return tuple(NoteOutcome(id=note.id, note=None, failure=failure) for note in group)


def _started(service: TextDeidentifier, workers: int) -> ProcessPoolExecutor:
    # A fork would copy the threads' locks of Arrow and DuckDB in whatever state they are.
    return ProcessPoolExecutor(
        max_workers=workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_take_up,
        initargs=(service,),
    )


def _take_up(service: TextDeidentifier) -> None:
    _worker[:] = [service]
    threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()


def _end_with_parent() -> None:
    # A worker whose parent was killed would wait for work for ever, with identified text in memory.
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(batch: tuple[_Group, ...]) -> list[_Outcomes]:
    (service,) = _worker
    return [service.deidentify_patient(group) for group in batch]
