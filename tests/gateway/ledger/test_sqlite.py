from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.audit.entries import parse_entry
from gateway.audit.errors import LogError
from gateway.audit.events import IngestDone, QueryDenied, SystemRecovered
from gateway.audit.tlog import leaf_hash, root_hash
from gateway.ledger import storage
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.sqlite import SqliteLedger
from policies.errors import (
    BudgetExceededError,
    DeclarationError,
    PolicyDeniedError,
    RefusalError,
    UnsupportedQueryError,
)
from policies.privacy import Measure
from query.ports import Denial, Ledger
from tests.gateway.ledger.worlds import (
    NOON,
    OTHER_POLICY,
    POLICY,
    SIGNER,
    Home,
    SetClock,
    loss,
    make_charge,
    make_plan,
)


def left(ledger: SqliteLedger, project: str = "heart", who: str = "ann") -> tuple[int, ...]:
    found = ledger.balances(project, "visits", who)
    return tuple(balance.cap.amount - balance.spent.amount for balance in found)


def leaves(home: Home) -> list[bytes]:
    return [leaf for (leaf,) in home.rows("SELECT leaf FROM entry ORDER BY idx")]


def kinds(home: Home) -> list[str]:
    return [parse_entry(leaf).event.kind for leaf in leaves(home)]


def test_is_the_ledger_that_the_query_engine_asks_for(ledger: SqliteLedger) -> None:
    port: Ledger = ledger

    assert port.recall("heart", bytes(32)) is None


def test_a_charge_debits_pool_project_and_researcher_alike(ledger: SqliteLedger) -> None:
    ledger.reserve(make_charge(100_000))

    found = ledger.balances("heart", "visits", "ann")
    assert [(one.scope, one.name, one.spent.amount) for one in found] == [
        ("pool", "clinic", 100_000),
        ("project", "heart", 100_000),
        ("researcher", "ann", 100_000),
    ]
    assert left(ledger, "lung") == (900_000, 600_000, 500_000)
    assert left(ledger, "heart", "a/b|c") == (900_000, 500_000, 500_000)


@pytest.mark.parametrize(
    ("caps", "amount", "code", "words"),
    [
        ((10, 99, 99), 11, "BUD-POOL", "epsilon 0.000011 and the pool has 0.00001 left"),
        ((99, 10, 99), 11, "BUD-PROJECT", "the project has 0.00001 left"),
        ((99, 99, 10), 11, "BUD-RESEARCHER", "the researcher has 0.00001 left"),
        ((10, 9, 8), 11, "BUD-POOL", "the pool has"),
        ((99, 9, 8), 2**60, "BUD-POOL", "the pool has"),
        ((99, 9, 8), 2**70, "BUD-POOL", "the pool has"),
    ],
)
def test_a_charge_over_any_cap_debits_nothing_and_says_whose_it_is(
    home: Home, caps: tuple[int, int, int], amount: int, code: str, words: str
) -> None:
    ledger = home.open()
    ledger.open_pools(make_plan(*caps), actor="steward")
    before = kinds(home)

    with pytest.raises(BudgetExceededError, match=words) as refused:
        ledger.reserve(make_charge(amount))

    assert refused.value.code == code
    assert left(ledger) == caps
    assert kinds(home) == before
    ledger.close()


def test_ten_tenths_fit_into_one_and_an_eleventh_does_not(home: Home) -> None:
    ledger = home.open()
    ledger.open_pools(make_plan(1_000_000, 1_000_000, 1_000_000), actor="steward")
    for _ in range(10):
        ledger.reserve(make_charge(100_000))

    with pytest.raises(BudgetExceededError):
        ledger.reserve(make_charge(1))

    assert left(ledger) == (0, 0, 0)
    ledger.close()


def test_delta_is_charged_and_capped_beside_the_amount(home: Home) -> None:
    ledger = home.open()
    ledger.open_pools(make_plan(delta=10**12), actor="steward")
    ledger.reserve(make_charge(loss=loss(1, 6 * 10**11)))

    with pytest.raises(BudgetExceededError, match=r"delta 0\.0000005 and the pool has 0\.0000004"):
        ledger.reserve(make_charge(loss=loss(1, 5 * 10**11)))

    ledger.reserve(make_charge(loss=loss(1, 4 * 10**11)))
    assert [one.spent.delta for one in ledger.balances("heart", "visits", "ann")] == [10**12] * 3
    assert home.verify().is_sound
    ledger.close()


@pytest.mark.parametrize("wrong", [loss(0), loss(0, 5), loss(5, measure=Measure.ZCDP)])
def test_a_zero_price_and_another_measure_are_faults_of_the_caller(
    ledger: SqliteLedger, wrong: object
) -> None:
    with pytest.raises(LedgerFaultError) as fault:
        ledger.reserve(make_charge(loss=wrong))

    assert "priced" in fault.value.fault
    assert "priced" not in str(fault.value)
    assert left(ledger) == (1_000_000, 600_000, 500_000)


@pytest.mark.parametrize(
    "unknown", [{"principal": "eve"}, {"project": "kidney"}, {"dataset": "labs"}, {"principal": ""}]
)
def test_who_has_no_budget_is_refused(ledger: SqliteLedger, unknown: dict[str, str]) -> None:
    with pytest.raises(BudgetExceededError, match="there is no budget") as refused:
        ledger.reserve(make_charge(1, **unknown))

    assert refused.value.code == "BUD-NONE"


def test_a_query_id_is_charged_once_whatever_became_of_it(ledger: SqliteLedger) -> None:
    charge = make_charge()
    ledger.reserve(charge)

    with pytest.raises(RefusalError) as open_still:
        ledger.reserve(charge)
    ledger.release(charge, b"42")
    with pytest.raises(RefusalError) as closed:
        ledger.reserve(charge)

    assert open_still.value.code == closed.value.code == "BUD-QUERY-REPEATED"
    assert left(ledger)[0] == 900_000


def test_a_charge_under_declarations_not_in_force_is_refused(ledger: SqliteLedger) -> None:
    with pytest.raises(PolicyDeniedError) as refused:
        ledger.reserve(make_charge(policy_digest=OTHER_POLICY))

    assert refused.value.code == "POL-CHANGED"
    assert left(ledger)[0] == 1_000_000


@pytest.mark.parametrize("kind", [{"derived": False}, {"derived": True}])
def test_nothing_stored_is_given_once_other_declarations_are_in_force(
    ledger: SqliteLedger, kind: dict[str, bool]
) -> None:
    charge = make_charge()
    ledger.reserve(charge)
    ledger.release(charge, b"first")

    with pytest.raises(PolicyDeniedError) as refused:
        ledger.repeat(make_charge(cache_key=charge.cache_key, policy_digest=OTHER_POLICY, **kind))

    assert refused.value.code == "POL-CHANGED"


def test_a_released_answer_is_recalled_by_the_same_project_only(ledger: SqliteLedger) -> None:
    charge = make_charge()
    ledger.reserve(charge)
    before = ledger.recall("heart", charge.cache_key)
    ledger.release(charge, b"first")

    assert before is None
    assert ledger.recall("heart", charge.cache_key) == b"first"
    assert ledger.recall("lung", charge.cache_key) is None
    assert ledger.recall("heart", bytes(32)) is None


def test_the_last_answer_is_recalled_once_more_was_added_to_it(
    home: Home, ledger: SqliteLedger
) -> None:
    first = make_charge()
    ledger.reserve(first)
    ledger.release(first, b"first")
    more = make_charge(cache_key=first.cache_key, follows=first.query_id)
    ledger.reserve(more)
    ledger.release(more, b"second")
    ledger.repeat(make_charge(cache_key=first.cache_key, loss=loss(0)))

    assert ledger.recall("heart", first.cache_key) == b"second"
    assert left(ledger)[0] == 800_000
    assert home.verify().is_sound


@pytest.mark.parametrize("follows", [None, "f" * 32])
def test_a_charge_that_follows_another_answer_than_the_last_is_refused_for_nothing(
    ledger: SqliteLedger, follows: str | None
) -> None:
    first = make_charge()
    ledger.reserve(first)
    ledger.release(first, b"first")

    with pytest.raises(RefusalError) as refused:
        ledger.reserve(make_charge(cache_key=first.cache_key, follows=follows))

    assert refused.value.code == "BUD-QUESTION-BUSY"
    assert left(ledger)[0] == 900_000


def test_a_question_that_is_being_answered_is_refused_to_others_for_nothing(
    ledger: SqliteLedger,
) -> None:
    charge = make_charge()
    ledger.reserve(charge)

    with pytest.raises(RefusalError) as refused:
        ledger.reserve(make_charge(cache_key=charge.cache_key))
    ledger.reserve(make_charge(cache_key=charge.cache_key, project="lung"))
    ledger.abandon(charge)
    ledger.reserve(make_charge(cache_key=charge.cache_key))

    assert refused.value.code == "BUD-QUESTION-BUSY"
    assert left(ledger)[0] == 700_000


def test_a_repeat_is_logged_and_costs_nothing(home: Home, ledger: SqliteLedger) -> None:
    charge = make_charge()
    ledger.reserve(charge)
    ledger.release(charge, b"42")
    ledger.repeat(make_charge(cache_key=charge.cache_key, principal="a/b|c", loss=loss(0)))

    with pytest.raises(LedgerFaultError):
        ledger.repeat(make_charge(cache_key=charge.cache_key, project="lung"))

    assert kinds(home)[-1] == "query.repeat"
    assert left(ledger)[0] == 900_000
    assert home.verify().is_sound


def test_what_became_of_a_query_is_told_to_its_project_only(ledger: SqliteLedger) -> None:
    charge, failed = make_charge(), make_charge()
    reserve = ledger.reserve(charge)
    found = ledger.find("heart", charge.query_id)
    release = ledger.release(charge, b"42")
    ledger.reserve(failed)
    ledger.abandon(failed)
    done, dead = ledger.find("heart", charge.query_id), ledger.find("heart", failed.query_id)

    assert found is not None
    assert (found.state, found.answer, found.index) == ("reserved", None, reserve.index)
    assert done is not None
    assert (done.state, done.answer, done.index) == ("released", b"42", release.index)
    assert dead is not None
    assert (dead.state, dead.answer) == ("abandoned", None)
    assert ledger.find("lung", charge.query_id) is None


def test_an_abandoned_query_stays_charged_and_closed(ledger: SqliteLedger) -> None:
    charge = make_charge()
    ledger.reserve(charge)
    ledger.abandon(charge)

    for close in (ledger.abandon, lambda one: ledger.release(one, b"42")):
        with pytest.raises(LedgerFaultError):
            close(charge)

    assert left(ledger)[0] == 900_000
    assert ledger.recall("heart", charge.cache_key) is None


def test_what_was_never_reserved_cannot_be_released(home: Home, ledger: SqliteLedger) -> None:
    before = kinds(home)

    with pytest.raises(LedgerFaultError):
        ledger.release(make_charge(), b"42")

    assert kinds(home) == before


def test_a_receipt_names_the_entry_under_a_signed_head_that_covers_it(
    home: Home, ledger: SqliteLedger
) -> None:
    charge = make_charge()
    receipts = [ledger.reserve(charge), ledger.release(charge, b"42")]

    found = leaves(home)
    for receipt in receipts:
        head = SIGNER.verifier.verify(receipt.checkpoint)
        assert leaf_hash(found[receipt.index]).hex() == receipt.leaf_hash
        assert head.size > receipt.index
        assert head.root == root_hash([leaf_hash(leaf) for leaf in found[: head.size]])
    assert ledger.checkpoint() == receipts[-1].checkpoint == home.head.read_text()


def denial(**changes: str) -> Denial:
    made = Denial(
        time=NOON,
        principal="ann",
        project="heart",
        dataset="visits",
        purpose="research",
        policy_digest=POLICY,
        template="SELECT ssn FROM visits",
        error=PolicyDeniedError(
            "column ssn of Jane Doe", rule="columns", code="POL-COLUMN", at="/spec/tables"
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # each test names its fields


def test_a_refusal_is_logged_by_its_code_without_its_words(
    home: Home, ledger: SqliteLedger
) -> None:
    ledger.deny(denial())

    leaf = leaves(home)[-1]
    event = parse_entry(leaf).event
    assert isinstance(event, QueryDenied)
    assert (event.code, event.rule, event.at) == ("POL-COLUMN", "columns", "/spec/tables")
    assert (event.named_project, event.named_purpose) == ("heart", "research")
    assert b"Jane" not in leaf


def test_what_a_refused_request_made_up_is_not_logged(home: Home, ledger: SqliteLedger) -> None:
    made_up = denial(
        purpose="to find Jane Doe",
        project="Jane Doe",
        dataset="../Jane",
        template="Jane \ud800",
    )
    ledger.deny(replace(made_up, error=UnsupportedQueryError("Jane?", code="SQL-JOIN")))

    leaf = leaves(home)[-1]
    event = parse_entry(leaf).event
    assert isinstance(event, QueryDenied)
    assert (event.named_project, event.named_dataset) == ("(unknown)", "(unknown)")
    assert (event.named_purpose, event.request, event.rule) == ("(unlisted)", "", "")
    assert b"Jane" not in leaf


def test_a_query_too_long_for_an_entry_is_logged_by_its_digest(
    home: Home, ledger: SqliteLedger
) -> None:
    ledger.reserve(make_charge(template="SELECT 'é\n' " * 6000))

    event = parse_entry(leaves(home)[-1]).event
    assert event.kind == "query.reserve"
    assert event.request == ""  # type: ignore[union-attr]  # the line before says which
    assert event.request_digest.startswith("sha256:")  # type: ignore[union-attr]  # the same


def test_an_ingest_is_logged(home: Home, ledger: SqliteLedger) -> None:
    ledger.record(
        IngestDone(
            actor="steward",
            dataset="visits",
            snapshot="2026-10-31",
            policy=POLICY,
            sealed="sha256:" + "0" * 64,
        )
    )

    assert kinds(home)[-1] == "ingest.done"
    assert home.verify().is_sound


def test_the_same_declarations_are_activated_once(home: Home, ledger: SqliteLedger) -> None:
    before = kinds(home)
    ledger.close()
    reopened = home.open()

    assert reopened.open_pools(make_plan(), actor="steward") is None
    assert before == ["system.start", "policy.activate", *["budget.cap"] * 6, "budget.bind"]
    assert kinds(home) == [*before, "system.start"]
    reopened.close()


def test_a_cap_below_what_is_spent_freezes_and_a_higher_one_thaws(
    home: Home, ledger: SqliteLedger
) -> None:
    ledger.reserve(make_charge(400_000))
    ledger.open_pools(make_plan(researcher=300_000, policy=OTHER_POLICY), actor="steward")
    frozen = left(ledger)
    with pytest.raises(BudgetExceededError, match="the researcher has 0 left"):
        ledger.reserve(make_charge(1, policy_digest=OTHER_POLICY))
    ledger.open_pools(make_plan(researcher=450_000), actor="steward")
    ledger.reserve(make_charge(50_000))

    assert frozen == (600_000, 200_000, 0)
    assert left(ledger) == (550_000, 150_000, 0)
    assert home.verify().is_sound


def test_a_scope_that_is_no_longer_declared_can_spend_nothing(
    home: Home, ledger: SqliteLedger
) -> None:
    ledger.reserve(make_charge(100_000))
    plan = make_plan(policy=OTHER_POLICY)
    without = replace(plan, scopes=tuple(one for one in plan.scopes if one.researcher != "ann"))
    ledger.open_pools(without, actor="steward")
    with pytest.raises(BudgetExceededError):
        ledger.reserve(make_charge(1, policy_digest=OTHER_POLICY))
    ledger.open_pools(plan, actor="steward")

    assert left(ledger) == (900_000, 500_000, 400_000)
    assert home.verify().is_sound


def test_a_plan_that_would_give_budget_back_is_refused(home: Home, ledger: SqliteLedger) -> None:
    before = kinds(home)
    plan = make_plan(policy=OTHER_POLICY)
    fresh = tuple(replace(one, pool="fresh") for one in plan.scopes)
    zcdp = tuple(replace(one, cap=loss(10**9, measure=Measure.ZCDP)) for one in plan.scopes)

    with pytest.raises(DeclarationError, match="moved from pool clinic to pool fresh") as moved:
        ledger.open_pools(
            replace(plan, scopes=fresh, pools=(("visits", "fresh"),)), actor="steward"
        )
    with pytest.raises(DeclarationError, match="changed its measure") as changed:
        ledger.open_pools(replace(plan, scopes=zcdp), actor="steward")

    assert (moved.value.code, changed.value.code) == (
        "BUD-RESET-UNJUSTIFIED",
        "BUD-MEASURE-CHANGED",
    )
    assert kinds(home) == before


def test_time_in_the_log_never_steps_back_and_says_by_how_much_the_clock_did(home: Home) -> None:
    clock = SetClock()
    ledger = home.open(clock)
    clock.move(-3600.0005)
    ledger.open_pools(make_plan(), actor="steward")
    clock.move(7200)
    ledger.reserve(make_charge(time=NOON - timedelta(days=1)))

    stamps = [parse_entry(leaf).stamp for leaf in leaves(home)]
    assert stamps[0].time == stamps[1].time == "2026-11-21T12:00:00.000000Z"
    assert (stamps[0].behind_ms, stamps[1].behind_ms, stamps[-1].behind_ms) == (0, 3_600_001, 0)
    assert stamps[-1].time > stamps[0].time
    assert home.verify().is_sound
    ledger.close()


def test_open_reserves_of_an_ended_process_are_abandoned_at_the_next_start(
    home: Home, ledger: SqliteLedger
) -> None:
    charges = [make_charge(), make_charge()]
    for charge in charges:
        ledger.reserve(charge)
    ledger.close()
    reopened = home.open()

    assert kinds(home)[-4:] == ["system.start", *["query.abandon"] * 2, "system.recover"]
    assert parse_entry(leaves(home)[-1]).event == SystemRecovered(abandoned=2)
    assert left(reopened)[0] == 800_000
    with pytest.raises(LedgerFaultError):
        reopened.release(charges[0], b"42")
    assert home.verify().is_sound
    reopened.close()


def test_open_reserves_of_a_running_process_are_left_to_it(
    home: Home, ledger: SqliteLedger
) -> None:
    charge = make_charge()
    ledger.reserve(charge)
    second = home.open()
    second.close()

    assert "query.abandon" not in kinds(home)
    ledger.release(charge, b"42")
    assert home.verify().is_sound


@pytest.mark.sqlite_file
def test_the_files_of_ended_processes_are_cleared_away(home: Home, ledger: SqliteLedger) -> None:
    home.open().close()
    home.open().close()
    third = home.open()

    boots = list(home.folder.glob("ledger.sqlite-boots/*.boot"))
    assert len(boots) == 2
    third.close()
    assert ledger.checkpoint()


def test_a_database_from_a_backup_is_refused(home: Home, ledger: SqliteLedger) -> None:
    backup = home.backup()
    ledger.reserve(make_charge())
    ledger.close()
    home.restore(backup)

    with pytest.raises(LogError) as refused:
        home.open()

    assert refused.value.code == "SYS-LOG-ROLLBACK"
    assert home.backup() == backup


def test_a_database_from_a_backup_that_grew_again_is_refused(
    home: Home, ledger: SqliteLedger
) -> None:
    backup, head = home.backup(), home.head.read_bytes()
    ledger.reserve(make_charge())
    ledger.close()
    signed = home.head.read_bytes()
    home.restore(backup)
    home.head.write_bytes(head)
    other = home.open()
    for _ in range(3):
        other.reserve(make_charge())
    other.close()
    home.head.write_bytes(signed)

    with pytest.raises(LogError) as refused:
        home.open()

    assert refused.value.code == "SYS-LOG-ROLLBACK"


def test_a_ledger_that_is_rolled_back_while_it_runs_answers_nothing_more(
    home: Home, ledger: SqliteLedger
) -> None:
    backup = home.backup()
    ledger.reserve(make_charge())
    ledger.reserve(make_charge())
    home.restore(backup)

    for _ in range(5):
        with pytest.raises(LogError) as refused:
            ledger.reserve(make_charge(1))
        assert refused.value.code == "SYS-LOG-ROLLBACK"
    assert home.backup() == backup  # nothing was charged upon it, and it did not grow


def test_a_changed_entry_is_noticed_at_the_start(home: Home, ledger: SqliteLedger) -> None:
    ledger.close()
    ((leaf,),) = home.rows("SELECT leaf FROM entry WHERE idx = 3")
    with home.tampering() as connection:
        changed = leaf.replace(b"600000", b"999999")
        connection.execute("UPDATE entry SET leaf = ? WHERE idx = 3", (changed,))

    with pytest.raises(LogError) as refused:
        home.open()

    assert refused.value.code == "SYS-LOG-CHANGED"


@pytest.mark.parametrize("spoil", ["remove", "empty", "other key", "older"])
def test_a_last_signed_head_that_cannot_be_used_stops_the_ledger(
    home: Home, ledger: SqliteLedger, spoil: str
) -> None:
    older = home.head.read_bytes()
    ledger.reserve(make_charge())
    match spoil:
        case "remove":
            home.head.unlink()
        case "empty":
            home.head.write_text("")
        case "other key":
            home.head.write_text(home.head.read_text().replace("— test", "— best"))
        case _:
            home.head.write_bytes(older)

    with pytest.raises(LogError) as refused:
        ledger.reserve(make_charge())
    assert refused.value.code == "SYS-LOG-HEAD"
    ledger.close()
    if spoil != "older":  # a process that starts anew has no other head to hold it against
        with pytest.raises(LogError) as refused:
            home.open()
        assert refused.value.code == "SYS-LOG-HEAD"


@pytest.mark.sqlite_file
def test_a_crash_before_anything_was_signed_does_not_lock_the_ledger(home: Home) -> None:
    home.open().close()
    size_signed = home.head.read_text().split("\n")[1]
    home.database.unlink()
    home.head.unlink()
    home.open().close()

    assert size_signed == "1"
    assert home.verify().is_sound


@pytest.mark.parametrize("batch", [1, 5, 9, 10])
def test_a_log_longer_than_a_batch_is_checked_whole(
    home: Home, ledger: SqliteLedger, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "_BATCH", batch)
    ledger.reserve(make_charge())
    ledger.close()
    home.open().close()

    report = home.verify()
    assert report.is_sound, report.lines()
    assert report.signed_size == report.size


@pytest.mark.sqlite_file
def test_the_ledger_is_for_its_owner_only(home: Home, ledger: SqliteLedger) -> None:
    ledger.reserve(make_charge())

    assert home.database.stat().st_mode & 0o777 == 0o600
    assert (home.folder / "ledger.sqlite-boots").stat().st_mode & 0o777 == 0o700


@pytest.mark.sqlite_file
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET leaf = x'00' WHERE idx = 0",
        "DELETE FROM entry WHERE idx = 0",
        "INSERT INTO entry VALUES (99, x'00', zeroblob(32))",
        "REPLACE INTO entry VALUES (0, x'00', zeroblob(32))",
        "UPDATE charge SET amount = 1",
        "DELETE FROM charge",
        "UPDATE scope SET spent = 0",
        "UPDATE scope SET spent_delta = -1",
        "UPDATE scope SET spent = cap + 1",
        "DELETE FROM scope",
        "UPDATE query SET answer = x'00'",
        "DELETE FROM query",
    ],
)
def test_the_tables_stop_accidents(home: Home, ledger: SqliteLedger, statement: str) -> None:
    charge = make_charge()
    ledger.reserve(charge)
    ledger.release(charge, b"42")
    connection = sqlite3.connect(home.database)

    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)

    connection.close()
    assert home.verify().is_sound


@pytest.mark.sqlite_file
def test_a_commit_is_as_durable_as_sqlite_makes_it(ledger: SqliteLedger) -> None:
    with ledger._file.reading() as connection:
        found = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "mmap_size")
        }

    assert found == {
        "journal_mode": "truncate",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "mmap_size": 0,
    }


@pytest.mark.sqlite_file
def test_tables_of_another_version_are_refused(home: Home, ledger: SqliteLedger) -> None:
    ledger.close()
    with sqlite3.connect(home.database) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()

    with pytest.raises(LogError) as refused:
        home.open()

    assert refused.value.code == "SYS-LEDGER-VERSION"


@pytest.mark.sqlite_file
def test_a_ledger_from_before_salts_is_closed_to_the_software_of_then(
    home: Home, ledger: SqliteLedger
) -> None:
    ledger.close()
    with sqlite3.connect(home.database) as connection:
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    home.open().close()
    with sqlite3.connect(home.database) as connection:
        ((version,),) = connection.execute("PRAGMA user_version")
    connection.close()

    assert version == 4


@pytest.mark.sqlite_file
def test_a_failing_disk_or_database_is_told_without_its_words(home: Home) -> None:
    home.database.write_bytes(b"not a database, whatever it is called" * 100)
    with pytest.raises(LedgerFaultError) as no_database:
        home.open()
    with pytest.raises(LedgerFaultError) as no_folder:
        SqliteLedger.open(home.folder / "a" / "b", checkpoint=home.head, signer=SIGNER)

    assert no_database.value.fault == "the database failed: SQLITE_NOTADB"
    assert no_folder.value.fault == "a file failed: No such file or directory"


def test_a_closed_ledger_does_nothing_more(ledger: SqliteLedger) -> None:
    ledger.close()
    ledger.close()

    with pytest.raises(LedgerFaultError):
        ledger.reserve(make_charge())


def test_a_ledger_is_not_used_across_a_fork(
    ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getpid", lambda: -1)

    with pytest.raises(LedgerFaultError) as fault:
        ledger.reserve(make_charge())

    assert "fork" in fault.value.fault
