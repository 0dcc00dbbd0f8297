"""Short texts that look like what they are not; none of them trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from anonymizers.evaluation import Gold, evaluate, parse_gold
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


def test_traps_catch_little(gold: tuple[Gold, ...]) -> None:
    score = evaluate(gold, SERVICE.detect)

    assert score.entities.recall >= 0.96
    assert score.entities.precision >= 0.88
    assert score.leaking <= 0.2 * score.texts
