"""Stored answers to wider questions: which are found, and what the log says of their use."""

from __future__ import annotations

import json
import sqlite3

import pytest

from gateway.ledger.sqlite import SqliteLedger
from query.service import answer
from tests.factories import make_request
from tests.gateway.ledger.test_topups import open_ledger, ports_of
from tests.gateway.ledger.worlds import Home, make_charge
from tests.worlds import close_engines

FAMILY = b"f" * 32


def test_the_last_questions_of_a_family_and_project_are_found(ledger: SqliteLedger) -> None:
    charges = [
        make_charge(1, family=FAMILY, wording=b"first"),
        make_charge(1, family=FAMILY, wording=b"second"),
        make_charge(1, family=FAMILY, wording=b"third"),
        make_charge(1, family=FAMILY, wording=b"elsewhere", project="lung"),
        make_charge(1, family=b"g" * 32, wording=b"others"),
        make_charge(1),
        make_charge(1, family=FAMILY, wording=b"failed"),
    ]
    for charge in charges:
        ledger.reserve(charge)
    ledger.abandon(charges[-1])
    for charge in reversed(charges[:-1]):
        ledger.release(charge, b"answer")

    assert ledger.related("heart", FAMILY, 8) == (b"first", b"second", b"third")
    assert ledger.related("heart", FAMILY, 2) == (b"first", b"second")
    assert ledger.related("lung", FAMILY, 8) == (b"elsewhere",)
    assert ledger.related("heart", b"h" * 32, 8) == ()


def test_a_question_that_was_topped_up_stands_once(ledger: SqliteLedger) -> None:
    first = make_charge(1, family=FAMILY, wording=b"first")
    more = make_charge(
        1, family=FAMILY, wording=b"again", cache_key=first.cache_key, follows=first.query_id
    )
    for charge in (first, more):
        ledger.reserve(charge)
        ledger.release(charge, b"answer")

    assert ledger.related("heart", FAMILY, 8) == (b"again",)


def test_what_follows_is_logged_with_what_was_asked_and_what_it_follows_from(home: Home) -> None:
    ledger = open_ledger(home)
    ports = ports_of(ledger)
    first = answer(make_request("SELECT sex, COUNT(*) FROM patients GROUP BY sex"), ports)
    women = answer(make_request("SELECT COUNT(*) FROM patients WHERE sex = 'F'"), ports)
    ledger.close()

    assert women.repeated
    assert women.receipt is not None
    assert first.receipt is not None
    entry = read_entry(home, women.receipt.index)
    assert entry["kind"] == "query.derive"
    assert entry["ref"] == first.receipt.index
    assert entry["request"] == "SELECT COUNT(*) FROM patients AS t0 WHERE (t0.sex = 'F')"
    report = home.verify(first.receipt.checkpoint, women.receipt.checkpoint)
    assert report.is_sound, report.lines()
    close_engines()


@pytest.mark.sqlite_file
def test_tables_of_the_version_before_are_brought_up(home: Home) -> None:
    home.open().close()
    with sqlite3.connect(home.database) as connection:
        connection.execute("DROP INDEX query_related")
        connection.execute("ALTER TABLE query DROP COLUMN family")
        connection.execute("ALTER TABLE query DROP COLUMN wording")
        connection.execute("DROP TABLE suspension")
        connection.execute("PRAGMA user_version = 1")
    connection.close()

    opened = home.open()

    assert opened.related("heart", FAMILY, 8) == ()
    opened.close()
    assert home.verify().is_sound


def read_entry(home: Home, index: int) -> dict[str, object]:
    ((leaf,),) = home.rows(f"SELECT leaf FROM entry WHERE idx = {index}")
    found: dict[str, object] = json.loads(leaf)
    return found
