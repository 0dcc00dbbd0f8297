"""What is of PostgreSQL alone: its guards, its settings, its roles, and connections that end."""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from gateway.audit.database import DatabaseError
from gateway.audit.errors import LogError
from gateway.errors import OperatorError
from gateway.ledger import postgresql as driver
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.places import PostgresAddress
from gateway.ledger.postgresql import connect
from gateway.ledger.postgresql_backend import PostgresBackend
from gateway.ledger.postgresql_tables import setup_script
from gateway.ledger.sqlite import SqliteLedger
from policies.errors import BudgetExceededError, RefusalError
from tests.gateway.ledger.worlds import Home, SetClock, make_charge, make_plan
from tests.limits import PATIENCE
from tests.postgresql import Server, running


def home_at(server: Server, folder: Path, *, user: str = "postgres", more: str = "") -> Home:
    schema = f"p{secrets.token_hex(8)}"
    server.run(f"CREATE SCHEMA {schema}")
    folder.mkdir(exist_ok=True)
    (folder / "address").write_text(server.url(schema, user, more))
    return Home(folder)


def schema_of(home: Home) -> str:
    return home.address.read_text().rpartition("search_path%3D")[2].partition("%20")[0]


def opened(home: Home) -> SqliteLedger:
    ledger = home.open(SetClock())
    ledger.open_pools(make_plan(), actor="steward")
    return ledger


def lived(home: Home) -> list[dict[str, object]]:
    """What the log says of some operations, without what chance gives."""
    ledger = opened(home)
    charge = make_charge(query_id="d" * 32, cache_key=bytes(32))
    ledger.reserve(charge)
    ledger.release(charge, b"42")
    ledger.repeat(replace(charge, query_id="e" * 32))
    with pytest.raises(BudgetExceededError):
        ledger.reserve(make_charge(10**9))
    with pytest.raises(RefusalError):
        ledger.reserve(charge)
    failed = make_charge(7, query_id="f" * 32, cache_key=bytes(31) + b"f")
    ledger.reserve(failed)
    ledger.abandon(failed)
    ledger.open_pools(make_plan(200_000), actor="steward")
    ledger.close()
    assert home.verify().is_sound
    leaves = [json.loads(leaf) for (leaf,) in home.rows("SELECT leaf FROM entry ORDER BY idx")]
    own = {"boot", "salt", "answer", "postgresql"}
    return [{name: said for name, said in leaf.items() if name not in own} for leaf in leaves]


def test_the_log_says_the_same_of_the_same_operations(postgresql: Server, tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()

    in_file = lived(Home(tmp_path / "file"))
    assert len(in_file) > 12
    assert lived(home_at(postgresql, tmp_path / "server")) == in_file


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET leaf = '\\x00' WHERE idx = 0",
        "DELETE FROM entry WHERE idx = 0",
        "INSERT INTO entry VALUES (99, '\\x00', decode(repeat('00', 32), 'hex'))",
        "INSERT INTO entry VALUES (0, '\\x00', decode(repeat('00', 32), 'hex'))",
        "TRUNCATE entry CASCADE",
        "UPDATE charge SET amount = 1",
        "DELETE FROM charge",
        "TRUNCATE charge",
        "UPDATE scope SET spent = 0",
        "UPDATE scope SET spent_delta = -1",
        "UPDATE scope SET spent = cap + 1",
        "DELETE FROM scope",
        "UPDATE query SET answer = '\\x00'",
        "DELETE FROM query",
    ],
)
def test_the_tables_stop_accidents(postgresql: Server, tmp_path: Path, statement: str) -> None:
    home = home_at(postgresql, tmp_path)
    ledger = opened(home)
    charge = make_charge()
    ledger.reserve(charge)
    ledger.release(charge, b"42")
    other = connect(home.address.read_text())

    with pytest.raises(DatabaseError) as refused:
        other.execute(statement)

    other.close()
    ledger.close()
    assert refused.value.name in {"23505", "23514"}  # unique and check violation
    assert home.verify().is_sound


@pytest.mark.parametrize("setting", ["synchronous_commit=off", "synchronous_commit=local"])
def test_a_session_that_may_lose_a_commit_is_refused(
    postgresql: Server, tmp_path: Path, setting: str
) -> None:
    home = home_at(postgresql, tmp_path, more=f"-c{setting}")

    with pytest.raises(OperatorError) as refused:
        home.open()

    assert refused.value.code == "SYS-LEDGER-UNSAFE"
    assert "synchronous_commit" in refused.value.message


def test_a_server_that_may_lose_a_commit_is_refused(tmp_path: Path) -> None:
    with running("fsync=off", "full_page_writes=off") as server:
        home = home_at(server, tmp_path)
        with pytest.raises(OperatorError) as refused:
            home.open()

    assert refused.value.code == "SYS-LEDGER-UNSAFE"
    assert "fsync, full_page_writes" in refused.value.message


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://u:hidden@db.example/ledger", "SYS-LEDGER-TLS"),
        ("postgresql://u:hidden@db.example/ledger?sslmode=require", "SYS-LEDGER-TLS"),
        ("postgresql://u:hidden@localhost,db.example/ledger", "SYS-LEDGER-TLS"),
        ("postgresql://u:hidden@localhost/ledger?hostaddr=192.0.2.1", "SYS-LEDGER-TLS"),
        ("postgresql://u:hidden@192.0.2.1/ledger", "SYS-LEDGER-TLS"),
        ("postgresql://u:hidden@[::1/ledger", "SYS-LEDGER-ADDRESS"),
        ("postgresql:///ledger?service=hidden", "SYS-LEDGER-ADDRESS"),
        ("postgresql://u:hidden@localhost/ledger?nonsense=hidden", "SYS-LEDGER-ADDRESS"),
    ],
)
def test_an_address_over_a_net_asks_for_tls_and_is_never_told(url: str, code: str) -> None:
    with pytest.raises(OperatorError) as refused:
        connect(url)

    assert refused.value.code == code
    assert "hidden" not in f"{refused.value!s}{refused.value!r}{PostgresAddress(url)!r}"
    assert refused.value.__cause__ is None


def test_a_server_that_does_not_answer_is_told_without_its_words(
    postgresql: Server, tmp_path: Path
) -> None:
    (tmp_path / "address").write_text(postgresql.url(user="hidden"))

    with pytest.raises(LedgerFaultError) as fault:
        Home(tmp_path).open()

    assert fault.value.fault == "the database failed: 28000" or "no connection" in fault.value.fault
    assert "hidden" not in fault.value.fault


def test_the_role_of_the_service_can_append_and_no_more(postgresql: Server, tmp_path: Path) -> None:
    role = f"r{secrets.token_hex(4)}"
    home = home_at(postgresql, tmp_path, user=role)
    schema = schema_of(home)
    postgresql.run(f"CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {schema} TO {role}")
    with pytest.raises(OperatorError) as refused:
        home.open()
    assert refused.value.code == "SYS-LEDGER-TABLES"
    postgresql.run(f"SET search_path = {schema};\n{setup_script(role)}")

    lived(home)
    with connect(home.address.read_text())._connection as connection:
        for statement in (
            "DROP TRIGGER entry_kept ON entry",
            "ALTER TABLE entry DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
            "UPDATE entry SET idx = 1",
            "DELETE FROM query",
            "UPDATE scope SET parent = NULL",
            "UPDATE query SET reserve = 1",
            "TRUNCATE scope",
            "DELETE FROM activation",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


@pytest.mark.parametrize("role", ["", "Gateway", "a b", "x; DROP TABLE entry", "é"])
def test_a_role_of_another_form_is_no_part_of_a_script(role: str) -> None:
    with pytest.raises(OperatorError) as refused:
        setup_script(role)

    assert refused.value.code == "SYS-LEDGER-ROLE"


def cut(server: Server) -> None:
    server.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'clinical-gateway'"
    )


def test_a_lost_connection_costs_one_request_and_is_made_anew(
    postgresql: Server, tmp_path: Path
) -> None:
    home = home_at(postgresql, tmp_path)
    ledger = opened(home)
    charge = make_charge(7)
    ledger.reserve(charge)
    cut(postgresql)

    with pytest.raises(LedgerFaultError):
        ledger.release(charge, b"42")
    ledger.release(charge, b"42")
    assert ledger.balances("heart", "visits", "ann")[0].spent.amount == 7
    ledger.close()
    assert home.verify().is_sound


def test_what_was_reserved_over_a_lost_connection_may_be_closed_by_who_starts(
    postgresql: Server, tmp_path: Path
) -> None:
    home = home_at(postgresql, tmp_path)
    ledger = opened(home)
    charge, later = make_charge(7), make_charge(5)
    ledger.reserve(charge)
    cut(postgresql)
    home.open().close()

    with pytest.raises(LedgerFaultError):
        ledger.balances("heart", "visits", "ann")  # the connection is found lost
    with pytest.raises(LedgerFaultError):
        ledger.release(charge, b"42")
    ledger.reserve(later)
    home.open().close()  # sees that this process is alive again
    ledger.release(later, b"42")
    assert ledger.balances("heart", "visits", "ann")[0].spent.amount == 12
    ledger.close()
    report = home.verify()
    assert (report.is_sound, report.open_reserves) == (True, 0), report.lines()


def test_a_session_that_the_server_takes_for_alive_holds_up_no_reconnect(
    postgresql: Server, tmp_path: Path
) -> None:
    """As when a firewall drops the flow: the server's end hears nothing."""
    home = home_at(postgresql, tmp_path)
    backend = PostgresBackend(home.address.read_text())
    with backend.starting():
        pass
    descriptor = backend.connection()._connection.fileno()
    kept = os.dup(descriptor)
    ours, theirs = socket.socketpair()
    os.dup2(ours.fileno(), descriptor)
    theirs.close()
    with pytest.raises(DatabaseError):
        backend.connection().execute("SELECT 1")
    made = threading.Event()

    def reconnect() -> None:
        backend.connection().execute("SELECT 1")
        made.set()

    thread = threading.Thread(target=reconnect, daemon=True)
    thread.start()
    reconnected = made.wait(PATIENCE)
    os.close(kept)
    ours.close()
    thread.join(PATIENCE)
    until = time.monotonic() + PATIENCE
    while sessions(postgresql, backend.boot) > 1 and time.monotonic() < until:
        time.sleep(0.05)

    assert reconnected
    assert backend.is_running(backend.boot)  # by the new session alone
    backend.close()


def sessions(server: Server, boot: str) -> int:
    low, high = int(boot[8:16], 16), int(boot[:8], 16)
    return int(
        server.run(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            f" AND CAST(classid AS BIGINT) = {high} AND CAST(objid AS BIGINT) = {low}"
        )
    )


def test_the_server_looks_within_a_minute_whether_a_host_is_there(
    postgresql: Server, tmp_path: Path
) -> None:
    connection = connect(home_at(postgresql, tmp_path).address.read_text())
    found = {statement for statement in driver._SESSION if "tcp_" in statement}
    raw = connection._connection.info.get_parameters()
    connection.close()

    assert len(found) == 3
    assert (raw["keepalives_idle"], raw["keepalives_interval"]) == ("30", "10")
    assert raw["keepalives_count"] == "3"


def test_a_transaction_in_which_a_statement_failed_is_not_taken_for_committed(
    postgresql: Server, tmp_path: Path
) -> None:
    home = home_at(postgresql, tmp_path)
    connection = connect(home.address.read_text())
    connection.execute("BEGIN")
    with pytest.raises(DatabaseError):
        connection.execute("SELECT * FROM nowhere")

    with pytest.raises(DatabaseError) as refused:
        connection.execute("COMMIT")

    assert refused.value.name == "25P02"
    assert not connection.in_transaction
    connection.close()


def test_a_writer_that_hangs_holds_up_others_only_so_long(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "_SESSION", ("SET lock_timeout = '50ms'",))
    home = home_at(postgresql, tmp_path)
    ledger = opened(home)
    hanging = connect(home.address.read_text())
    hanging.execute("BEGIN")
    hanging.execute("LOCK TABLE sequencer IN EXCLUSIVE MODE")
    ledger._file._backend._connection.execute("SET lock_timeout = '50ms'")  # type: ignore[attr-defined]  # of this backend

    with pytest.raises(LedgerFaultError) as fault:
        ledger.reserve(make_charge(7))

    assert fault.value.fault == "the database failed: 55P03"  # lock_not_available
    hanging.close()
    ledger.reserve(make_charge(5))
    assert ledger.balances("heart", "visits", "ann")[0].spent.amount == 5
    ledger.close()


def test_an_older_dump_is_refused_and_the_newest_goes_on(
    postgresql: Server, tmp_path: Path
) -> None:
    home = home_at(postgresql, tmp_path)
    schema = schema_of(home)
    ledger = opened(home)
    older = postgresql.tool("pg_dump", "-n", schema, "postgres")
    ledger.reserve(make_charge(7))
    ledger.close()
    newest = postgresql.tool("pg_dump", "-n", schema, "postgres")
    postgresql.run(f"DROP SCHEMA {schema} CASCADE;\n{older}")
    with pytest.raises(LogError) as refused:
        home.open()
    assert refused.value.code == "SYS-LOG-ROLLBACK"
    postgresql.run(f"DROP SCHEMA {schema} CASCADE;\n{newest}")

    again = home.open()
    assert again.balances("heart", "visits", "ann")[0].spent.amount == 7
    again.close()
    assert home.verify().is_sound
    other = connect(home.address.read_text())
    with pytest.raises(DatabaseError):
        other.execute("DELETE FROM entry")  # the triggers are in the dump, too
    other.close()


def test_a_name_with_nul_names_nothing(postgresql: Server, tmp_path: Path) -> None:
    ledger = opened(home_at(postgresql, tmp_path))

    assert ledger.find("heart\0", "d" * 32) is None
    ledger.close()
