from __future__ import annotations

import json

import pytest

from anonymizers.evaluation import Gold, Tally, evaluate, parse_gold
from anonymizers.spans import Label
from policies.errors import SourceError
from tests.anonymizers.marked import span

TEXT = "Okafor saw Dr. Ann Li on 3/14"
LINE = json.dumps(
    {
        "id": 7,
        "text": TEXT,
        "spans": [
            {"start": 0, "end": 6, "label": "NAME"},
            {"start": 15, "end": 21, "label": "NAME"},
            {"start": 25, "end": 29, "label": "DATE"},
        ],
    }
)


def test_reads_gold_lines_and_passes_over_empty_ones() -> None:
    (gold,) = parse_gold([LINE, "", "  \n"])

    assert (gold.id, gold.text) == ("7", TEXT)
    assert [one.of(TEXT) for one in gold.spans] == ["Okafor", "Ann Li", "3/14"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "{}",
        LINE.replace("DATE", "DAY"),
        LINE.replace('"end": 6', '"end": 0'),
        LINE.replace('"end": 6', '"end": null'),
        LINE.replace('"end": 6', '"end": 6.0'),
        LINE.replace('"end": 6', '"end": "6"'),
        LINE.replace('"start": 0', '"start": false'),
        LINE.replace('"id": 7', '"id": null'),
        LINE.replace('"id": 7', '"id": true'),
        LINE.replace('"text": "Okafor saw', '"text": 5, "said": "Okafor saw'),
    ],
)
def test_a_wrong_line_is_named_by_its_number_without_its_text(line: str) -> None:
    with pytest.raises(SourceError) as caught:
        list(parse_gold([LINE, line]))

    assert caught.value.line == 2
    assert caught.value.code == "SRC-GOLD"
    assert "Okafor" not in str(caught.value)


def test_counts_characters_entities_leaks_and_excess() -> None:
    clean = Gold(id="clean", text="nothing here", spans=())
    found = [span(0, 6), span(15, 18), span(7, 10, Label.ID)]

    score = evaluate([*parse_gold([LINE]), clean], lambda text: found if text == TEXT else [])

    assert score.characters == Tally(gold=6 + 5 + 3, found=6 + 3, predicted=6 + 3 + 3, right=9)
    assert score.entities == Tally(gold=3, found=1, predicted=3, right=2)
    assert score.by_label[Label.NAME][1] == Tally(gold=2, found=1, predicted=2, right=2)
    assert score.by_label[Label.ID][1] == Tally(predicted=1)
    assert score.by_label[Label.DATE][0] == Tally(gold=3)
    assert (score.texts, score.leaking, score.clean, score.touched) == (2, 1, 1, 0)
    assert score.entities.recall == pytest.approx(1 / 3)
    assert score.entities.precision == pytest.approx(2 / 3)


def test_a_touched_text_without_identifiers_is_counted() -> None:
    score = evaluate([Gold(id="c", text="Foley", spans=())], lambda _text: [span(0, 5)])

    assert (score.clean, score.touched, score.leaking) == (1, 1, 0)
    assert score.characters.precision == 0


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    score = evaluate([], lambda _text: [])

    assert (score.characters.recall, score.characters.precision) == (1, 1)


def test_what_is_covered_under_another_label_is_found() -> None:
    (gold,) = parse_gold([LINE])
    everything = [span(0, len(TEXT), Label.OTHER)]

    assert evaluate([gold], lambda _text: everything).entities.recall == 1
