"""Questions as clinical researchers write them, over published data: plan, answer, refusal."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import pytest

from policies.errors import RefusalError
from query.answers import Answer, Estimate
from tests.end_to_end.clinical_cases import (
    AnsweredCase,
    RefusedCase,
    answered_cases,
    refused_cases,
)
from tests.end_to_end.clinical_world import ClinicalWorld

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(os.environ.get("GATEWAY_SAMPLE_DATA", ROOT.parent / "shared" / "data"))
DATASETS = {"omop-gibleed": 50, "synthea-network": 50, "diabetes-130us": 10}
"""How many questions there are of each data set at least."""
ERRORS = 6
"""Standard errors of noise that are let pass: two in 10^9 for a normal, two in 10^4 for a Laplace
variable, whose errors here are far below what would change a count."""

ANSWERED = answered_cases()
REFUSED = refused_cases()
Worlds: TypeAlias = Mapping[str, ClinicalWorld]
Cells: TypeAlias = Mapping[tuple[object, ...], list[tuple[object, ...]]]


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Give both data sets, ingested once."""
    if not SAMPLES.is_dir():
        pytest.skip("no sample data; set GATEWAY_SAMPLE_DATA to its folder")
    made = {
        name: ClinicalWorld.ingested(
            ROOT / "policies" / "examples" / name, SAMPLES, tmp_path_factory.mktemp(name)
        )
        for name in DATASETS
    }
    yield made
    for world in made.values():
        world.close()


def test_there_are_enough_questions_of_both_kinds() -> None:
    assert len(ANSWERED) >= 190
    assert len(REFUSED) >= 80
    for name, least in DATASETS.items():
        assert sum(one.dataset == name for one in ANSWERED) >= least


def test_no_question_is_asked_twice() -> None:
    for texts in ([one.sql for one in ANSWERED], [one.sql for one in REFUSED]):
        assert len({" ".join(text.lower().split()) for text in texts}) == len(texts)
    for names in ([one.name for one in ANSWERED], [one.name for one in REFUSED]):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", DATASETS)
def test_the_declarations_fit_the_published_rows(worlds: Worlds, name: str) -> None:
    assert {one.table: dict(one.rejected) for one in worlds[name].report.tables} == {
        table: {} for table in worlds[name].dataset.tables
    }


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.name)
def test_the_question_has_an_exact_answer(worlds: Worlds, case: AnsweredCase) -> None:
    rows = worlds[case.dataset].exact.execute(case.sql).fetchall()

    assert case.asks
    assert rows
    assert any(isinstance(value, int | float | Decimal) for row in rows for value in _flat(row))


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.name)
def test_the_plan_has_the_bounds_that_the_policy_implies(
    worlds: Worlds, case: AnsweredCase
) -> None:
    quote = worlds[case.dataset].quote(case.sql)
    found = {
        "groups": quote.max_groups,
        "rows": quote.max_rows_per_group,
        "cells": quote.cells,
    }

    assert {name: found[name] for name in case.facts} == dict(case.facts)


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.name)
def test_the_answer_without_noise_to_speak_of_is_the_exact_one(
    worlds: Worlds, case: AnsweredCase
) -> None:
    world = worlds[case.dataset]
    exact = world.exact.execute(case.sql)
    counted = [str(column[1]) == "BIGINT" for column in exact.description or ()]
    rows = [_flat(row) for row in exact.fetchall()]
    answer = world.answer_closely(case.sql, case.loose)
    noisy = _noisy_columns(answer)
    cells = _cells(answer, noisy)
    wanted = {tuple(row[at] for at in range(len(row)) if at not in noisy): row for row in rows}

    assert noisy
    assert len(wanted) == len(rows)
    assert set(wanted) <= set(cells)
    if case.exact:
        for key, row in wanted.items():
            assert any(
                all(_is_near(cell[at], row[at], case.tolerance) for at in noisy)
                for cell in cells[key]
            ), (key, row, cells[key])
        for key in set(cells) - set(wanted):
            for at in noisy:
                if at < len(counted) and counted[at]:
                    assert all(_is_near(cell[at], 0, case.tolerance) for cell in cells[key]), key


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_the_question_is_refused_where_it_goes_wrong(worlds: Worlds, case: RefusedCase) -> None:
    with pytest.raises(RefusalError) as raised:
        worlds[case.dataset].answer(case.sql)

    place = str(getattr(raised.value, "position", None))
    assert raised.value.code == case.code
    if case.place:
        assert case.place in {place, place.partition(":")[0]}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_the_nearest_question_is_answered(worlds: Worlds, case: RefusedCase) -> None:
    world = worlds[case.dataset]

    assert world.exact.execute(case.instead).fetchall()
    assert _noisy_columns(world.answer(case.instead))


def _noisy_columns(answer: Answer) -> list[int]:
    return [
        at
        for at in range(len(answer.columns))
        if any(isinstance(row[at], Estimate) for row in answer.rows)
    ]


def _cells(answer: Answer, noisy: list[int]) -> Cells:
    """Return the rows by their keys; a total and the group of NULLs have the same keys."""
    cells: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
    for row in answer.rows:
        key = tuple(_plain(value) for at, value in enumerate(row) if at not in noisy)
        cells.setdefault(key, []).append(row)
    return cells


def _flat(row: tuple[object, ...]) -> tuple[object, ...]:
    """Return one value for each column of the answer, where lists of numbers are written out."""
    values: list[object] = []
    for value in row:
        match value:
            case dict():
                values += value.values()
            case list():
                values += value
            case _:
                values.append(value)
    return tuple(_plain(value) for value in values)


def _plain(value: object) -> object:
    """Return keys as answers have them: dates as ISO texts, whole numbers as integers."""
    match value:
        case datetime() if value == datetime.combine(value.date(), datetime.min.time()):
            return value.date().isoformat()
        case date():
            return value.isoformat()[:10] if type(value) is date else value.isoformat()
        case Decimal() | float() if value == int(value):
            return int(value)
        case Decimal():
            return float(value)
        case str() if value.endswith("T00:00:00"):
            return value.removesuffix("T00:00:00")
        case _:
            return value


def _is_near(noisy: object, exact: object, tolerance: float) -> bool:
    """Compare one number with the exact one; where that is NULL, noise may show anything."""
    if exact is None:
        return True
    if not isinstance(noisy, Estimate) or noisy.value is None:
        return False
    assert isinstance(exact, bool | int | float)
    near = ERRORS * (noisy.standard_error or 0) + tolerance * abs(exact) + tolerance
    return abs(noisy.value - exact) <= near
