from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.pages.auditor.entries import Filter, Row, search

PAUSE = 20_000


class Log:
    """Entries in memory; counts how many were read."""

    def __init__(self, *changes: dict[str, Any]) -> None:
        self.entries = [
            {
                "v": 1,
                "seq": seq,
                "time": f"2026-05-{1 + seq % 28:02}T12:00:00.000000Z",
                "behind_ms": 0,
                "boot": "0",
                "mono": seq,
                "kind": "query.reserve",
                "actor": "ana",
                "project": "heart",
                "dataset": "hospital",
                **change,
            }
            for seq, change in enumerate(changes)
        ]
        self.read = 0

    def leaves(self, start: int, end: int) -> Sequence[bytes]:
        self.read += end - start
        return [json.dumps(entry).encode() for entry in self.entries[start:end]]


def found(log: Log, **wanted: str) -> list[int]:
    end = len(log.entries)
    return [row.index for row in search(log.leaves, Filter(**wanted), before=end, limit=50).rows]


def test_the_newest_come_first() -> None:
    assert found(Log({}, {}, {})) == [2, 1, 0]


@pytest.mark.parametrize(
    ("wanted", "indices"),
    [
        ({"kind": "query"}, [3, 2, 0]),
        ({"kind": "query.deny"}, [2]),
        ({"kind": "deny"}, []),
        ({"actor": "eve"}, [2]),
        ({"actor": "ev"}, []),
        ({"project": "lungs"}, [3, 2, 1]),
        ({"dataset": "clinic"}, [2]),
        ({"code": "POL-"}, [2]),
        ({"code": "SQL"}, []),
        ({"since": "2026-05-03"}, [3, 2]),
        ({"until": "2026-05-02"}, [1, 0]),
        ({"since": "2026-05-02", "until": "2026-05-03", "kind": "query"}, [2]),
        ({"since": "x"}, []),
    ],
)
def test_every_field_narrows_the_search(wanted: dict[str, str], indices: list[int]) -> None:
    denied = {
        "kind": "query.deny",
        "actor": "eve",
        "named_project": "lungs",
        "named_dataset": "clinic",
        "code": "POL-COLUMN-ROLE",
    }
    log = Log(
        {},
        {"kind": "budget.cap", "actor": "", "project": "", "capped_project": "lungs"},
        {**denied, "project": None, "dataset": None},
        {"project": "lungs"},
    )

    assert found(log, **wanted) == indices


def test_pages_follow_one_another_without_gap_or_repetition() -> None:
    log = Log(*({"kind": "a" if seq % 3 else "b"} for seq in range(1300)))
    before: int | None = len(log.entries)
    seen: list[int] = []
    while before is not None:
        page = search(log.leaves, Filter(kind="b"), before=before, limit=7)
        assert len(page.rows) <= 7
        seen += [row.index for row in page.rows]
        before = page.before

    assert seen == [seq for seq in reversed(range(1300)) if seq % 3 == 0]


def test_a_page_that_ends_with_the_first_entry_is_the_last() -> None:
    log = Log({}, {})

    assert search(log.leaves, Filter(), before=2, limit=2).before is None
    assert search(log.leaves, Filter(), before=2, limit=1).before == 1


def test_an_empty_log_has_nothing() -> None:
    log = Log()

    assert search(log.leaves, Filter(), before=0, limit=5).before is None
    assert log.read == 0


def test_a_search_pauses_and_goes_on_where_it_was() -> None:
    log = Log(*({"kind": "x"} if seq == 3 else {} for seq in range(PAUSE + 1000)))
    first = search(log.leaves, Filter(kind="x"), before=PAUSE + 1000, limit=5)

    assert (first.rows, first.before) == ((), 1000)
    assert log.read == PAUSE
    second = search(log.leaves, Filter(kind="x"), before=1000, limit=5)
    assert [row.index for row in second.rows] == [3]


def test_an_entry_is_shown_with_all_it_says_beside_its_stamp() -> None:
    (leaf,) = Log({"code": "POL-X", "amount": 7}).leaves(0, 1)
    row = Row.of(leaf)

    assert (row.index, row.kind, row.actor, row.about) == (
        0,
        "query.reserve",
        "ana",
        "heart · hospital",
    )
    assert row.code == "POL-X"
    assert dict(row.fields) == {
        "actor": "ana",
        "project": "heart",
        "dataset": "hospital",
        "code": "POL-X",
        "amount": 7,
    }
