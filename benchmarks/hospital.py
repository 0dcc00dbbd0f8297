"""A hospital ingested by the gateway itself, then enlarged by drawing its patients again.

The store's own rows are copied, so whatever ingest wrote for a patient (salt, rank, any column that
bounds at load) comes along; each draw is a patient of its own, with all its rows. The plain twin
holds the same rows as a hospital has them: texts and doubles.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.declared import write_policies
from benchmarks.worlds import World
from gateway.founding import make_deployment
from gateway.ingest.report import IngestReport
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing
from gateway.opening import engine_limits, open_ram, open_store
from gateway.settings import Settings, load_settings
from gateway.storage import Warehouse
from policies.active import PolicySet
from policies.layout import RANK, ROWS, SALT, resolution
from policies.load import load_policies
from query.engines.duckdb import DuckDbEngine

__all__ = ["Hospital", "Twins", "enlarged", "made"]

_TABLES = ("patients", "visits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """A deployment with one ingested dataset.

    Attributes:
        world: Where the rows came from.
        folder: The deployment.
        ingest: How long ingest took, and over how much.
    """

    world: World
    folder: Path
    ingest: IngestReport

    @property
    def settings(self) -> Settings:
        """The deployment's settings."""
        return load_settings(self.folder)

    @property
    def policies(self) -> PolicySet:
        """What is declared."""
        return load_policies(self.settings.policies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """The same rows twice.

    Attributes:
        store: DuckDB file laid out as ingest lays it out.
        plain: DuckDB file of texts and doubles.
        patients: Rows of ``patients``.
        visits: Rows of ``visits``.
    """

    store: Path
    plain: Path
    patients: int
    visits: int


def made(root: Path, world: World, samples: Path) -> Hospital:
    """Write the source files, found a deployment and ingest them."""
    source, folder = root / "source", root / "gateway"
    source.mkdir(parents=True)
    with closing(duckdb.connect()) as connection:
        for table, sql in (("patients", world.patients), ("visits", world.visits)):
            rows = sql.format(folder=str(samples / world.folder).replace("'", "''"))
            connection.execute(f"COPY ({rows}) TO '{source / table}.parquet' (FORMAT parquet)")
    make_deployment(folder, world.name, port=0, keys=root / "keys")
    shutil.rmtree(folder / "policies")
    write_policies(folder / "policies", world)
    report = ingest_dataset(load_settings(folder), world.name, source)
    return Hospital(world=world, folder=folder, ingest=report)


def enlarged(hospital: Hospital, folder: Path, rows: int, *, bounded: bool = False) -> Twins:
    """Draw patients with replacement until there are about ``rows`` visits.

    Args:
        hospital: Whose rows are drawn.
        folder: Where the two files go; made here.
        rows: Visits to reach.
        bounded: Whether each patient first loses what is beyond the world's contribution bounds,
            so that no tool has anything to cut.
    """
    folder.mkdir(parents=True)
    store, plain = folder / "store.duckdb", folder / "plain.duckdb"
    with closing(duckdb.connect(str(store))) as connection:
        connection.execute("SET threads = 2")
        with _stored(hospital) as engine:
            for table in _TABLES:
                _copy(connection, engine, table)
        if bounded:
            _bound(connection, hospital.world)
        _draw(connection, rows)
        _write_plain(connection, hospital, plain)
        for table in _TABLES:
            connection.execute(f"DROP TABLE one_{table}")
        counts = [_count(connection, table) for table in _TABLES]
    return Twins(store=store, plain=plain, patients=counts[0], visits=counts[1])


@contextmanager
def _stored(hospital: Hospital) -> Iterator[DuckDbEngine]:
    settings = hospital.settings
    store = open_store(settings, KeyRing.open(settings.keys))
    warehouse = Warehouse(store, open_ram(settings), engine_limits(settings))
    try:
        yield warehouse.snapshot(hospital.policies.datasets[hospital.world.name]).engine
    finally:
        warehouse.close()


def _copy(connection: duckdb.DuckDBPyConnection, engine: DuckDbEngine, table: str) -> None:
    """Copy a stored table under ``one_…``, whatever its columns are."""
    described = [(str(row[0]), str(row[1])) for row in engine.run(f"DESCRIBE {table}")]
    texts = ", ".join(f'CAST("{name}" AS VARCHAR)' for name, _ in described)
    rows = engine.run(f"SELECT {texts} FROM {table}")  # noqa: S608  names of our own
    columns = zip(*rows, strict=True)
    incoming = pa.table(
        {
            name: pa.array(one, pa.string())
            for (name, _), one in zip(described, columns, strict=True)
        }
    )
    declared = ", ".join(f'"{name}" {kind}' for name, kind in described)
    connection.execute(f"CREATE TABLE one_{table} ({declared})")
    connection.register("incoming", incoming)
    connection.execute(f"INSERT INTO one_{table} SELECT * FROM incoming")  # noqa: S608  the same
    connection.unregister("incoming")


def _bound(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Keep some classes and rows of each patient, in an order that other patients do not set."""
    connection.execute(
        f"CREATE TABLE kept AS SELECT * REPLACE (CAST(ROW_NUMBER() OVER (PARTITION BY patient_id "  # noqa: S608  numbers of our own
        f"ORDER BY {RANK}) AS INTEGER) AS {RANK}, CAST(COUNT(*) OVER (PARTITION BY patient_id) "
        f"AS INTEGER) AS {ROWS}) FROM (SELECT * FROM one_visits "
        "WHERE class IS NOT NULL "
        f"QUALIFY DENSE_RANK() OVER (PARTITION BY patient_id ORDER BY hash(patient_id, class)) "
        f"<= {world.max_groups} AND ROW_NUMBER() OVER (PARTITION BY patient_id, class "
        f"ORDER BY {RANK}) <= {world.max_rows_per_group})"
    )
    connection.execute("DROP TABLE one_visits")
    connection.execute("ALTER TABLE kept RENAME TO one_visits")


def _draw(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Draw by the hash of the draw's number, so that a run can be repeated."""
    patients, each = _count(connection, "one_patients"), _count(connection, "one_visits")
    draws = max(rows * patients // each, 1)
    connection.execute(
        "CREATE TEMP TABLE draw AS "  # noqa: S608  numbers
        f"SELECT k, CAST(hash(k) % {patients} AS BIGINT) AS drawn FROM range({draws}) t(k)"
    )
    salt = f"CAST((o.{SALT} + d.k * 7919) % 2147483647 AS INTEGER) AS {SALT}"
    keys = {"patients": "", "visits": ", CAST(hash(d.k, o.visit_id) >> 2 AS BIGINT) AS visit_id"}
    for table, key in keys.items():
        connection.execute(
            f"CREATE TABLE {table} AS SELECT o.* REPLACE (d.k AS patient_id, {salt}{key}) "  # noqa: S608  names of our own
            f"FROM draw d JOIN one_{table} o ON o.patient_id = d.drawn ORDER BY d.k, o.{RANK}"
        )


def _write_plain(connection: duckdb.DuckDBPyConnection, hospital: Hospital, file: Path) -> None:
    tables = hospital.policies.datasets[hospital.world.name].tables
    step = float(resolution(tables["visits"].columns["amount"]))
    connection.execute(f"ATTACH '{file}' AS plain")
    unit = "CAST(patient_id AS VARCHAR) AS patient_id"
    connection.execute(
        f"CREATE TABLE plain.patients AS SELECT {unit}, CAST(sex AS VARCHAR) AS sex, age "  # noqa: S608  names of our own
        "FROM patients"
    )
    connection.execute(
        f"CREATE TABLE plain.visits AS SELECT visit_id, {unit}, CAST(class AS VARCHAR) AS class, "  # noqa: S608  the same
        f"CAST(kind AS VARCHAR) AS kind, amount * CAST('{step!r}' AS DOUBLE) AS amount FROM visits"
    )
    connection.execute("CREATE MACRO plain.clamp(x, a, b) AS LEAST(GREATEST(x, a), b)")
    connection.execute("DETACH plain")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    (row,) = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchall()  # noqa: S608  ours
    return int(row[0])
