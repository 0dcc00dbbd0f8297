from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from policies.errors import InternalError, UnsupportedQueryError
from query.engines.duckdb import DuckDbEngine
from tests.limits import LIMITS, PATIENCE

SLOW = "SELECT count(*) FROM range(200000) a, range(100000) b WHERE (a.range * b.range) % 7 = 3"
"""Ends of itself in about a minute, so that one which nothing stopped is red, not endless."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("engine") / "snapshot.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TYPE color AS ENUM ('red', 'blue')")
    connection.execute(
        "CREATE TABLE t AS SELECT 1::BIGINT AS i, 'secret' AS s, true AS b, NULL::BIGINT AS n, "
        "DATE '2020-02-29' AS d, TIMESTAMP '2020-02-29 12:30:00' AS ts, 'red'::color AS e, "
        "170141183460469231731687303715884105727::HUGEINT AS h, 1.50::DECIMAL(4,2) AS x, "
        "3.00::DECIMAL(4,2) AS w, 0.5::DOUBLE AS f, 'nan'::DOUBLE AS nan"
    )
    connection.close()
    return path


@pytest.fixture
def engine(file: Path) -> Iterator[DuckDbEngine]:
    engine = DuckDbEngine(file, LIMITS)
    yield engine
    engine.close()


def limited(file: Path, deadline_seconds: float, concurrent: int = 1) -> DuckDbEngine:
    limits = replace(LIMITS, deadline_seconds=deadline_seconds, concurrent=concurrent)
    return DuckDbEngine(file, limits)


def goes_on(engine: DuckDbEngine) -> bool:
    """Whether it answers another statement, which now has time enough on any machine."""
    engine._limits = LIMITS
    return engine.run("SELECT i FROM t", stop=threading.Event()) == [(1,)]


def test_rows_are_exact_values(engine: DuckDbEngine) -> None:
    rows = engine.run("SELECT i, s, b, n, d, ts, e, h, w FROM t")

    assert rows == [
        (1, "secret", True, None, "2020-02-29", "2020-02-29T12:30:00", "red", 2**127 - 1, 3)
    ]
    assert [type(value) for value in rows[0]] == [
        int, str, bool, type(None), str, str, str, int, int,
    ]  # fmt: skip


def test_a_sum_of_integers_is_an_integer(engine: DuckDbEngine) -> None:
    assert engine.run("SELECT sum(i), sum(i)::DECIMAL(38,0) FROM t") == [(1, 1)]


@pytest.mark.parametrize("column", ["f", "nan", "x", "[i]", "{'a': i}", "s::BLOB"])
def test_what_is_not_exact_is_an_error(engine: DuckDbEngine, column: str) -> None:
    with pytest.raises(InternalError):
        engine.run(f"SELECT {column} FROM t")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT CAST(s AS INTEGER) FROM t",
        "SELECT error(s) FROM t",
        "SELECT nothing FROM nowhere",
        "SELEC",
        "SELECT 9223372036854775807 + i FROM t",
    ],
)
def test_a_failure_says_an_incident_and_nothing_else(engine: DuckDbEngine, statement: str) -> None:
    with pytest.raises(InternalError) as error:
        engine.run(statement)

    assert str(error.value) == (
        f"internal error, incident {error.value.incident}; "
        "give the incident id to whoever runs this gateway"
    )
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM glob('/*')",
        "COPY t TO '/tmp/out.csv'",
        "EXPORT DATABASE '/tmp/out'",
        "ATTACH '/tmp/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 1",
        "SET enable_external_access = true",
        "RESET memory_limit",
        "CREATE TABLE u (i INTEGER)",
        "DELETE FROM t",
        "SELECT * FROM local_variable",
    ],
)
def test_a_locked_engine_reaches_nothing_else(engine: DuckDbEngine, statement: str) -> None:
    local_variable = [1]  # what DuckDB would read if it looked into our frames

    with pytest.raises(InternalError):
        engine.run(statement)

    assert local_variable == [1]


def test_settings_are_as_asked(file: Path) -> None:
    engine = DuckDbEngine(file, replace(LIMITS, threads=1, memory_mib=100))
    rows = engine.run(
        "SELECT name, value FROM duckdb_settings() WHERE name IN "
        "('threads', 'memory_limit', 'temp_directory', 'lock_configuration') ORDER BY name"
    )
    engine.close()

    assert rows == [
        ("lock_configuration", "true"),
        ("memory_limit", "100.0 MiB"),
        ("temp_directory", ""),
        ("threads", "1"),
    ]


def test_too_little_memory_fails_and_the_engine_lives_on(file: Path) -> None:
    engine = DuckDbEngine(file, replace(LIMITS, memory_mib=64))

    with pytest.raises(InternalError):
        engine.run("SELECT list(range) FROM range(20000000)")

    assert engine.run("SELECT i FROM t") == [(1,)]
    engine.close()


def test_the_deadline_stops_a_statement_and_the_next_one_runs(file: Path) -> None:
    engine = limited(file, 0.3)

    with pytest.raises(InternalError):
        engine.run(SLOW)

    assert goes_on(engine)
    engine.close()


def test_a_deadline_that_passed_before_the_start_stops_it_too(file: Path) -> None:
    engine = limited(file, 1e-6)

    for _ in range(5):
        with pytest.raises(InternalError):
            engine.run(SLOW)

    engine.close()


def test_a_turn_that_does_not_come_is_a_failure(file: Path) -> None:
    engine = limited(file, 0.05)
    engine._turns.acquire()  # somebody else's statement

    with pytest.raises(InternalError):
        engine.run("SELECT i FROM t")

    engine._turns.release()
    assert goes_on(engine)
    engine.close()


def test_a_statement_waits_for_its_turn_and_no_longer_than_its_deadline(file: Path) -> None:
    engine = limited(file, 0.5)
    outcomes: list[str] = []

    def run() -> None:
        try:
            engine.run(SLOW)
        except InternalError:
            outcomes.append("stopped")

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == ["stopped"] * 3
    assert goes_on(engine)
    engine.close()


def test_a_statement_is_stopped_by_another_thread_and_the_next_one_runs(file: Path) -> None:
    engine, stop = limited(file, 10 * PATIENCE), threading.Event()
    threading.Timer(0.1, stop.set).start()

    with pytest.raises(InternalError):
        engine.run(SLOW, stop=stop)

    assert goes_on(engine)
    engine.close()


def test_a_statement_that_waits_for_its_turn_is_stopped_too(file: Path) -> None:
    engine, stop = limited(file, 10 * PATIENCE), threading.Event()
    engine._turns.acquire()  # somebody else's statement
    outcomes: list[str] = []

    def run() -> None:
        try:
            engine.run("SELECT i FROM t", stop=stop)
        except InternalError:
            outcomes.append("stopped")

    waiting = threading.Thread(target=run)
    waiting.start()
    stop.set()
    waiting.join(PATIENCE)
    engine._turns.release()
    waiting.join()

    assert outcomes == ["stopped"]
    engine.close()


def test_a_deadline_holds_where_nobody_stops_it(file: Path) -> None:
    engine = limited(file, 0.3)

    with pytest.raises(InternalError):
        engine.run(SLOW, stop=threading.Event())

    engine.close()


def test_statements_of_several_threads_do_not_disturb_each_other(file: Path) -> None:
    engine = limited(file, 30, concurrent=4)
    results: list[object] = []

    def run(number: int) -> None:
        statement = f"SELECT {number}, sum(range)::BIGINT FROM range({number})"
        results.extend(engine.run(statement))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.close()

    assert sorted(results, key=str) == sorted(
        ((number, number * (number - 1) // 2) for number in range(1, 21)), key=str
    )


def test_an_unlinked_file_can_still_be_asked(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(file.read_bytes())
    engine = DuckDbEngine(copy, LIMITS)
    copy.unlink()

    assert engine.run("SELECT s FROM t") == [("secret",)]
    assert list(tmp_path.iterdir()) == []
    engine.close()


def test_a_file_that_is_no_database_is_an_incident(tmp_path: Path) -> None:
    path = tmp_path / "no.duckdb"
    path.write_bytes(b"no database, but a secret" * 1000)

    with pytest.raises(InternalError) as error:
        DuckDbEngine(path, LIMITS)

    assert "secret" not in str(error.value)


def test_no_watchdog_outlives_its_statement(engine: DuckDbEngine) -> None:
    before = threading.active_count()
    engine.run("SELECT i FROM t")

    assert threading.active_count() == before


@pytest.mark.parametrize("statement", ["SELECT nope FROM t", "SELECT 1 FROM gone", "SELEC 1"])
def test_what_cannot_be_bound_is_found_before_it_is_run(
    engine: DuckDbEngine, statement: str
) -> None:
    with pytest.raises(UnsupportedQueryError) as error:
        engine.prepare(statement)

    assert error.value.code == "SQL-ENGINE"
    assert "nope" not in str(error.value)
    assert error.value.__suppress_context__


def test_what_the_optimizer_refuses_is_found_before_it_is_run(engine: DuckDbEngine) -> None:
    counted = "(SELECT COUNT(*) FROM t AS other WHERE other.i = t.i)"
    statement = f"SELECT MAX(struct_pack(a := 1, b := {counted})) FROM t GROUP BY i"

    with pytest.raises(UnsupportedQueryError, match="combination"):
        engine.prepare(statement)  # bound without a complaint


def test_an_engine_that_is_gone_says_nothing_of_the_vendor(file: Path) -> None:
    gone = DuckDbEngine(file, LIMITS)
    gone.close()

    for ask in (gone.prepare, gone.run):
        with pytest.raises(InternalError) as error:
            ask("SELECT i FROM t")
        assert "onnection" not in str(error.value)
        assert error.value.__suppress_context__


def test_preparing_looks_at_no_row(file: Path) -> None:
    """It takes a millisecond of the processor; the statement takes more than a minute."""
    engine = limited(file, deadline_seconds=0.2)
    started = time.process_time()
    engine.prepare(SLOW)
    engine.prepare("SELECT error(s) FROM t")
    engine.close()

    assert time.process_time() - started < 5
