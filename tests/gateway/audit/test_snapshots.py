from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from gateway.audit.database import entries_of
from gateway.audit.entries import Entry, Stamp, encode_entry
from gateway.audit.erasure_events import UnitsErased
from gateway.audit.events import Event, IngestDone, SystemStarted
from gateway.audit.snapshots import announced_snapshots

DIGEST = f"sha256:{'0' * 64}"
INGEST = IngestDone(actor="steward", dataset="ward", snapshot="a#1", policy=DIGEST, sealed=DIGEST)
UNNAMED = UnitsErased(
    actor="steward", dataset="ward", policy=DIGEST, because="request", generation=1,
    tombstones=DIGEST,
)  # fmt: skip
ERASURE = replace(UNNAMED, generation=2, snapshot="a#2", sealed=DIGEST)
STARTED = SystemStarted(software='"kind":"ingest.done"', sqlite="3.45.1", postgresql="")
EVENTS: tuple[Event, ...] = (STARTED, INGEST, STARTED, UNNAMED, ERASURE)


def leaf_of(index: int, event: Event) -> bytes:
    stamp = Stamp(seq=index, time="2026-05-04T00:00:00.000000Z", behind_ms=0, boot="0" * 32, mono=0)
    return encode_entry(Entry(stamp=stamp, event=event))


@pytest.fixture
def log() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE entry(idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL)")
        rows = [(index, leaf_of(index, event)) for index, event in enumerate(EVENTS)]
        connection.executemany("INSERT INTO entry VALUES (?, ?)", reversed(rows))
        yield connection


def test_entries_of_some_kinds_are_found_in_order_from_a_number_on(log: sqlite3.Connection) -> None:
    kinds = (INGEST.kind, ERASURE.kind)
    found = list(entries_of(log, kinds))

    assert [index for index, _ in found] == [1, 3, 4]
    assert [json.loads(leaf)["seq"] for _, leaf in found] == [1, 3, 4]
    assert list(entries_of(log, kinds, start=3)) == found[1:]
    assert [index for index, _ in entries_of(log, (STARTED.kind,))] == [0, 2]


def test_a_snapshot_that_is_named_is_announced_and_what_cannot_be_read_is_passed_over(
    log: sqlite3.Connection,
) -> None:
    log.execute("INSERT INTO entry VALUES (5, ?)", (b'{"kind":"ingest.done"}',))
    log.execute("INSERT INTO entry VALUES (6, ?)", (leaf_of(6, INGEST),))

    assert [(index, event) for index, _, event in announced_snapshots(log)] == [
        (1, INGEST),
        (4, ERASURE),
        (6, INGEST),
    ]
