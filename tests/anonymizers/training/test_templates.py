from __future__ import annotations

import math
import re

import pytest

from anonymizers.spans import Label
from anonymizers.training.draw import Draw
from anonymizers.training.pieces import as_gold, plain
from anonymizers.training.templates import Template, filled, parse_templates, templates


def test_a_file_is_cut_at_its_lines_and_comments_are_left_out() -> None:
    found = parse_templates("kind", "## about\n\nfirst {last}\n---\n\nsecond\n---\n")

    assert found == (Template("kind", 0, "first {last}"), Template("kind", 1, "second"))


@pytest.mark.parametrize("text", ["a {nothing}", "a [b|c", "a } b", "a [b|[c|d]]"])
def test_a_slot_without_filler_and_loose_marks_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="template 0 of kind"):
        parse_templates("kind", text)


def test_choices_are_made_and_slots_filled() -> None:
    (template,) = parse_templates("kind", "[Dr. {last}|Nurse {first}|] came")

    texts = {plain(filled(template, Draw(seed))).split()[0] for seed in range(40)}

    assert texts == {"Dr.", "Nurse", "came"}


def test_what_a_slot_puts_in_has_its_label() -> None:
    (template,) = parse_templates("kind", "MRN {mrn}: {drug}")

    gold = as_gold("one", filled(template, Draw(1)))

    assert [span.label for span in gold.spans] == [Label.ID]
    assert gold.text.startswith("MRN ")


def test_there_are_enough_templates_of_enough_kinds() -> None:
    found = templates()

    assert len(found) >= 300
    assert len({one.kind for one in found}) >= 25


def test_clean_templates_name_nobody() -> None:
    draw = Draw(2)
    clean = [one for one in templates() if one.kind.startswith("clean")]

    assert len(clean) >= 100
    for template in clean:
        assert as_gold("one", filled(template, draw)).spans == (), template.text


def test_choices_make_thousands_of_clean_frames() -> None:
    choices = (
        math.prod(len(found.split("|")) for found in re.findall(r"\[([^\[\]]*)\]", one.text))
        for one in templates()
        if one.kind.startswith("clean")
    )

    assert sum(choices) >= 2_000
