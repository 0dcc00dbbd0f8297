from __future__ import annotations

import pytest

from query.answers import Quote
from query.explain import quote_of
from tests.factories import make_dataset
from tests.plans import make_bound
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
LAST_DAYS = "SELECT patient_id, MAX(day) AS last FROM visits GROUP BY patient_id"


def quoted(sql: str, **options: object) -> Quote:
    plan, measurement = make_bound(sql, WARD, **options)  # type: ignore[arg-type]
    return quote_of(plan, measurement, WARD, 0.95)


def test_a_quote_says_what_each_column_is_worth() -> None:
    quote = quoted("SELECT sex, COUNT(*) AS n, AVG(age) AS a FROM patients GROUP BY sex")

    counts, means = quote.aggregates
    assert (counts.column, counts.aggregate) == ("n", "COUNT(*)")
    thirds = 2 + 0.25 ** (1 / 3)  # of the loss: the count, the sum, and the count under the mean
    assert counts.mechanism == f"discrete Laplace, scale {thirds / 0.5:.6g}"
    assert counts.sensitivity == "1 in each of 1 group"
    assert counts.expected_error == 16
    assert means.aggregate == "AVG(…)"
    assert means.expected_error is None
    assert means.sensitivity == "45 in each of 1 group; 1 in each of 1 group"


def test_the_error_of_a_sum_is_in_its_own_unit() -> None:
    (total,) = quoted("SELECT SUM(cost) FROM visits").aggregates

    assert total.expected_error == pytest.approx(18_000, rel=0.01)


def test_an_expression_names_all_its_aggregates_and_no_error() -> None:
    (share,) = quoted("SELECT COUNT(*) FILTER (WHERE urgent) / COUNT(*) FROM visits").aggregates

    assert share.aggregate == "COUNT(*) FILTER, COUNT(*)"
    assert share.expected_error is None


def test_the_plan_is_told_in_words() -> None:
    quote = quoted(
        "SELECT v.class, COUNT(DISTINCT l.patient_id), SUM(l.value), AVG(v.cost) FROM labs l JOIN "
        "visits v ON l.visit_id = v.visit_id GROUP BY 1",
        suppress_below=5,
    )

    assert quote.explanation[:2] == (
        "reads labs, visits; each row belongs to one patient",
        "the join of v also asks for equal units: rows stay in one unit",
    )
    text = "\n".join(quote.explanation)
    assert "at most 2 groups, with the weight of at most 3 rows in each (enforced)" in text
    assert "the rows of each patient are added up first, which takes several times" in text
    assert "number of patients: one patient moves it by at most 1 in each of 2 groups" in text
    assert "sum of differences from 500: one patient moves it by at most 1500" in text
    assert "sum: one patient moves it by at most 150 in each" in text
    assert "number of rows: one patient moves it by at most 3" in text
    assert "every one of 3 cells is measured, empty or not" in text
    assert text.endswith("a row is left out where the noisy count kept for that is below 5")


def test_what_is_proved_is_said() -> None:
    text = " ".join(quoted("SELECT sex, COUNT(*) FROM patients GROUP BY sex").explanation)

    assert "the group keys are facts of the patient, so each is in one group" in text
    assert "each patient has at most one row here, as was proved" in text


def test_rows_that_are_proved_are_counted() -> None:
    ward = make_ward(max_groups=20, max_rows_per_group=20)
    plan, measurement = make_bound("SELECT SUM(days) FROM stays WHERE icu", ward)

    text = " ".join(quote_of(plan, measurement, ward, 0.95).explanation)

    assert "each patient has at most 3 rows here, as was proved" in text
    assert "with the weight of at most 3 rows in each (proved)" in text
    assert "added up first" not in text


def test_a_count_of_units_needs_no_bound_on_rows() -> None:
    text = " ".join(quoted("SELECT COUNT(DISTINCT patient_id) FROM visits").explanation)

    assert "each patient is counted once in a group, whatever the number of rows" in text


@pytest.mark.parametrize(
    ("sql", "left_out"),
    [
        ("SELECT class, COUNT(*) FROM visits GROUP BY class", "1"),
        ("SELECT age, UPPER(sex), COUNT(*) FROM patients GROUP BY ALL", "1"),
        (
            "SELECT sex, LEFT(class, 1), COUNT(*) FROM visits NATURAL JOIN patients GROUP BY ALL",
            "2",
        ),
        (f"SELECT last, COUNT(*) FROM ({LAST_DAYS}) GROUP BY last", "1"),
        ("SELECT sex, COUNT(*) FROM patients GROUP BY sex", ""),
        ("SELECT arm, COUNT(*) FROM enrolled GROUP BY arm", ""),
        ("SELECT NULLIF(class, 'inpatient'), COUNT(*) FROM visits GROUP BY 1", ""),
        ("SELECT class, COUNT(*) FROM visits WHERE class IS NOT NULL GROUP BY class", ""),
    ],
)
def test_rows_that_the_policy_leaves_out_of_groups_are_told(sql: str, left_out: str) -> None:
    found = [one for one in quoted(sql).explanation if "NULL" in one]

    assert len(found) == bool(left_out)
    assert all(f"group key {left_out} is NULL are left out, as the policy" in one for one in found)


def test_gaussian_noise_is_named() -> None:
    dataset = make_dataset(queries={"measure": "zcdp"})
    plan, measurement = make_bound("SELECT COUNT(*) FROM patients", dataset)

    (count,) = quote_of(plan, measurement, dataset, 0.95).aggregates

    assert count.mechanism == "discrete Gaussian, scale 1"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("UNNEST([1, 3, 5]) AS t(cut)", True),
        ("(SELECT cut FROM (VALUES (1), (3), (5)) AS v(cut)) AS t", True),
        ("UNNEST([1, 3]) AS t(cut)", False),
    ],
)
def test_more_written_rows_than_groups_that_count_are_told(source: str, said: bool) -> None:  # noqa: FBT001  a case
    quote = quoted(
        f"SELECT t.cut, COUNT(*) FROM visits v JOIN {source} ON v.cost >= t.cut GROUP BY 1"
    )

    found = [one for one in quote.explanation if "rows that the query writes" in one]
    assert len(found) == said


def test_written_rows_that_are_no_group_key_are_not_told() -> None:
    source = "UNNEST([1, 3, 5]) AS t(cut)"
    quote = quoted(
        f"SELECT class, COUNT(*) FROM visits v JOIN {source} ON v.cost >= t.cut GROUP BY 1"
    )

    assert not any("rows that the query writes" in one for one in quote.explanation)
