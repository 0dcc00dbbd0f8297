"""Questions that follow from stored answers to wider ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import chain

import pytest

from policies.datasets import DatasetPolicy
from query.answers import Accuracy, Answer, Estimate
from query.compile import compile_plan
from query.derivations import derived
from query.plan import Plan
from query.release import Vectors, exact_vectors, released_rows
from query.reuse import MOST_RELATED
from query.service import answer, quote
from tests.case_files import SqlCase, sql_cases
from tests.factories import make_dataset, make_policies, make_request
from tests.fakes import DuckDbMemoryEngine
from tests.plans import make_plan
from tests.sensitivity import KEYED, NARROW, TIGHT, WIDE, Case, plan_of
from tests.wards import make_rows
from tests.worlds import World, make_world

COUNTS = ((25, 9, 3, 1), (0, 2, 1, 0), (4, 12, 0, 1), (2, 0, 2, 1), (1, 1, 3, 0), (9, 5, 2, 1))
CASES = sql_cases("derived.sql")


@pytest.fixture(scope="module")
def engines() -> Iterator[list[DuckDbMemoryEngine]]:
    made = [DuckDbMemoryEngine(WIDE, make_rows(seed, COUNTS[: 4 + seed % 3])) for seed in range(4)]
    yield made
    for one in made:
        one.close()


def exact(plan: Plan, engine: DuckDbMemoryEngine) -> Vectors:
    statements = compile_plan(plan)
    return exact_vectors(plan, statements, [engine.run(one.sql) for one in statements])


def summed(plan: Plan, stored: Vectors) -> Vectors:
    """The vectors of a derived plan, from exact stored ones."""
    how = plan.derivation
    assert how is not None
    return tuple(
        tuple(
            sum(stored[vector][cell * one.entries + entry] for cell in cells)
            for cells in of_statistic
            for entry in range(one.entries)
        )
        for one, vector, of_statistic in zip(plan.statistics, how.vectors, how.cells, strict=True)
    )


def test_all_cases_were_found() -> None:
    assert len(CASES) >= 38


@pytest.mark.parametrize("ward", [TIGHT, NARROW, WIDE], ids=["tight", "narrow", "wide"])
@pytest.mark.parametrize("suppress_below", [0, 5])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.statements[1])
def test_what_follows_is_exactly_what_would_be_measured(
    case: SqlCase,
    suppress_below: int,
    ward: DatasetPolicy,
    engines: list[DuckDbMemoryEngine],
) -> None:
    source, asked = case.statements
    wider = make_plan(source, ward, suppress_below=suppress_below)
    narrower = make_plan(asked, ward, suppress_below=suppress_below)
    found = derived(narrower, wider)

    if ward is WIDE and not suppress_below:
        assert (found is not None) is (case.expected == "follows")
    for engine in engines if found is not None else []:
        assert found is not None
        assert summed(found, exact(wider, engine)) == exact(narrower, engine)


def test_quantiles_are_those_of_trees_that_are_added_up(engines: list[DuckDbMemoryEngine]) -> None:
    wider = make_plan("SELECT sex, MEDIAN(age) FROM patients GROUP BY sex", WIDE, loss="20")
    women = make_plan("SELECT sex, MEDIAN(age) FROM patients WHERE sex = 'F' GROUP BY sex", WIDE)
    both = make_plan("SELECT MEDIAN(age) FROM patients", WIDE, loss="20")
    stored = exact(wider, engines[0])
    rows = released_rows(wider, stored, 0.95).rows
    of_women, of_both = derived(women, wider), derived(both, wider)
    assert of_women is not None
    assert of_both is not None

    found = released_rows(of_women, stored, 0.95).rows
    ((median,),) = released_rows(of_both, stored, 0.95).rows

    assert found == rows[:1]
    ((alone,),) = released_rows(both, exact(both, engines[0]), 0.95).rows
    assert isinstance(median, Estimate)
    assert isinstance(alone, Estimate)
    assert median.value == alone.value
    assert alone.standard_error is not None
    assert median.standard_error == pytest.approx(alone.standard_error * 3**0.5, rel=1e-3)


def test_a_median_of_no_stored_cell_is_null(engines: list[DuckDbMemoryEngine]) -> None:
    wider = make_plan("SELECT sex, MEDIAN(age) FROM patients GROUP BY sex", WIDE, loss="20")
    case = "CASE WHEN sex = 'F' THEN TRUE ELSE FALSE END"
    women = make_plan(f"SELECT sex, MEDIAN(age) FROM patients WHERE {case} GROUP BY sex", WIDE)
    twice = make_plan(f"SELECT sex, 2 * MEDIAN(age) FROM patients WHERE {case} GROUP BY 1", WIDE)
    stored = exact(wider, engines[0])

    for plan in (women, twice):
        found = derived(plan, wider)
        assert found is not None
        _, of_men, _ = released_rows(found, stored, 0.95).rows
        assert of_men[1] == Estimate(value=None, standard_error=None, lower=None, upper=None)


def test_nothing_follows_from_groups_that_were_selected() -> None:
    sql = "SELECT free, COUNT(*) FROM visits GROUP BY free"
    plan = plan_of(Case(dataset=KEYED, rows={}, sql=sql))

    assert plan is not None
    assert derived(plan, plan) is None


@pytest.mark.parametrize(("categories", "follows"), [(("F",), False), (("F", "M"), True)])
def test_what_has_no_place_among_the_groups_does_not_follow(
    categories: tuple[str, ...], *, follows: bool
) -> None:
    """Planning gives a domain that holds all values; a domain without NULL leaves NULL out."""
    wider = make_plan("SELECT sex, COUNT(*) FROM patients GROUP BY sex", WIDE)
    (key,) = wider.question.keys
    domain = replace(key.expression.domain, categories=categories, nullable=False)
    small = replace(key, has_null=False, expression=replace(key.expression, domain=domain))
    asked = replace(wider, question=replace(wider.question, keys=(small,)))

    assert (derived(asked, wider) is not None) is follows


def make_clinic(**queries: object) -> World:
    return make_world(make_policies(make_dataset(queries=queries)))


def ask(world: World, sql: str, loss: str = "0.2", **fields: object) -> Answer:
    return answer(make_request(sql, loss=loss, **fields), world.ports)


def values(given: Answer) -> list[Estimate]:
    return [one for one in chain.from_iterable(given.rows) if isinstance(one, Estimate)]


COUNTED = "SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex"
WOMEN = "SELECT COUNT(*) AS n FROM patients WHERE sex = 'F'"


class TestService:
    def test_a_sub_set_of_the_groups_is_free_and_says_so(self) -> None:
        world = make_clinic()
        first = ask(world, COUNTED)
        price = quote(make_request(WOMEN, loss="0.2"), world.ports)
        women = ask(world, WOMEN)

        assert (women.repeated, women.charged.amount, price.loss.amount) == (True, 0, 0)
        assert price.explanation[-1].startswith(f"computed from answer {first.query_id}, price 0")
        assert price.spent is None
        assert women.query_id == first.query_id
        assert women.rows == ((first.rows[0][1],),)
        assert world.log == ["reserved", "read", "released", "derived"]

    def test_variances_of_added_cells_add_up(self) -> None:
        world = make_clinic(measure="zcdp")
        first = ask(world, COUNTED, "0.2")
        total = ask(world, "SELECT COUNT(*) FROM patients", "0.05")
        (whole,), parts = values(total), values(first)

        assert total.repeated
        assert whole.value == sum(one.value or 0.0 for one in parts)
        assert whole.standard_error == pytest.approx(
            sum((one.standard_error or 0.0) ** 2 for one in parts) ** 0.5
        )
        assert total.quote.aggregates[0].expected_error == pytest.approx(
            (whole.upper or 0.0) - (whole.value or 0.0)
        )

    def test_what_could_be_bought_more_exactly_is_bought(self) -> None:
        world = make_clinic(measure="zcdp")
        ask(world, COUNTED, "0.2")
        total = ask(world, "SELECT COUNT(*) FROM patients", "0.2")

        assert not total.repeated
        assert total.charged.parameter == Decimal("0.2")

    def test_a_wanted_accuracy_that_is_there_costs_nothing(self) -> None:
        world = make_clinic()
        ask(world, COUNTED, "0.2")
        near, far = (
            answer(make_request(WOMEN, accuracy=Accuracy(within=Decimal(within))), world.ports)
            for within in (5, 50)
        )

        assert (near.repeated, far.repeated) == (False, True)

    def test_a_cell_that_a_condition_leaves_out_is_exactly_zero(self) -> None:
        world = make_clinic()
        ask(world, COUNTED)
        given = ask(world, "SELECT sex, COUNT(*) FROM patients WHERE sex = 'F' GROUP BY sex")

        assert given.repeated
        assert [row[1] for row in given.rows[1:]] == [
            Estimate(value=0.0, standard_error=0.0, lower=0.0, upper=0.0)
        ] * (len(given.rows) - 1)

    def test_other_projects_snapshots_and_prices_see_nothing_of_it(self) -> None:
        world = make_clinic()
        ask(world, COUNTED)
        (opened,) = world.ports.datasets.values()
        later = replace(world.ports, datasets={"clinic": replace(opened, snapshot="later")})

        assert not answer(make_request(WOMEN, loss="0.2"), later).repeated

    def test_the_most_exact_answer_is_taken(self) -> None:
        world = make_clinic()
        ask(world, COUNTED, "0.1")
        better = ask(world, "SELECT sex, age, COUNT(*) FROM patients GROUP BY ALL", "0.4")
        one = "SELECT COUNT(*) FROM patients WHERE sex = 'F' AND age = 40"

        assert ask(world, one, "0.1").query_id == better.query_id

    def test_only_the_last_answers_are_looked_at(self) -> None:
        world = make_clinic()
        ask(world, COUNTED, "0.2")
        for age in range(MOST_RELATED):
            ask(world, f"SELECT COUNT(*) FROM patients WHERE age > {age}", "0.01")

        assert not ask(world, WOMEN, "0.01").repeated

    @pytest.mark.parametrize(
        "wording",
        [b"", b"[]", b"{}", json.dumps({"sql": "SELECT 1", "max_groups": None, "max_rows_per_group":
         None, "suppress_below": 0}).encode()],
    )  # fmt: skip
    def test_what_cannot_be_read_again_is_passed_over(self, wording: bytes) -> None:
        world = make_clinic()
        ask(world, COUNTED)
        for known in world.ledger.wordings.values():
            known.update(dict.fromkeys(known, wording))

        assert not ask(world, WOMEN).repeated

    def test_what_is_no_longer_kept_is_passed_over(self) -> None:
        world = make_clinic()
        ask(world, COUNTED)
        world.ledger.answers.clear()

        assert not ask(world, WOMEN).repeated
