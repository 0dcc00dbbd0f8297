from __future__ import annotations

import pytest

from gateway.demo.hospital import reference
from gateway.demo.hospital.lists import records

CODES = {row["code"] for row in records("conditions")}
MEASURES = {row["code"] for row in records("measures")}
PANELS = {row["panel"] for row in records("measures")}


def test_all_tables_speak_of_the_same_codes() -> None:
    assert {row["for_code"] for row in records("drugs")} <= CODES
    assert {row["condition"] for row in records("effects")} <= CODES
    assert {row["measure"] for row in records("effects")} <= MEASURES
    assert {row["condition"] for row in records("panels")} <= CODES | {""}
    assert {row["panel"] for row in records("panels")} == PANELS


def test_a_condition_comes_before_what_it_makes_likely() -> None:
    order = [found.code for found in reference.chronic_conditions()]

    assert len(records("comorbidity")) > 20
    for row in records("comorbidity"):
        assert order.index(row["if_code"]) < order.index(row["then_code"])


def test_one_code_has_one_description() -> None:
    drugs = {(row["code"], row["description"]) for row in records("drugs")}

    assert len({code for code, _ in drugs}) == len(drugs)
    assert len({name for _, name in drugs}) == len(drugs)
    assert len({row["description"] for row in records("conditions")}) == len(CODES)


@pytest.mark.parametrize(
    ("age", "share"),
    [(17, 0.0), (18, 0.008), (20, 0.008), (30, 0.034), (40, 0.06), (90, 0.2199)],
)
def test_shares_change_along_straight_lines(age: float, share: float) -> None:
    assert reference.condition("E11.9").share(age, "F") == pytest.approx(share, abs=1e-4)


def test_shares_are_zero_for_the_other_sex() -> None:
    assert reference.condition("C61").share(70, "M") > 0
    assert reference.condition("C61").share(70, "F") == 0


@pytest.mark.parametrize("sex", ["F", "M", "any"])
@pytest.mark.parametrize("decade", range(11))
def test_there_is_something_acute_at_every_age(decade: int, sex: str) -> None:
    assert reference.acute_table(decade, sex).rising[-1] > 0


def test_measures_lie_inside_what_is_recorded() -> None:
    for panel in PANELS:
        for measure in reference.measures_of_panel(panel):
            assert measure.low < measure.mean < measure.high
            assert measure.within > 0
