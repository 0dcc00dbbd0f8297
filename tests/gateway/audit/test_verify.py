from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import reading, verify
from gateway.audit.checkpoint import Signer
from gateway.audit.findings import Failure, Finding
from gateway.audit.tlog import EMPTY_ROOT, leaf_hash, root_hash
from gateway.audit.verify import VerificationReport
from tests.gateway.ledger.worlds import SIGNER, Home, make_charge

ACTIVATE, CAP, BIND, INGEST = 1, 2, 8, 9
RESERVE, OTHER_RESERVE, RELEASE, ABANDON, REPEAT, OPEN = 10, 11, 12, 13, 14, 15
SIZE = 16
PLACES = {"reserve": RESERVE, "other": OTHER_RESERVE, "open": OPEN, "ingest": INGEST}


def tamper(home: Home, *statements: str, **values: object) -> None:
    """Change the database as somebody may who has its file."""
    connection = sqlite3.connect(home.database)
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("PRAGMA synchronous = OFF")
    for statement in statements:
        connection.execute(statement, {**PLACES, **values})
    connection.commit()
    connection.close()


def entries(home: Home) -> list[dict[str, Any]]:
    connection = sqlite3.connect(home.database)
    rows = connection.execute("SELECT leaf FROM entry ORDER BY idx").fetchall()
    connection.close()
    return [json.loads(leaf) for (leaf,) in rows]


def rewrite(home: Home, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Rewrite the log as its operator may, who has the signing key, and sign it anew."""
    changed = entries(home)
    change(changed)
    leaves = [rfc8785.dumps(entry) for entry in changed]
    tamper(home, "DELETE FROM entry")
    connection = sqlite3.connect(home.database)
    connection.execute("PRAGMA synchronous = OFF")
    for index, leaf in enumerate(leaves):
        connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (index, leaf, leaf_hash(leaf)))
    connection.commit()
    connection.close()
    root = root_hash([leaf_hash(leaf) for leaf in leaves])
    home.head.write_text(SIGNER.sign(len(leaves), root))


def first(report: VerificationReport) -> tuple[int | None, Failure]:
    assert report.findings
    assert not report.is_sound
    assert report.exit_code == report.findings[0].failure.value
    return report.findings[0].index, report.findings[0].failure


def test_a_log_with_one_of_everything_is_sound(home: Home) -> None:
    report = home.verify()

    assert report.is_sound, report.lines()
    assert [entry["kind"] for entry in entries(home)[RESERVE:]] == [
        "query.reserve",
        "query.reserve",
        "query.release",
        "query.abandon",
        "query.repeat",
        "query.reserve",
    ]
    assert (report.size, report.signed_size) == (SIZE, SIZE)
    assert (report.charged, report.open_reserves, report.exit_code) == (3, 1, 0)
    assert report.lines()[0] == "The log is sound."
    assert report.root in report.lines()[3]


def test_verification_changes_nothing(home: Home) -> None:
    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in home.folder.rglob("*") if path.is_file()}

    before = files()
    home.verify()

    assert files() == before


@pytest.mark.parametrize("index", [0, RESERVE, OPEN])
@pytest.mark.parametrize(
    ("statement", "failure"),
    [
        (
            "UPDATE entry SET leaf = CAST(leaf || ' ' AS BLOB) WHERE idx = :index",
            Failure.LEAF_HASH,
        ),
        ("UPDATE entry SET leaf = zeroblob(100) WHERE idx = :index", Failure.LEAF_HASH),
        ("UPDATE entry SET leaf_hash = zeroblob(32) WHERE idx = :index", Failure.LEAF_HASH),
        ("UPDATE entry SET idx = 1000 WHERE idx = :index", Failure.SEQUENCE),
        ("UPDATE entry SET idx = 9223372036854775807 WHERE idx = :index", Failure.SEQUENCE),
        ("UPDATE entry SET idx = -5 WHERE idx = :index", Failure.SEQUENCE),
        ("DELETE FROM entry WHERE idx = :index", Failure.SEQUENCE),
    ],
)
def test_each_changed_column_of_an_entry_is_found_at_its_index(
    home: Home, index: int, statement: str, failure: Failure
) -> None:
    tamper(home, statement, index=index)

    found = home.verify()

    if index == OPEN and "DELETE" in statement:
        assert first(found) == (OPEN, Failure.ROLLBACK)
    elif "-5" in statement:
        assert first(found) == (-5, failure)
        assert index in {one.index for one in found.findings}
    else:
        assert first(found) == (index, failure)


@pytest.mark.parametrize("index", range(SIZE))
def test_an_entry_changed_along_with_its_hash_does_not_fit_the_signed_head(
    home: Home, index: int
) -> None:
    leaf = rfc8785.dumps({**entries(home)[index], "mono": 10**9 + index})
    tamper(
        home,
        "UPDATE entry SET leaf = :leaf, leaf_hash = :hash WHERE idx = :index",
        index=index,
        leaf=leaf,
        hash=leaf_hash(leaf),
    )

    report = home.verify()

    assert Finding(
        None, Failure.ROOT, f"the first {SIZE} entries are not those that were signed"
    ) in (report.findings)


def changed(index: int, **fields: object) -> Callable[[list[dict[str, Any]]], None]:
    return lambda found: found[index].update(fields)


@pytest.mark.parametrize(
    ("change", "index", "failure"),
    [
        (changed(RESERVE, seq=3), RESERVE, Failure.SEQUENCE),
        (changed(RESERVE, time="2026-11-21T11:59:59.999999Z"), RESERVE, Failure.TIME),
        (changed(RESERVE, mono=1), RESERVE, Failure.TIME),
        (changed(RESERVE, patient="x"), RESERVE, Failure.FORM),
        (changed(RESERVE, amount=0), RESERVE, Failure.FORM),
        (changed(RESERVE, kind="query.forget"), RESERVE, Failure.FORM),
        (changed(CAP, scope="project"), CAP, Failure.POLICY),
        (changed(CAP, capped_researcher="ann"), CAP, Failure.POLICY),
        (changed(CAP + 1, pool="other"), CAP + 1, Failure.POLICY),
        (changed(CAP + 1, capped_project=""), CAP + 1, Failure.POLICY),
        (changed(ACTIVATE, kind="query.forget"), ACTIVATE, Failure.FORM),
        (changed(BIND, pool="other"), BIND, Failure.POLICY),
        (changed(RESERVE, pool="other"), RESERVE, Failure.POLICY),
        (changed(RESERVE, dataset="labs"), RESERVE, Failure.POLICY),
        (changed(RESERVE, measure="zcdp"), RESERVE, Failure.POLICY),
        (changed(RESERVE, actor="eve"), RESERVE, Failure.POLICY),
        (changed(RESERVE, policy="sha256:" + "c" * 64), RESERVE, Failure.POLICY),
        (changed(RESERVE, amount=500_001), RESERVE, Failure.OVERSPENT),
        (changed(RESERVE, delta="101"), RESERVE, Failure.OVERSPENT),
        (changed(CAP, cap=299_999), OTHER_RESERVE, Failure.OVERSPENT),
        (changed(CAP, cap_delta="2"), RESERVE, Failure.OVERSPENT),
        (changed(RELEASE, ref=OTHER_RESERVE), RELEASE, Failure.LIFECYCLE),
        (changed(RELEASE, query_id="f" * 32), RELEASE, Failure.LIFECYCLE),
        (changed(REPEAT, ref=ABANDON), REPEAT, Failure.LIFECYCLE),
        (changed(REPEAT, project="lung"), REPEAT, Failure.LIFECYCLE),
        (changed(REPEAT, cache_key="f" * 64), REPEAT, Failure.LIFECYCLE),
        (changed(RELEASE, answer="sha256:" + "0" * 64), RELEASE, Failure.ANSWER),
        (changed(RESERVE, amount=99_999), RESERVE, Failure.TABLES),
        (changed(RESERVE, delta="4"), RESERVE, Failure.TABLES),
        (changed(RESERVE, cache_key="f" * 64), REPEAT, Failure.LIFECYCLE),
        (changed(RESERVE, boot="f" * 32), RESERVE, Failure.TABLES),
        (changed(ABANDON, kind="query.abandon", ref=OPEN), ABANDON, Failure.LIFECYCLE),
    ],
)
def test_a_log_that_its_operator_rewrote_and_signed_anew_still_breaks_its_own_rules(
    home: Home, change: Callable[[list[dict[str, Any]]], None], index: int, failure: Failure
) -> None:
    earlier = home.head.read_text()
    rewrite(home, change)

    assert first(home.verify()) == (index, failure)
    assert Failure.ROOT in {one.failure for one in home.verify(earlier).findings}


def test_a_query_reserved_or_closed_twice_is_found(home: Home) -> None:
    def twice(found: list[dict[str, Any]]) -> None:
        found.append({**found[RESERVE], "seq": SIZE, "mono": 10**6, "time": found[-1]["time"]})
        found.append({**found[ABANDON], "seq": SIZE + 1, "mono": 10**6, "time": found[-1]["time"]})

    rewrite(home, twice)

    found = {(one.index, one.failure) for one in home.verify().findings}
    assert (SIZE, Failure.LIFECYCLE) in found
    assert (SIZE + 1, Failure.LIFECYCLE) in found


def test_a_measure_or_a_pool_that_changes_is_found(home: Home) -> None:
    def change(found: list[dict[str, Any]]) -> None:
        last = {"mono": 10**6, "time": found[-1]["time"]}
        found.append({**found[CAP], **last, "seq": SIZE, "measure": "zcdp"})
        found.append({**found[CAP], **last, "seq": SIZE + 1, "pool": "fresh"})
        found.append({**found[BIND], **last, "seq": SIZE + 2, "pool": "fresh"})

    rewrite(home, change)

    found = {(one.index, one.failure) for one in home.verify().findings}
    assert {(SIZE, Failure.POLICY), (SIZE + 2, Failure.POLICY)} <= found
    assert (SIZE + 1, Failure.POLICY) not in found


def test_a_cap_before_any_policy_is_found(home: Home) -> None:
    def swap(found: list[dict[str, Any]]) -> None:
        found[ACTIVATE], found[CAP] = (
            {**found[CAP], "seq": ACTIVATE, "mono": found[ACTIVATE]["mono"]},
            {**found[ACTIVATE], "seq": CAP, "mono": found[CAP]["mono"]},
        )

    rewrite(home, swap)

    assert first(home.verify()) == (ACTIVATE, Failure.POLICY)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("UPDATE charge SET amount = 1 WHERE entry = :reserve", RESERVE),
        ("UPDATE charge SET delta = 1 WHERE entry = :reserve", RESERVE),
        (
            "UPDATE charge SET scope = 'clinic/lung' WHERE entry = :reserve AND scope = 'clinic'",
            RESERVE,
        ),
        ("UPDATE charge SET entry = 0 WHERE entry = :reserve", 0),
        ("DELETE FROM charge WHERE entry = :other", OTHER_RESERVE),
        ("INSERT INTO charge VALUES (:ingest, 'clinic', 1, 0)", INGEST),
        ("UPDATE query SET id = 'x' WHERE reserve = :reserve", RESERVE),
        ("UPDATE query SET project = 'lung' WHERE reserve = :reserve", RESERVE),
        ("UPDATE query SET cache_key = 'x' WHERE reserve = :reserve", RESERVE),
        ("UPDATE query SET boot = 'x' WHERE reserve = :reserve", RESERVE),
        ("UPDATE query SET state = 'abandoned' WHERE reserve = :reserve", RESERVE),
        ("UPDATE query SET reserve = 0 WHERE reserve = :reserve", 0),
        ("UPDATE query SET close = 0 WHERE reserve = :reserve", RESERVE),
        ("DELETE FROM query WHERE reserve = :open", OPEN),
        ("UPDATE activation SET policy = 'x' WHERE entry = 1", ACTIVATE),
        ("INSERT INTO activation VALUES (5, 'x')", 5),
        ("UPDATE scope SET spent = 0 WHERE id = 'clinic'", None),
        ("UPDATE scope SET spent_delta = 0 WHERE id = 'clinic'", None),
        ("UPDATE scope SET cap = cap + 1 WHERE id = 'clinic/heart'", None),
        ("UPDATE scope SET cap_delta = 101 WHERE id = 'clinic/heart'", None),
        ("UPDATE scope SET measure = 'zcdp' WHERE id = 'clinic/heart'", None),
        ("UPDATE scope SET parent = NULL WHERE id = 'clinic/heart'", None),
        ("UPDATE scope SET id = 'clinic/head' WHERE id = 'clinic/heart'", None),
        ("UPDATE dataset SET pool = 'clinic/heart'", None),
        ("UPDATE dataset SET id = 'labs'", None),
    ],
)
def test_each_changed_column_of_a_table_is_found(
    home: Home, statement: str, index: int | None
) -> None:
    tamper(home, statement)

    found = home.verify()

    assert first(found) == (index, Failure.TABLES)
    assert index is not None or found.findings[0].detail.endswith(
        ("clinic", "heart", "head", "visits", "labs")
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE query SET salt = zeroblob(32) WHERE reserve = :reserve",
        "UPDATE query SET answer = x'3433' WHERE reserve = :reserve",
        "UPDATE query SET answer = NULL WHERE reserve = :reserve",
    ],
)
def test_a_changed_answer_is_found_at_its_release(home: Home, statement: str) -> None:
    tamper(home, statement)

    assert first(home.verify()) == (RELEASE, Failure.ANSWER)


def test_a_log_that_was_cut_is_found_at_its_end(home: Home) -> None:
    tamper(home, "DELETE FROM entry WHERE idx >= :open", "DELETE FROM query WHERE reserve = :open")

    assert first(home.verify()) == (OPEN, Failure.ROLLBACK)


def test_entries_after_the_last_signed_head_are_told_and_no_failure(home: Home) -> None:
    head = home.head.read_text()
    home.open().close()
    home.head.write_text(head)

    report = home.verify()

    assert report.is_sound
    assert (report.size, report.signed_size) == (SIZE + 2 + 1, SIZE)


@pytest.mark.parametrize(
    ("head", "failure"),
    [("", Failure.SIGNATURE), (None, Failure.DATABASE), ("other", Failure.SIGNATURE)],
)
def test_a_head_that_cannot_be_used_is_found(
    home: Home, head: str | None, failure: Failure
) -> None:
    if head is None:
        home.head.unlink()
    elif head:
        key = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
        other = Signer(origin=SIGNER.origin, key=key)
        home.head.write_text(other.sign(SIZE, bytes(32)))
    else:
        home.head.write_text(head)

    report = home.verify()

    assert first(report) == (None, failure)
    assert report.signed_size == 0


def test_a_signed_head_of_the_empty_log_fits_every_log(home: Home) -> None:
    empty = SIGNER.sign(0, EMPTY_ROOT)

    assert home.verify(empty).is_sound
    assert first(home.verify(SIGNER.sign(0, bytes(32)))) == (None, Failure.ROOT)


def test_what_is_no_ledger_is_told(home: Home) -> None:
    home.database.write_bytes(b"not a database at all" * 100)
    nothing = home.verify()
    home.database.unlink()
    missing = home.verify()
    sqlite3.connect(home.database).close()
    empty = home.verify()

    for report in (nothing, missing, empty):
        assert Failure.DATABASE in {one.failure for one in report.findings}
        assert "not a database" not in "\n".join(report.lines())


def test_a_flood_of_findings_is_cut(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MAX_FINDINGS", 5)
    tamper(home, "UPDATE entry SET leaf_hash = zeroblob(32)")

    assert [one.index for one in home.verify().findings] == [0, 1, 2, 3, 4]


def test_a_log_is_read_in_batches_with_one_result(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = home.verify()
    for batch in (1, 4, 16):
        monkeypatch.setattr(verify, "_BATCH", batch)

        assert home.verify() == whole


def test_every_class_of_failure_has_an_exit_code_of_its_own() -> None:
    codes = [failure.value for failure in Failure]

    assert len(set(codes)) == len(codes)
    assert all(10 <= code < 64 for code in codes)


def test_a_finding_reads_as_a_line() -> None:
    assert str(Finding(3, Failure.TIME, "it is old")) == "entry 3: TIME it is old"
    assert str(Finding(None, Failure.ROOT, "it differs")) == "log: ROOT it differs"


def test_a_log_may_be_verified_while_it_is_open(home: Home) -> None:
    ledger = home.open()
    ledger.reserve(make_charge(1))

    assert home.verify().is_sound
    ledger.reserve(make_charge(1))
    assert home.verify().is_sound
    ledger.close()


def test_a_database_with_an_interrupted_write_is_not_taken_for_a_rollback(home: Home) -> None:
    # A copy made in the middle of a transaction is what a kill there leaves behind.
    spoiled = home.folder / "killed"
    connection = sqlite3.connect(home.database, isolation_level=None)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("PRAGMA cache_spill = ON")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "INSERT INTO scope SELECT idx || hex(zeroblob(9000)), NULL, 'pure', 1, 0, 0, 0 FROM entry"
    )
    shutil.copytree(home.folder, spoiled)
    connection.execute("ROLLBACK")
    connection.close()
    report = Home(spoiled).verify()

    assert first(report) == (None, Failure.DATABASE)
    assert len(report.findings) == 1
    assert "interrupted" in report.findings[0].detail
