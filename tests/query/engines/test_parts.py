"""Sums over parts of the units are the sums over all of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from policies.errors import InternalError
from query.compile import compile_plan
from query.engines import duckdb as engines
from query.engines.duckdb import DuckDbEngine
from query.ports import ExactRow
from query.release import exact_vectors
from tests.attacks.hospital import with_victim, write_snapshot
from tests.case_files import sql_cases
from tests.limits import LIMITS
from tests.sensitivity import NARROW, Case, plan_of

TRAPS = [statement for case in sql_cases("traps.sql") for statement in case.statements]


class ShortOfMemory(DuckDbEngine):
    """Has never enough memory for all units at once."""

    def _fetch(self, statement: str, until: Any, part: int | None = None) -> list[ExactRow]:  # noqa: ANN401
        if part is None:
            raise duckdb.OutOfMemoryException("all of them")
        return super()._fetch(statement, until, part)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DuckDbEngine, ShortOfMemory]]:
    folder, limits = tmp_path_factory.mktemp("parts"), replace(LIMITS, threads=1)
    files = [
        write_snapshot(folder / name, NARROW, with_victim()) for name in ("a.duckdb", "b.duckdb")
    ]
    whole, short = DuckDbEngine(files[0], limits), ShortOfMemory(files[1], limits)
    yield whole, short
    whole.close()
    short.close()


@pytest.mark.parametrize("sql", TRAPS)
def test_parts_add_up_to_the_whole(
    sql: str, both: tuple[DuckDbEngine, ShortOfMemory], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_PARTS", 3)
    plan = plan_of(Case(dataset=NARROW, rows={}, sql=sql))
    assert plan is not None
    statements = [one for one in compile_plan(plan) if one.keys is not None]
    vectors = [
        exact_vectors(plan, statements, [one.run(each.sql, each.keys) for each in statements])
        for one in both
    ]

    assert vectors[0] == vectors[1]


def test_what_does_not_add_up_fails_and_so_do_parts_that_are_too_large(
    both: tuple[DuckDbEngine, ShortOfMemory],
) -> None:
    with pytest.raises(InternalError):
        both[1].run("SELECT COUNT(DISTINCT patient_id) FROM visits")
    with pytest.raises(InternalError):
        both[1].run("SELECT COUNT(*) FROM nothing", 0)


def test_what_needs_more_memory_than_there_is_is_added_up_in_parts(tmp_path: Path) -> None:
    file = tmp_path / "many.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "CREATE TABLE visits AS SELECT i AS patient_id, (i * 7919 % 100003)::INTEGER AS __salt "
            "FROM range(100000) t(i)"
        )
    engine = DuckDbEngine(file, replace(LIMITS, threads=1, memory_mib=64))
    sql = (
        "SELECT COUNT(*) FROM (SELECT patient_id, i, SUM(i) AS s, LPAD(i::VARCHAR, 60, 'x') AS t "
        "FROM visits, range(20) r(i) GROUP BY ALL) WHERE s < 10 AND t > ''"
    )

    with pytest.raises(InternalError):
        engine.run(sql)
    assert engine.run(sql, 0) == [(1_000_000,)]
    engine.close()


def test_parts_end_when_they_are_told_to(both: tuple[DuckDbEngine, ShortOfMemory]) -> None:
    stop = threading.Event()
    stop.set()

    with pytest.raises(InternalError):
        both[1].run("SELECT COUNT(*) FROM visits", 0, stop)
