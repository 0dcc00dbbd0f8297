"""T7: a group key that only the victim has shows that she is there.

Attack: group by an identifier, by a nearly unique number, or by a value that one patient has; the
list of groups is then an exact release. Found in SmartNoise SQL with ``censor_dims`` off.

Pass: the groups of an answer are those of the declared domains, with the victim and without, zeros
with noise included; keys without a public domain are refused from the text. Exact, so there are no
false alarms.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from policies.errors import RefusalError
from query.answers import Estimate
from tests.attacks.hospital import Estate, Site, units_of, with_victim
from tests.attacks.observations import seen, values
from tests.fakes import StoredRows

REFUSED = [
    "SELECT patient_id, COUNT(*) FROM visits GROUP BY patient_id",
    "SELECT visit_id, COUNT(*) FROM visits GROUP BY visit_id",
    "SELECT lab_id, SUM(value) FROM labs GROUP BY 1",
    "SELECT relative_id, COUNT(*) FROM labs GROUP BY 1",
    "SELECT __salt, COUNT(*) FROM visits GROUP BY 1",
    "SELECT __rank, COUNT(*) FROM visits GROUP BY 1",
    "SELECT rowid, COUNT(*) FROM visits GROUP BY 1",
    "SELECT free, COUNT(*) FROM visits GROUP BY free",
    "SELECT LOWER(free), COUNT(*) FROM visits GROUP BY 1",
    "SELECT COALESCE(free, 'x'), COUNT(*) FROM visits GROUP BY 1",
    "SELECT raw, COUNT(*) FROM labs GROUP BY raw",
    "SELECT raw + 0, COUNT(*) FROM labs GROUP BY 1",
    "SELECT code, COUNT(*) FROM labs GROUP BY code",
    "SELECT noted, COUNT(*) FROM labs GROUP BY noted",
    "SELECT YEAR(noted), COUNT(*) FROM labs GROUP BY 1",
    "SELECT cost, COUNT(*) FROM visits GROUP BY cost",
    "SELECT cost / 3, COUNT(*) FROM visits GROUP BY 1",
    "SELECT value, COUNT(*) FROM labs GROUP BY value",
    "SELECT at, COUNT(*) FROM labs GROUP BY at",
    "SELECT c.code, COUNT(*) FROM labs l JOIN codes c ON l.code = c.code GROUP BY 1",
    "SELECT DISTINCT free FROM visits",
    (
        "SELECT f, COUNT(*) FROM (SELECT patient_id, MAX(free) AS f FROM visits GROUP BY 1) "
        "GROUP BY f"
    ),
    (
        "SELECT t, COUNT(*) FROM (SELECT patient_id, SUM(cost) AS t FROM visits GROUP BY 1) "
        "GROUP BY t"
    ),
    (
        "WITH w AS (SELECT patient_id, COUNT(*) AS n FROM visits GROUP BY 1) SELECT n, "
        "COUNT(*) FROM w GROUP BY n"
    ),
    (
        "SELECT last, COUNT(*) FROM (SELECT patient_id, ARG_MAX(free, day) AS last FROM visits "
        "GROUP BY patient_id) GROUP BY last"
    ),
    (
        "SELECT f, COUNT(*) FROM (SELECT patient_id, free AS f FROM visits UNION ALL SELECT "
        "patient_id, code FROM labs) GROUP BY f"
    ),
    (
        "SELECT before, COUNT(*) FROM (SELECT patient_id, LAG(free) OVER (PARTITION BY "
        "patient_id ORDER BY day) AS before FROM visits) GROUP BY before"
    ),
    "SELECT free, urgent, COUNT(*) FROM visits GROUP BY CUBE (free, urgent)",
    "SELECT free FROM (SELECT free, COUNT(*) AS n FROM visits GROUP BY free) WHERE n > 0",
    "SELECT COUNT(*) OVER (PARTITION BY free) FROM visits",
    "SELECT MIN(free), MAX(raw) FROM visits JOIN labs USING (patient_id)",
    "SELECT COUNT(*) FROM visits GROUP BY ALL ORDER BY free",
    "SELECT HISTOGRAM(free) FROM visits",
    "SELECT MODE(free) FROM visits",
    "SELECT ANY_VALUE(free) FROM visits",
    "SELECT FIRST(free), LAST(free), ARG_MAX(free, cost) FROM visits",
    "SELECT LIST(DISTINCT free) FROM visits",
]
RELEASED = [
    "SELECT class, COUNT(*) FROM visits GROUP BY class",
    "SELECT day, COUNT(*), SUM(cost) FROM visits GROUP BY day",
    "SELECT DATE_TRUNC('month', day), urgent, AVG(cost) FROM visits GROUP BY 1, 2",
    "SELECT age, COUNT(*) FROM patients GROUP BY age",
    "SELECT age_band(age, 10), sex, COUNT(*) FROM patients GROUP BY 1, 2",
    "SELECT DATE_TRUNC('day', at), COUNT(*) FROM labs GROUP BY 1",
    "SELECT arm, COUNT(*) FROM enrolled GROUP BY arm",
    "SELECT icu, days, COUNT(*) FROM stays GROUP BY 1, 2",
    "SELECT c.part, c.weight, COUNT(*) FROM labs l JOIN codes c ON l.code = c.code GROUP BY 1, 2",
    (
        "SELECT LEAST(n, 20), COUNT(*) FROM (SELECT patient_id, COUNT(*) AS n FROM visits "
        "GROUP BY 1) GROUP BY 1"
    ),
    (
        "SELECT x.f, COUNT(*) FROM visits v JOIN (VALUES ('x_1'), ('never')) AS x(f) ON v.free "
        "= x.f GROUP BY x.f"
    ),
    "SELECT class, urgent, COUNT(*), GROUPING(urgent) FROM visits GROUP BY ROLLUP (class, urgent)",
    (
        "SELECT last, COUNT(*) FROM (SELECT patient_id, ARG_MAX(class, cost) AS last FROM "
        "visits GROUP BY patient_id) GROUP BY last"
    ),
    (
        "SELECT kind, COUNT(*) FROM (SELECT patient_id, 'visit' AS kind FROM visits UNION ALL "
        "SELECT patient_id, 'lab' FROM labs) GROUP BY kind"
    ),
    (
        "SELECT class, MEDIAN(FLOOR(cost / 50)), COUNT(DISTINCT free), HISTOGRAM(cost, [10, "
        "500]) FROM visits GROUP BY class"
    ),
    "SELECT free = 'only the victim', COUNT(*) FROM visits GROUP BY 1",
    "SELECT CASE WHEN raw > 5 THEN 'yes' ELSE 'no' END, COUNT(*) FROM labs GROUP BY 1",
]


def unusual() -> StoredRows:
    """The victim alone has these values, some of them outside what is declared."""
    rows = with_victim((60, 8, 3, 1))
    victim = units_of(rows) - 1
    for row in rows["visits"]:
        assert isinstance(row, dict)
        if row["patient_id"] == victim:
            row |= {"free": "only the victim", "day": date(2031, 3, 3), "cost": 7_654_321}
        elif row["class"] == "inpatient":
            row["class"] = "emergency"
    for row in (*rows["labs"], *rows["stays"], *rows["patients"]):
        assert isinstance(row, dict)
        if row["patient_id"] == victim:
            row |= {"raw": 424_242, "at": datetime(2031, 1, 1), "days": 777, "age": 119}  # noqa: DTZ001  the store is in UTC
    return rows


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    built = Estate(tmp_path_factory.mktemp("keys"))
    yield built.neighbors(unusual())
    built.close()


@pytest.mark.parametrize("sql", REFUSED)
def test_a_key_without_a_public_domain_is_refused_or_is_a_release(
    sites: tuple[Site, Site], sql: str
) -> None:
    shown = [seen(site.refilled(), sql) for site in sites]

    assert shown[0] == shown[1]
    with pytest.raises(RefusalError):
        sites[0].refilled().answer(sql)


@pytest.mark.parametrize("sql", RELEASED)
def test_the_groups_are_those_of_the_declaration(sites: tuple[Site, Site], sql: str) -> None:
    shown = [seen(site.refilled(), sql) for site in sites]

    assert shown[0] == shown[1]
    assert isinstance(shown[0], dict)
    assert "rows" in shown[0]
    for telling in ("2031", "777", "119", "424242", "7654321"):
        assert telling not in str(shown[0]["rows"])


def test_a_group_that_nobody_is_in_has_noise_like_any_other(sites: tuple[Site, Site]) -> None:
    """False alarm: 60 draws of scale 12 of which none is below 0 have a chance below 1e-16."""
    for site in sites:
        drawn = [values(site.refilled().answer(RELEASED[0]), 1)[2] for _ in range(60)]

        assert len(set(drawn)) > 10
        assert any(value is not None and value < 0 for value in drawn)


def test_groups_are_in_the_order_of_their_domain_not_of_the_store(
    sites: tuple[Site, Site],
) -> None:
    orders = set()
    for site in sites:
        for _ in range(20):
            given = site.refilled().answer(RELEASED[0])
            orders.add(tuple(key for key, _ in given.rows))
            assert all(isinstance(cell, Estimate) for _, cell in given.rows)

    assert orders == {("ambulatory", "emergency", "inpatient")}
