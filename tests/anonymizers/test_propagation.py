from __future__ import annotations

import pytest

from anonymizers.normalized import normalize, squeeze
from anonymizers.propagation import propagated
from anonymizers.spans import Label, Source, merged
from tests.anonymizers.marked import span


def found_again(first: str, part: str, label: Label, text: str, *, score: float = 0.9) -> list[str]:
    start = first.index(part)
    seed = span(start, start + len(part), label, score=score)
    matcher = propagated([(normalize(first), [seed])])
    again = normalize(text)
    spans = matcher.find(again, squeeze(again.folded))
    assert all(one.source is Source.PROPAGATED for one in spans)
    return [one.of(text) for one in merged(spans)]


@pytest.mark.parametrize(
    ("part", "label", "text", "again"),
    [
        ("Zuzanna Okafor", Label.NAME, "Okafor, and zuzanna okafor", ["Okafor", "zuzanna okafor"]),
        ("Zuzanna Okafor", Label.NAME, "okafor alone, Zuz", []),
        ("Will Bo", Label.NAME, "Will can, Bo may", []),
        ("Parkinson", Label.NAME, "Parkinson disease", []),
        ("00-12-3456", Label.ID, "no. 00123456", ["00123456"]),
        ("123", Label.ID, "123 steps", []),
        ("617-555-0123", Label.PHONE_FAX, "(617) 555.0123", ["617) 555.0123"]),
        ("Tarn Valley Clinic", Label.HOSPITAL, "tarn valley clinic", ["tarn valley clinic"]),
        ("12 Elm St", Label.LOCATION, "12 Elm St", ["12 Elm St"]),
        ("Tarnwick", Label.LOCATION, "Tarnwick", []),
        ("3/14/2022", Label.DATE, "3/14/2022", []),
    ],
)
def test_what_was_found_once_is_found_again(
    part: str, label: Label, text: str, again: list[str]
) -> None:
    assert found_again(f"x {part} y", part, label, text) == again


def test_what_is_doubtful_stays_where_it_is() -> None:
    assert found_again("Zuzanna", "Zuzanna", Label.NAME, "Zuzanna", score=0.6) == []
