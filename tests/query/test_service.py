from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from policies.errors import (
    BudgetExceededError,
    InternalError,
    PolicyDeniedError,
    RefusalError,
    UnsupportedQueryError,
)
from query.answers import Estimate, Request
from query.documents import answer_document
from query.service import Ports, answer, quote
from tests.factories import make_access, make_dataset, make_policies, make_request
from tests.fakes import PassingEngine
from tests.worlds import OTHER_ROWS, World, make_world

COUNT_OF = "SELECT class, COUNT(*) AS n FROM visits"
COUNT = f"{COUNT_OF} GROUP BY class"
REFUSED = [
    make_request("SELECT * FROM visits"),
    make_request("not even SQL"),
    make_request("SELECT COUNT(*) FROM visits WHERE cost > 'x'"),
    make_request("SELECT ssn, COUNT(*) FROM patients GROUP BY ssn"),
    make_request("SELECT free, COUNT(*) FROM visits GROUP BY free"),
    make_request(COUNT, loss="0"),
    make_request(COUNT, loss="2"),
    make_request(COUNT, max_groups=0),
    make_request(COUNT, max_rows_per_group=99),
    make_request(COUNT, confidence=1.0),
    make_request(COUNT, confirm_price=Decimal("0.7")),
    replace(make_request(COUNT), access=make_access(purpose="curiosity")),
    replace(make_request(COUNT), access=make_access(principal="u|eve")),
    replace(make_request(COUNT), access=make_access(dataset="other")),
]


def test_what_is_read_but_nested_too_deep_for_the_rest_is_refused() -> None:
    ctes = ["a0 AS (SELECT patient_id, cost AS x FROM visits)"]
    longer = "x" + "-1" * 60
    ctes += [f"a{n + 1} AS (SELECT patient_id, {longer} AS x FROM a{n})" for n in range(60)]
    request = make_request(f"WITH {', '.join(ctes)} SELECT SUM(CLAMP(x, 0, 1)) FROM a60")

    with pytest.raises(UnsupportedQueryError) as refusal:
        quote(request, make_world().ports)

    assert refusal.value.code == "SQL-TOO-DEEP"


def spent(world: World) -> int:
    return sum(charge.loss.amount for charge in world.ledger.charges)


def test_a_price_is_less_what_was_paid_for_the_same_snapshot_and_needs_none(world: World) -> None:
    paid = answer(make_request(COUNT), world.ports)
    opened = world.ports.datasets["clinic"]
    newer = {"clinic": replace(opened, snapshot="2027-10-31")}

    assert quote(make_request(COUNT), world.ports).loss.amount == 0
    for datasets in (newer, {}):
        whole = quote(make_request(COUNT), replace(world.ports, datasets=datasets))
        assert whole.loss == paid.charged


class TestOrder:
    def test_the_charge_is_durable_before_rows_are_read(self, world: World) -> None:
        answer(make_request(COUNT), world.ports)

        assert world.log == ["reserved", "read", "released"]

    def test_a_quote_charges_nothing_and_reads_nothing(self, world: World) -> None:
        quote(make_request(COUNT), world.ports)

        assert world.log == []

    @pytest.mark.parametrize("request_", REFUSED, ids=lambda one: one.sql)
    def test_a_refusal_is_one_entry_and_costs_nothing(self, request_: Request) -> None:
        world = make_world()

        with pytest.raises(RefusalError):
            answer(request_, world.ports)

        assert world.log == ["denied"]
        assert spent(world) == 0

    def test_a_budget_that_does_not_cover_the_price_is_a_refusal(self) -> None:
        world = make_world()
        for number in range(5):
            sql = f"{COUNT_OF} WHERE cost > {number} GROUP BY class"
            answer(make_request(sql, loss="0.98"), world.ports)

        with pytest.raises(BudgetExceededError):
            answer(make_request(COUNT, loss="0.11"), world.ports)

        assert world.log[-2:] == ["released", "denied"]
        assert spent(world) == 4_900_000

    def test_no_snapshot_is_said_after_the_policy_had_its_say(self, world: World) -> None:
        ports = replace(world.ports, datasets={})

        with pytest.raises(UnsupportedQueryError) as empty:
            answer(make_request(COUNT), ports)
        with pytest.raises(PolicyDeniedError):
            answer(replace(make_request(COUNT), access=make_access(purpose="none")), ports)

        assert empty.value.code == "SYS-NO-SNAPSHOT"
        assert world.log == ["denied", "denied"]


class TestFailure:
    @pytest.mark.parametrize(
        "failure",
        [InternalError("incident"), ValueError("could not convert 'forty'"), MemoryError()],
    )
    def test_a_failing_engine_is_charged_and_tells_nothing(self, failure: Exception) -> None:
        world = make_world(failure=failure)

        with pytest.raises(InternalError) as error:
            answer(make_request(COUNT), world.ports)

        assert world.log == ["reserved", "read", "abandoned"]
        assert spent(world) == 100_000
        assert "forty" not in str(error.value)
        assert error.value.__cause__ is None
        assert error.value.__suppress_context__ or failure is error.value

    def test_a_failing_ledger_does_not_hide_the_first_failure(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fault(_: object) -> None:
            raise InternalError("second")

        world = make_world(failure=InternalError("first"))
        monkeypatch.setattr(world.ledger, "abandon", fault)

        with pytest.raises(InternalError, match="first"):
            answer(make_request(COUNT), world.ports)

    def test_a_killed_request_is_charged(self) -> None:
        world = make_world(failure=KeyboardInterrupt())

        with pytest.raises(KeyboardInterrupt):
            answer(make_request(COUNT), world.ports)

        assert world.log == ["reserved", "read", "abandoned"]

    def test_no_retry_redraws_noise_on_one_charge(self) -> None:
        world = make_world(failure=InternalError("incident"))

        for _ in range(2):
            with pytest.raises(InternalError):
                answer(make_request(COUNT), world.ports)

        assert spent(world) == 200_000


class TestRepeats:
    @pytest.mark.parametrize(
        "sql",
        [
            COUNT,
            "select  v.Class, count(*)\nfrom VISITS as v group by 1",
            "SELECT COUNT(*) AS visits, class FROM visits GROUP BY class",
            f"{COUNT} HAVING COUNT(*) > 3 ORDER BY n DESC LIMIT 1",
            "SELECT class, 100 * COUNT(*) AS percent FROM visits GROUP BY class",
            "SELECT COUNT(*) FROM visits v GROUP BY v.class",
        ],
    )
    def test_the_same_statistics_are_free(self, world: World, sql: str) -> None:
        first = answer(make_request(COUNT), world.ports)

        again = answer(make_request(sql), world.ports)

        assert world.log == ["reserved", "read", "released", "repeated"]
        assert again.repeated
        assert again.charged.amount == 0
        assert again.query_id == first.query_id

    def test_a_repeat_is_identical(self, world: World) -> None:
        first = answer(make_request(COUNT), world.ports)

        again = answer(make_request(COUNT), world.ports)

        assert again.rows == first.rows
        assert again.columns == first.columns

    def test_a_repeat_at_another_confidence_has_the_same_values(self, world: World) -> None:
        first = answer(make_request(COUNT), world.ports)

        again = answer(make_request(COUNT, confidence=0.5), world.ports)

        assert [values_of(row) for row in again.rows] == [values_of(row) for row in first.rows]
        assert again.rows != first.rows

    def test_conditions_in_another_order_are_the_same_question(self, world: World) -> None:
        answer(make_request("SELECT COUNT(*) FROM visits WHERE urgent AND cost > 5"), world.ports)

        again = answer(
            make_request("SELECT COUNT(*) FROM visits WHERE cost > 5.0 AND urgent"), world.ports
        )

        assert again.repeated

    @pytest.mark.parametrize(
        "request_",
        [
            make_request(COUNT, max_groups=1),
            make_request(COUNT, max_rows_per_group=1),
            make_request("SELECT class, COUNT(*) FROM visits WHERE urgent GROUP BY class"),
            make_request("SELECT COUNT(*) FROM visits"),
            make_request("SELECT class, COUNT(*), SUM(cost) FROM visits GROUP BY class"),
        ],
        ids=lambda one: f"{one.sql} {one.loss} {one.max_groups}",
    )
    def test_another_question_is_charged(self, world: World, request_: Request) -> None:
        answer(make_request(COUNT), world.ports)

        other = answer(request_, world.ports)

        assert not other.repeated
        assert len(world.ledger.charges) == 2

    @pytest.mark.parametrize("literals", [("0.1", "0.100000000001"), ("1e16", "10000000000000001")])
    def test_numbers_that_round_to_one_double_are_two_questions(
        self, world: World, literals: tuple[str, str]
    ) -> None:
        answers = [
            answer(make_request(f"SELECT COUNT(*) FROM visits WHERE cost > {one}"), world.ports)
            for one in literals
        ]

        assert not any(one.repeated for one in answers)

    def test_the_same_question_on_a_new_snapshot_is_charged(self, world: World) -> None:
        answer(make_request(COUNT), world.ports)
        newer = replace(world.ports.datasets["clinic"], snapshot="2026-11-30")

        other = answer(make_request(COUNT), replace(world.ports, datasets={"clinic": newer}))

        assert not other.repeated


class TestAnswer:
    def test_every_cell_is_released_with_its_error(self, world: World) -> None:
        given = answer(make_request(COUNT), world.ports)

        assert given.columns == ("class", "n")
        assert [row[0] for row in given.rows] == ["ambulatory", "emergency", "inpatient"]
        for _, cell in given.rows:
            assert isinstance(cell, Estimate)
            assert cell.value is not None
            assert cell.lower is not None
            assert cell.upper is not None
            assert cell.lower < cell.value < cell.upper

    def test_the_price_is_what_was_asked_for(self, world: World) -> None:
        given = answer(make_request(COUNT, loss="0.3", confirm_price=Decimal("0.3")), world.ports)

        assert given.charged.parameter == Decimal("0.3")
        assert given.charged == world.ledger.charges[0].loss == given.quote.loss

    def test_the_receipt_is_that_of_the_release(self, world: World) -> None:
        given = answer(make_request(COUNT), world.ports)

        assert given.receipt is not None
        assert world.log[given.receipt.index] == "released"

    def test_the_stored_bytes_hold_the_answer_and_its_integers(self, world: World) -> None:
        given = answer(make_request(COUNT), world.ports)

        kept = json.loads(next(iter(world.ledger.answers.values())))
        assert kept["answer"]["query_id"] == given.query_id
        assert kept["answer"]["rows"] == answer_document(given)["rows"]
        assert [[int(value) for value in vector] for vector in kept["noisy"]]

    def test_small_cells_are_withheld_by_their_noisy_number_of_units(self) -> None:
        dataset = make_dataset(queries={"suppress_below": 1_000_000})
        world = make_world(make_policies(dataset))

        given = answer(make_request(COUNT), world.ports)

        assert given.rows == ()
        assert given.suppressed == 3


class TestIndependence:
    @pytest.mark.parametrize("request_", [make_request(COUNT), *REFUSED], ids=lambda one: one.sql)
    def test_what_is_said_before_the_charge_does_not_depend_on_rows(
        self, request_: Request
    ) -> None:
        said = [
            before_the_charge(request_, make_world(rows=rows)) for rows in (None, OTHER_ROWS, {})
        ]

        assert said[0] == said[1] == said[2]


class TestTemplates:
    @pytest.mark.parametrize(
        ("sql", "secret"),
        [
            ("SELECT COUNT(*) AS smith_john FROM visits", "smith"),
            ("SELECT COUNT(*) AS n FROM visits AS smith_john", "smith"),
            ("SELECT COUNT(*) FROM visits WHERE free = 'Smith'", "Smith"),
            ("SELECT COUNT(*) FROM visits WHERE class = 'Smith'", "Smith"),
            ("SELECT COUNT(*) FROM visits WHERE class IN ('Smith', 'inpatient')", "Smith"),
            ("SELECT COUNT(*) FROM visits WHERE free LIKE '%Smith%'", "Smith"),
            ("SELECT COUNT(*) FROM visits WHERE cost = 123456789", "123456789"),
            ("SELECT COUNT(*) FROM visits WHERE cost + 123456789 > 3", "123456789"),
            ("SELECT COUNT(*) FROM visits WHERE day = DATE '1961-03-14'", "1961"),
            ("SELECT COUNT(*) FROM visits WHERE day + INTERVAL 12345 DAY > day", "12345"),
            ("SELECT age_band(age, 12345.5), COUNT(*) FROM patients GROUP BY 1", "12345"),
            ("SELECT CASE WHEN urgent THEN 'Smith' ELSE 'x' END, COUNT(*) FROM visits GROUP BY 1",
             "Smith"),
            ("SELECT COUNT(*) FROM visits LIMIT 123456", "123456"),
            ("SELECT COUNT(*) FROM visits OFFSET 123456", "123456"),
            ("SELECT COUNT(*) FROM visits HAVING COUNT(*) > 123456789", "123456789"),
            ("SELECT SUM(CLAMP(cost, 0, 123456.5)) FROM visits", "123456"),
        ],
    )  # fmt: skip
    def test_the_audit_log_holds_no_name_or_number_of_a_person(
        self, world: World, sql: str, secret: str
    ) -> None:
        answer(make_request(sql), world.ports)

        assert secret not in world.ledger.charges[0].template

    def test_a_denial_holds_the_canonical_text(self, world: World) -> None:
        with pytest.raises(PolicyDeniedError):
            answer(make_request("SELECT free = 'Smith' AS Smith, AVG(age) FROM visits "
                                "JOIN patients USING (patient_id) WHERE ssn = 'Smith' "
                                "GROUP BY 1"), world.ports)  # fmt: skip

        written = world.ledger.denials[0].template
        assert written.startswith("SELECT (t0.free = :text), AVG(t1.age) FROM visits AS t0")
        assert "Smith" not in written

    def test_a_denial_of_what_does_not_parse_holds_nothing(self, world: World) -> None:
        with pytest.raises(UnsupportedQueryError):
            answer(make_request("SELECT 'Smith' FROM"), world.ports)

        assert world.ledger.denials[0].template == ""


def values_of(row: tuple[object, ...]) -> list[object]:
    return [one.value if isinstance(one, Estimate) else one for one in row]


def before_the_charge(request_: Request, world: World) -> object:
    try:
        return quote(request_, world.ports)
    except RefusalError as error:
        place = getattr(error, "position", None)
        return (type(error), error.code, str(error), error.remedy, place)


class Confused(PassingEngine):
    """An engine that cannot plan what it is given."""

    def prepare(self, statement: str) -> None:
        del statement
        raise UnsupportedQueryError("cannot", code="SQL-ENGINE", remedy="ask otherwise")


@pytest.mark.parametrize("asked", [answer, quote])
def test_what_the_engine_cannot_plan_is_neither_charged_nor_read(
    asked: Callable[[Request, Ports], object],
) -> None:
    world = make_world()
    opened = world.ports.datasets["clinic"]
    confused = replace(opened, engine=Confused(opened.engine))

    with pytest.raises(UnsupportedQueryError, match="cannot"):
        asked(make_request(COUNT), replace(world.ports, datasets={"clinic": confused}))

    assert "read" not in world.log
    assert world.ledger.charges == []
