from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anonymizers.canaries import count_survivors, planted
from anonymizers.spans import Label

NOTE = "Patient is well. No pain was reported. Continue all medicines as before."


@given(st.text(max_size=80), st.text(max_size=8))
def test_what_is_planted_is_found_and_the_note_is_all_there(note: str, name: str) -> None:
    text, canaries = planted(note, name)

    rest = text
    for canary in canaries:
        assert canary.survives(text)
        assert canary.sentence in rest
        rest = rest.replace(canary.sentence, "", 1)
    assert rest == note or len(rest) == len(note)


def test_a_pipeline_that_does_nothing_loses_none() -> None:
    notes = [(str(number), NOTE) for number in range(20)]
    tallies = count_survivors(notes, lambda text: text)

    assert set(tallies) == {
        Label.NAME, Label.PHONE_FAX, Label.ID, Label.EMAIL, Label.LOCATION, Label.DATE,
    }  # fmt: skip
    assert all(tally.survived == tally.planted == 20 for tally in tallies.values())


def test_a_pipeline_that_blanks_all_lets_none_through() -> None:
    tallies = count_survivors([("a", NOTE)], lambda _text: "")

    assert sum(tally.survived for tally in tallies.values()) == 0


def test_half_a_name_is_a_survivor() -> None:
    text, canaries = planted(NOTE, "a")
    name = next(canary for canary in canaries if canary.label is Label.NAME)

    assert name.survives(text.replace(name.parts[0], "[NAME]"))
    assert not name.survives(text.replace(name.parts[0], "").replace(name.parts[1], ""))


def test_the_same_note_gets_the_same_canaries() -> None:
    assert planted(NOTE, "a") == planted(NOTE, "a")
    assert planted(NOTE, "a") != planted(NOTE, "b")
