"""Short texts that look like what they are not; none of them trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from anonymizers.evaluation import Gold, Score, evaluate, parse_gold
from anonymizers.text import TextDeidentifier
from anonymizers.training.templates import templates

TRAPS = Path(__file__).parents[1] / "cases" / "phi_traps.jsonl"
SERVICE = TextDeidentifier(key=b"k" * 32)


@pytest.fixture(scope="module")
def gold() -> tuple[Gold, ...]:
    with TRAPS.open(encoding="utf-8") as lines:
        return tuple(parse_gold(lines))


def test_there_are_traps_of_all_sorts(gold: tuple[Gold, ...]) -> None:
    sorts = {one.id.rpartition("-")[0] for one in gold}

    assert len(gold) >= 150
    assert sorts == {
        "eponyms", "vitals-and-values", "lower-case-names", "foreign-names", "odd-formats",
    }  # fmt: skip
    assert sum(not one.spans for one in gold) >= 40


def test_no_trap_trains(gold: tuple[Gold, ...]) -> None:
    trained = "\n".join(template.text for template in templates())

    assert not any(one.text in trained for one in gold)


@pytest.fixture(scope="module")
def score(gold: tuple[Gold, ...]) -> Score:
    return evaluate(gold, SERVICE.detect)


def test_few_traps_leak_and_little_is_taken_without_need(score: Score) -> None:
    assert score.leaking <= 0.2 * score.texts
    assert score.entities.precision >= 0.88
    assert score.entities.recall >= 0.96
