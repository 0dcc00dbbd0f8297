from __future__ import annotations

import json
from datetime import timedelta

from gateway.ledger.sqlite import SqliteLedger
from tests.gateway.ledger.worlds import NOON, Home, loss, make_charge, make_plan


def test_the_questions_of_a_project_are_told_the_newest_first(ledger: SqliteLedger) -> None:
    first, second = make_charge(100_000), make_charge(200_000, principal="a/b|c")
    other = make_charge(project="lung")
    for charge in (first, second, other):
        ledger.reserve(charge)
    ledger.release(second, b"42")
    ledger.abandon(first)
    asked = ledger.log.questions("heart", "ann", 100)

    assert [one.query_id for one in asked] == [second.query_id, first.query_id]
    assert [one.released for one in asked] == [True, False]
    assert [one.charged for one in asked] == [loss(200_000), loss(100_000)]
    assert [one.actor for one in asked] == ["a/b|c", "ann"]
    assert {(one.dataset, one.purpose, one.asked) for one in asked} == {
        ("visits", "research", NOON)
    }


def test_an_answer_names_the_entry_of_its_release_and_others_none(ledger: SqliteLedger) -> None:
    released, open_one = make_charge(), make_charge()
    ledger.reserve(released)
    receipt = ledger.release(released, b"42")
    ledger.reserve(open_one)
    open_past, released_past = ledger.log.questions("heart", "ann", 100)

    assert (released_past.released, released_past.entry) == (True, receipt.index)
    assert (open_past.released, open_past.entry) == (False, None)


def test_the_text_is_the_askers_own_where_it_is_kept(ledger: SqliteLedger) -> None:
    kept = make_charge(wording=json.dumps({"sql": "select count(*) from visits"}).encode())
    bare = make_charge(template="SELECT COUNT(*) FROM visits")
    ledger.reserve(kept)
    ledger.reserve(bare)

    assert [one.sql for one in ledger.log.questions("heart", "ann", 100)] == [
        "SELECT COUNT(*) FROM visits",
        "select count(*) from visits",
    ]


def test_what_others_asked_is_told_as_the_log_has_it(ledger: SqliteLedger) -> None:
    asked = json.dumps({"sql": "SELECT COUNT(*) FROM visits WHERE kind = 'Muster, Erika'"})
    template = "SELECT COUNT(*) FROM visits WHERE kind = :text"
    ledger.reserve(make_charge(template=template, wording=asked.encode()))

    (own,) = ledger.log.questions("heart", "ann", 1)
    (others,) = ledger.log.questions("heart", "a/b|c", 1)
    assert "Erika" in own.sql
    assert others.sql == template


def test_no_more_are_told_than_are_wanted(ledger: SqliteLedger) -> None:
    for amount in range(1, 6):
        ledger.reserve(make_charge(amount, time=NOON + timedelta(seconds=amount)))

    assert [one.charged.amount for one in ledger.log.questions("heart", "ann", 2)] == [5, 4]
    assert ledger.log.questions("nothing", "ann", 2) == ()


def test_questions_are_remembered_over_a_restart(home: Home) -> None:
    ledger = home.open()
    ledger.open_pools(make_plan(), actor="steward")
    charge = make_charge()
    ledger.reserve(charge)
    ledger.release(charge, b"42")
    ledger.close()
    again = home.open()

    assert [one.query_id for one in again.log.questions("heart", "ann", 9)] == [charge.query_id]
    again.close()
