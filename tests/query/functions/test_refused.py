from __future__ import annotations

import pytest

from policies.errors import UnsupportedQueryError
from tests.case_files import sql_cases
from tests.query.functions.edge_table import make_edges, parsed

DATASET = make_edges()
REFUSED = [
    (text, case.expected) for case in sql_cases("refused_functions.sql") for text in case.statements
]


def test_all_cases_were_found() -> None:
    assert len(REFUSED) > 130


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_what_is_not_supported_is_refused_with_its_place(text: str, code: str) -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        parsed(text, DATASET)

    error = refusal.value
    assert error.code == code
    assert error.position is not None
    assert error.remedy
    assert "\n" not in str(error)
    assert not str(error).endswith(".")


def test_a_misspelled_function_is_named() -> None:
    with pytest.raises(UnsupportedQueryError, match="did you mean LENGTH"):
        parsed("LENGHT(code)", DATASET)


def test_the_present_is_to_be_written_out() -> None:
    with pytest.raises(UnsupportedQueryError, match="write the date"):
        parsed("CURRENT_DATE - day", DATASET)


def test_a_band_too_wide_for_so_fine_a_number_is_refused() -> None:
    with pytest.raises(UnsupportedQueryError, match="this divisor has too many digits"):
        parsed("age_band(CLAMP(n, 0, 9) + 0.000000000001, 999999999999)", DATASET)


def test_a_text_as_long_as_many_others_is_refused() -> None:
    parsed(f"CONCAT({', '.join(['free'] * 62)})", DATASET)
    with pytest.raises(UnsupportedQueryError, match="as long as 252 others together"):
        parsed(f"CONCAT({', '.join(['free'] * 63)})", DATASET)


def test_of_a_text_whose_beginning_is_taken_only_that_counts() -> None:
    parsed(
        f"CONCAT({', '.join(['LEFT(free, 50)'] * 125 + ['SUBSTRING(free, 3, 9)'] * 125)})", DATASET
    )
    with pytest.raises(UnsupportedQueryError, match="as long as 252 others together"):
        parsed(f"CONCAT({', '.join(['RIGHT(free, 51)'] * 126)})", DATASET)


def test_a_separator_counts_wherever_it_stands() -> None:
    mark = "x" * 1000
    parsed(f"CONCAT_WS('{mark}', {', '.join(['LEFT(free, 9)'] * 12)})", DATASET)
    with pytest.raises(UnsupportedQueryError, match="as long as 253 others together"):
        parsed(f"CONCAT_WS('{mark}', {', '.join(['LEFT(free, 9)'] * 13)})", DATASET)
