"""Private queries against the same questions in plain DuckDB: ``python -m benchmarks.query``.

Makes the demo hospital, ingests it, copies its stored rows for new patients until there are about
``--rows`` encounters, and times each question both ways, in turn, over the same rows: plain DuckDB
over the table as a hospital has it (texts, doubles), and the statement that the gateway compiles
over the table as it is stored. Prints medians and their ratio. Then asks each question once through
the whole service (policy, ledger, audit log, noise) on the hospital as it is, and prints latencies.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from gateway.demo.hospital import write_hospital
from gateway.demo.questions import PROJECT, PURPOSE, RESEARCHER
from gateway.demo.site import DATASET, DemoSite, make_site
from gateway.deployment import Deployment, open_ram, open_store
from gateway.ingest.report import IngestReport
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing
from gateway.local import LocalGateway
from gateway.storage import Warehouse
from policies.datasets import DatasetPolicy
from policies.load import load_policies
from query.bound import Asked, bound, price_asked
from query.compile import compile_plan
from query.parse import parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of question, as a researcher writes it."""

    name: str
    sql: str


SHAPES = (
    Shape(
        name="count, one group a patient",
        sql=(
            "SELECT p.sex, COUNT(*) AS n FROM encounters e JOIN patients p "
            "ON e.patient_id = p.patient_id GROUP BY p.sex"
        ),
    ),
    Shape(
        name="count by class",
        sql="SELECT encounter_class, COUNT(*) AS n FROM encounters GROUP BY encounter_class",
    ),
    Shape(
        name="sum and mean by class",
        sql=(
            "SELECT encounter_class, SUM(total_cost) AS total, AVG(total_cost) AS mean "
            "FROM encounters GROUP BY encounter_class"
        ),
    ),
    Shape(
        name="patients by class, filtered",
        sql=(
            "SELECT encounter_class, COUNT(DISTINCT patient_id) AS n FROM encounters "
            "WHERE started_at >= DATE '2024-01-01' GROUP BY encounter_class"
        ),
    ),
)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--patients", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        site = make_site(Path(root), port=0)
        write_hospital(site.source, patients=arguments.patients, seed=1)
        report = ingest_dataset(site.settings, DATASET, site.source, workers=2)
        _print_ingest(report)
        _print_ratios(site, arguments.rows, arguments.runs)
        _print_latencies(site)


def _print_ingest(report: IngestReport) -> None:
    print(
        f"ingest: {report.seconds:.1f} s; {report.rows_per_second:,.0f} rows/s, "
        f"{report.notes_per_second:,.0f} notes/s over 2 processes"
    )


def _print_ratios(site: DemoSite, rows: int, runs: int) -> None:
    dataset = load_policies(site.settings.policies).datasets[DATASET]
    connection = _enlarged(site, dataset, rows)
    count = connection.execute("SELECT COUNT(*) FROM raw.encounters").fetchall()[0][0]
    print(f"\n{count:,} encounters; median of {runs} runs each, in turn")
    print(f"{'shape':32} {'plain ms':>9} {'private ms':>11} {'ratio':>6}")
    for shape in SHAPES:
        question = parse(shape.sql, dataset)
        plan, _ = bound(question, dataset, (), price_asked(dataset, None), Asked())
        private = compile_plan(plan)
        plain = shape.sql.replace("FROM ", "FROM raw.").replace("JOIN ", "JOIN raw.")
        plain_ms, private_ms = _paired(
            partial(_run, connection, plain),
            partial(_run, connection, private),
            runs,
        )
        ratio = private_ms / plain_ms
        print(f"{shape.name:32} {plain_ms:9.1f} {private_ms:11.1f} {ratio:6.2f}")


def _run(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    return connection.execute(sql).fetchall()


def _enlarged(site: DemoSite, dataset: DatasetPolicy, rows: int) -> duckdb.DuckDBPyConnection:
    """Copy stored and raw tables for new patients, so that each copy is a patient of its own."""
    settings = site.settings
    keys = KeyRing.open(settings.keys)
    warehouse = Warehouse(open_store(settings, keys), open_ram(settings))
    engine = warehouse.snapshot(dataset).engine
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    for table in ("patients", "encounters"):
        columns = [row[0] for row in engine.run(f"DESCRIBE {table}")]
        chosen = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in columns)
        texts = engine.run(f"SELECT {chosen} FROM {table}")  # noqa: S608
        types = [str(row[1]) for row in engine.run(f"DESCRIBE {table}")]
        declared = ", ".join(f'"{a}" {b}' for a, b in zip(columns, types, strict=True))
        connection.execute(f"CREATE TABLE one_{table} ({declared})")
        places = ", ".join("?" for _ in columns)
        connection.executemany(f"INSERT INTO one_{table} VALUES ({places})", texts)  # noqa: S608
    warehouse.close()
    units = connection.execute("SELECT COUNT(*) FROM one_patients").fetchall()[0][0]
    each = connection.execute("SELECT COUNT(*) FROM one_encounters").fetchall()[0][0]
    connection.execute("CREATE SCHEMA raw")
    for table in ("patients", "encounters"):
        connection.execute(
            f"CREATE TABLE {table} AS SELECT o.* REPLACE ("  # noqa: S608
            f"patient_id + c * {units} AS patient_id, (__salt + c * 7919) % 2147483647 AS __salt) "
            f"FROM range({max(rows // each, 1)}) r(c), one_{table} o ORDER BY patient_id"
        )
    raw_columns = "CAST(patient_id AS VARCHAR) AS patient_id, CAST(sex AS VARCHAR) AS sex"
    connection.execute(f"CREATE TABLE raw.patients AS SELECT {raw_columns} FROM patients")  # noqa: S608
    connection.execute(
        "CREATE TABLE raw.encounters AS SELECT CAST(patient_id AS VARCHAR) AS patient_id, "
        "CAST(encounter_class AS VARCHAR) AS encounter_class, started_at, "
        "CAST(total_cost AS DOUBLE) AS total_cost FROM encounters"
    )
    return connection


def _paired(
    first: Callable[[], object], second: Callable[[], object], runs: int
) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for run in range(runs + 1):
        for place, call in enumerate((first, second)):
            started = time.perf_counter()
            call()
            if run:  # the first pair warms up
                times[place].append((time.perf_counter() - started) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])


def _print_latencies(site: DemoSite) -> None:
    with Deployment.open(site.folder, paced=False) as deployment:
        researcher = LocalGateway(deployment, RESEARCHER)
        taken = []
        for place in range(40):
            shape = SHAPES[place % len(SHAPES)]
            sql = shape.sql + f" LIMIT {1000 + place}"
            started = time.perf_counter()
            # a price of its own for each, or it would be a repeat
            epsilon = f"0.{10_000 + place:06d}"
            researcher.query(PROJECT, sql, purpose=PURPOSE, epsilon=epsilon)
            taken.append((time.perf_counter() - started) * 1000)
    quantiles = statistics.quantiles(taken[4:], n=20)
    print(
        f"\nwhole service, charged and logged, without HTTP and padding: "
        f"p50 {statistics.median(taken[4:]):.1f} ms, p95 {quantiles[-1]:.1f} ms"
    )


if __name__ == "__main__":
    main()
