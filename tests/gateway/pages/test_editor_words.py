"""What the editor completes is what the planner takes, or the page on SQL explains."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.pages.researcher.words import FUNCTIONS, KEYWORDS, editor_words
from policies.datasets import DatasetPolicy
from policies.load import load_policies
from query.bound import Asked, bound, price_asked, with_keys_delta
from query.compile import compile_plan
from query.parse import parse

ROOT = Path(__file__).resolve().parents[3]
PLAIN = (
    "SELECT sex, COUNT(*) AS n FROM patients INNER JOIN encounters USING (patient_id)"
    " GROUP BY sex ORDER BY n ASC"
)
"""Has the words that need no explaining."""
ROWS = {
    **dict.fromkeys(["round", "floor", "ceil", "abs"], "{0}(length_of_stay_days) > 0"),
    **dict.fromkeys(["year", "month", "day"], "{0}(started_at) > 0"),
    **dict.fromkeys(["lower", "upper"], "{0}(department) = 'x'"),
    **dict.fromkeys(["left", "right"], "{0}(department, 2) = 'x'"),
    **dict.fromkeys(["starts_with", "contains"], "{0}(department, 'x')"),
    **dict.fromkeys(["greatest", "least"], "{0}(length_of_stay_days, 1) > 0"),
    "clamp": "clamp(length_of_stay_days, 0, 5) > 0",
    "date_trunc": "date_trunc('month', started_at) > DATE '2024-01-01'",
    "date_part": "date_part('year', started_at) > 2024",
    "date_diff": "date_diff('day', started_at, DATE '2024-01-01') > 3",
    "coalesce": "coalesce(department, 'x') = 'x'",
    "nullif": "nullif(department, 'x') = 'y'",
    "length": "length(department) > 3",
    "substring": "substring(department, 1, 2) = 'x'",
    "replace": "replace(department, 'a', 'b') = 'x'",
}
AGGREGATES = {
    **dict.fromkeys(
        ["sum", "avg", "min", "max", "median", "stddev_samp", "var_samp"],
        "{0}(clamp(length_of_stay_days, 0, 30))",
    ),
    **dict.fromkeys(
        ["corr", "covar_samp"], "{0}(clamp(length_of_stay_days, 0, 30), clamp(total_cost, 0, 100))"
    ),
    "count": "count(*)",
    "quantile_cont": "quantile_cont(clamp(length_of_stay_days, 0, 30), 0.9)",
}
WINDOWS = {
    **dict.fromkeys(["rank", "row_number"], "{0}()"),
    **dict.fromkeys(["lag", "lead"], "{0}(length_of_stay_days)"),
}


@pytest.fixture(scope="module")
def hospital() -> DatasetPolicy:
    return load_policies(ROOT / "policies" / "examples" / "demo").datasets["demo-hospital"]


def question(name: str) -> str:
    if name in ROWS:
        return f"SELECT COUNT(*) AS n FROM encounters WHERE {ROWS[name].format(name)}"
    if name in AGGREGATES:
        return f"SELECT {AGGREGATES[name].format(name)} AS x FROM encounters"
    if name in WINDOWS:
        window = f"{WINDOWS[name].format(name)} OVER (PARTITION BY patient_id ORDER BY started_at)"
        return (
            f"SELECT COUNT(*) AS n FROM (SELECT patient_id, {window} AS x FROM encounters) AS w"
            " WHERE x > 1"
        )
    assert name == "age_band", f"say how {name} is tried"
    return "SELECT age_band(age, 20) AS band, COUNT(*) AS n FROM patients GROUP BY band"


@pytest.mark.parametrize("name", FUNCTIONS.split())
def test_a_function_that_is_completed_is_answered(name: str, hospital: DatasetPolicy) -> None:
    asked = parse(question(name), hospital)
    price = with_keys_delta(price_asked(hospital, None), asked, hospital, None)
    plan, _ = bound(asked, hospital, (), price, Asked())

    assert compile_plan(plan)


@pytest.mark.parametrize("word", KEYWORDS.split())
def test_a_word_that_is_completed_is_on_the_page_or_plain(word: str) -> None:
    page = (ROOT / "docs" / "sql.md").read_text("utf-8") + PLAIN

    assert word in re.findall(r"\w+", page.lower())


def test_the_plain_words_are_answered(hospital: DatasetPolicy) -> None:
    assert parse(PLAIN, hospital)


def test_nothing_is_completed_twice() -> None:
    for words in (FUNCTIONS.split(), KEYWORDS.split()):
        assert len(words) == len(set(words))


def test_tables_and_columns_are_those_of_the_catalog() -> None:
    tables = [{"name": "patients", "columns": [{"name": "sex"}, {"name": "age"}]}]
    words = editor_words({"datasets": [{"tables": tables}, {"tables": []}]})

    assert words["tables"] == {"patients": ["sex", "age"]}
