from __future__ import annotations

from itertools import islice

from anonymizers.spans import Label
from anonymizers.training.corpus import HELD_OUT_KINDS, Part, documents, held_out, measured
from anonymizers.training.templates import templates

COUNT = 1_500


def test_equal_seeds_give_equal_documents() -> None:
    part = Part(held_out=False, seed=3)

    assert list(islice(documents(part), 50)) == list(islice(documents(part), 50))


def test_no_template_of_a_held_out_kind_trains() -> None:
    kinds = {one.kind for one in templates()}
    training = {one.kind for one in templates() if not held_out(one)}

    assert kinds >= HELD_OUT_KINDS
    assert not HELD_OUT_KINDS & training
    assert sum(map(held_out, templates())) >= 50


def test_documents_of_each_half_are_of_its_templates() -> None:
    for validating in (False, True):
        allowed = {f"{one.kind}-{one.number}" for one in templates() if held_out(one) == validating}
        for gold in islice(documents(Part(held_out=validating, seed=1)), 200):
            assert gold.id.rpartition("-")[0] in allowed


def test_enough_documents_name_nobody_and_every_label_occurs() -> None:
    golds = list(islice(documents(Part(held_out=False, seed=2)), COUNT))
    labels = {span.label for gold in golds for span in gold.spans}

    assert sum(not gold.spans for gold in golds) > 0.15 * COUNT
    assert labels == set(Label) - {Label.OTHER}


def test_spans_are_where_they_say() -> None:
    for gold in islice(documents(Part(held_out=False, seed=4)), COUNT):
        for span in gold.spans:
            assert span.of(gold.text).strip()
            assert span.of(gold.text) == span.of(gold.text).strip()


def test_validation_has_sorts_of_its_own() -> None:
    sorts = measured(1, 20)

    assert len(sorts) == 4
    assert all(len(texts) == 20 for texts in sorts.values())
    assert not any(gold.spans for gold in sorts["clean texts"])
