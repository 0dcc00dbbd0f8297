"""T7, where the steward allows keys without a public domain: a victim's own key.

Attack: group by a text that the victim alone has, and see whether it appears; see it in the order
of the rows, in the price, in the quote, in a failure, or in the NULL group.

Pass: the key appears no more often than the delta that was charged says; without the victim it
never does; everything else that is seen is the same with her and without. False alarm of the count:
1e-5 (Clopper and Pearson). 200 asks by default, 20,000 with GATEWAY_FULL_ATTACKS=1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from policies.privacy import DELTA_UNITS, Measure
from query.answers import Answer
from tests.attacks.hospital import Estate, Site, make_hospital, sized, units_of, without
from tests.attacks.observations import seen
from tests.attacks.rates import rate_above, rate_below
from tests.attacks.test_t07_group_keys import unusual
from tests.fakes import StoredRows
from tests.keyed import allow_keys, make_keyed_rows

ASKS = sized(200, 20_000)
MISS = 1e-5
COUNT = "SELECT free, COUNT(DISTINCT patient_id) AS n FROM visits GROUP BY free"
DELTA = "0.2"
KEYS = [
    "free",
    "raw * 999999999999999999 * 999",
    "raw * raw * raw",
    "TRY_CAST(free AS INTEGER) + raw",
    "ROUND(raw / (raw - 7), 3)",
    "noted + INTERVAL (raw) DAY",
    "MAKE_DATE(raw, 1, 1)",
    "STRFTIME(noted, '%Y')",
]


def alone(counts: Mapping[str | None, int]) -> StoredRows:
    """The victim, who is the last patient with a visit, alone has a text."""
    return make_keyed_rows({**counts, "only the victim": 1}, units=sum(counts.values()) + 1)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    built = Estate(tmp_path_factory.mktemp("private-keys"))
    yield built
    built.close()


def neighbors(
    estate: Estate, rows: StoredRows, measure: Measure = Measure.PURE, **options: str
) -> tuple[Site, Site]:
    dataset = allow_keys(make_hospital(), measure, **options)  # type: ignore[arg-type]  # texts
    return estate.neighbors(rows, dataset=dataset, budget="100")


def keys_of(given: Answer) -> list[object]:
    return [row[0] for row in given.rows]


@pytest.mark.parametrize("measure", list(Measure))
def test_her_key_appears_no_more_often_than_delta_says(estate: Estate, measure: Measure) -> None:
    rows = alone({"often": 120})
    with_her, without_her = neighbors(estate, rows, measure, per_query=DELTA, kept="0.3")
    asked = [with_her.refilled().answer(COUNT) for _ in range(ASKS)]

    hits = sum("only the victim" in keys_of(given) for given in asked)
    delta = asked[0].charged.delta / DELTA_UNITS
    assert rate_above(hits, ASKS, MISS) <= delta
    if measure is Measure.PURE:  # of her two groups only one is taken: the charge is for both
        assert rate_below(hits, ASKS, MISS) >= delta / 2
    for _ in range(ASKS // 4):
        assert "only the victim" not in keys_of(without_her.refilled().answer(COUNT))


@pytest.mark.parametrize("measure", list(Measure))
def test_all_else_is_the_same_with_her_and_without(estate: Estate, measure: Measure) -> None:
    shown = []
    for site in neighbors(estate, alone({"often": 120, "a": 80}), measure):
        found = seen(site.refilled(), COUNT, loss="2")
        assert isinstance(found, dict)
        shown.append({name: one for name, one in found.items() if name != "rows"})
        assert [row[0] for row in found["rows"]] == ["a", "often"]

    assert shown[0] == shown[1]


def test_rows_are_in_the_order_of_their_keys_not_of_their_counts(estate: Estate) -> None:
    """False alarm: a key of 70 falls below a threshold of 20 with a chance below 1e-20."""
    orders = set()
    databases: list[dict[str | None, int]] = [
        {"b": 70, "a": 90, "c": 80},
        {"a": 70, "c": 90, "b": 80},
    ]
    for counts in databases:
        for site in neighbors(estate, alone(counts)):
            orders |= {tuple(keys_of(site.refilled().answer(COUNT, "2"))) for _ in range(5)}

    assert orders == {("a", "b", "c")}


def test_null_is_no_group_unless_the_policy_keeps_it(estate: Estate) -> None:
    with_her, without_her = neighbors(estate, alone({"often": 120, None: 90}))

    assert keys_of(with_her.refilled().answer(COUNT, "2")) == ["often"]
    assert keys_of(without_her.refilled().answer(COUNT, "2")) == ["often"]


@pytest.mark.parametrize("key", KEYS)
def test_no_key_of_hers_makes_a_question_fail(estate: Estate, key: str) -> None:
    """False alarm: a key of at most two of seven patients appears with a chance below 2e-4."""
    sql = f"SELECT {key} AS k, COUNT(*) FROM labs JOIN visits USING (patient_id) GROUP BY k"
    shown = [seen(site.refilled(), sql) for site in neighbors(estate, unusual())]

    assert shown[0] == shown[1]
    assert isinstance(shown[0], dict)
    assert "rows" in shown[0]


def test_the_number_of_statements_and_their_text_do_not_depend_on_keys(estate: Estate) -> None:
    ran = []
    for site in neighbors(estate, alone({"often": 120})):
        site.engine.statements.clear()
        site.refilled().answer("SELECT free, MEDIAN(cost) FROM visits GROUP BY free", "2")
        ran.append(list(site.engine.statements))

    assert ran[0] == ran[1]


def test_the_victim_is_the_last_of_the_database() -> None:
    rows = alone({"often": 3})
    hers = rows["visits"][-1]

    assert hers["free"] == "only the victim"
    assert hers["patient_id"] == units_of(rows) - 1
    assert isinstance(hers["day"], date)
    assert len(without(rows, units_of(rows) - 1)["visits"]) == 3
