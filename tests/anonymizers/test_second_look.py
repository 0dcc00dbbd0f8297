from __future__ import annotations

import pytest

from anonymizers.rules.second_look import is_written_as_proper, stands
from anonymizers.spans import Label
from tests.anonymizers.marked import span


@pytest.mark.parametrize(
    ("text", "part", "label", "kept"),
    [
        ("has Parkinson disease", "Parkinson", Label.NAME, False),
        ("has Parkinson's disease", "Parkinson", Label.NAME, False),
        ("seen by Parkinson today", "Parkinson", Label.NAME, True),
        ("Nausea today", "Nausea", Label.NAME, False),
        ("12 today", "12", Label.NAME, False),
        ("Patient: Yes, it is.", "Yes", Label.NAME, False),
        ("one tablet p.r.n.", "r.n.", Label.NAME, False),
        ("one tablet q.a.m.", "q.a.m.", Label.NAME, False),
        ("by j.r. today", "j.r.", Label.NAME, True),
        ("in Ohio", "Ohio", Label.LOCATION, False),
        ("in Tarnwick", "Tarnwick", Label.LOCATION, True),
        ("ZIP 02139", "02139", Label.LOCATION, True),
        ("the community hospital", "community hospital", Label.HOSPITAL, False),
        ("to Brindlemoor", "Brindlemoor", Label.HOSPITAL, True),
        ("in 1998", "1998", Label.DATE, False),
        ("on Tuesday", "Tuesday", Label.DATE, False),
        ("in March", "March", Label.DATE, True),
        ("at Christmas", "Christmas", Label.DATE, True),
        ("on 3/14/22", "3/14/22", Label.DATE, True),
        ("on 3/14", "3/14", Label.DATE, False),
        ("in 03/2022", "03/2022", Label.DATE, True),
        ("day 12 of it", "12", Label.DATE, False),
        ("Marked 4", "Marked 4", Label.DATE, False),
        ("is 62", "62", Label.AGE, False),
        ("is 92", "92", Label.AGE, True),
        ("is ninety", "ninety", Label.AGE, True),
        ("call 12", "12", Label.PHONE_FAX, False),
        ("call 4411", "4411", Label.PHONE_FAX, True),
        ("code E11.9 given", "E11.9", Label.ID, False),
        ("abc given", "abc", Label.ID, False),
        ("AB123456 given", "AB123456", Label.ID, True),
        ("a@b.example", "a@b.example", Label.EMAIL, True),
    ],
)
def test_lists_and_forms_veto_what_a_model_found(
    text: str,
    part: str,
    label: Label,
    kept: bool,  # noqa: FBT001
) -> None:
    start = text.index(part)

    assert stands(text, span(start, start + len(part), label)) is kept


def test_two_small_numbers_are_a_date_where_the_model_is_sure() -> None:
    assert stands("on 3/14", span(3, 7, Label.DATE, score=0.99))
    assert not stands("for 5/7", span(4, 7, Label.DATE, score=0.99))


@pytest.mark.parametrize(
    ("text", "part", "label", "score", "kept"),
    [
        ("closed with 3-0 Maxon", "3-0 Maxon", Label.NAME, 0.99, False),
        ("take it p.r.n. pain", "p.r.n", Label.NAME, 0.99, False),
        ("signed K.L.", "K.L", Label.NAME, 0.95, True),
        ("in hospital 3-4/52 ago", "3-4/52", Label.DATE, 1.0, False),
        ("seen 10-12 times", "10-12", Label.DATE, 0.99, False),
        ("seen on 10-12 by", "10-12", Label.DATE, 0.98, True),
        ("came 10-12 again", "10-12", Label.DATE, 0.9999, True),
        ("scanned 0l/22/2O19", "0l/22/2O19", Label.DATE, 0.995, True),
        ("scanned 0l/22/2O19", "0l/22/2O19", Label.DATE, 0.98, False),
        ("call 911", "911", Label.PHONE_FAX, 0.99, False),
        ("cough/wheeze", "cough/wheeze", Label.URL_IP, 0.99, False),
        ("license RN034502 in wallet", "RN034502", Label.ID, 0.995, True),
        ("license RN034502 in wallet", "RN034502", Label.ID, 0.9, False),
        ("login as norman_verv", "norman_verv", Label.ID, 0.995, True),
        ("the Ascites", "Ascites", Label.NAME, 0.9, False),
    ],
)
def test_what_a_model_must_be_sure_of(
    text: str,
    part: str,
    label: Label,
    score: float,
    kept: bool,  # noqa: FBT001
) -> None:
    start = text.index(part)

    assert stands(text, span(start, start + len(part), label, score=score)) is kept


LONG = "The patient was seen for a cough. Lungs are clear and she will come back. " * 5


@pytest.mark.parametrize(
    ("before", "part", "score", "kept"),
    [
        ("Sutures were 3 ", "Ethabond", 0.95, False),
        ("Born 04/17/1951 ", "Okonmurthy", 0.95, True),
        ("Born 04/17/1951 ", "Okonmurthy", 0.85, False),
        ("We spoke to ", "monica", 0.95, True),
        ("We spoke to ", "monica", 0.85, False),
        ("We spoke to ", "tredingshaw", 0.95, False),
        ("We spoke to ", "Tredingshaw", 0.85, True),
        ("We spoke to ", "Tredingshaw", 0.75, False),
    ],
)
def test_a_note_shows_how_it_writes_names(
    before: str,
    part: str,
    score: float,
    kept: bool,  # noqa: FBT001
) -> None:
    text = LONG + before + part + " today. " + LONG
    start = len(LONG + before)

    assert is_written_as_proper(text, span(start, start + len(part), score=score)) is kept


def test_a_message_is_too_short_to_show_it() -> None:
    assert is_written_as_proper("Spoke to tredingshaw", span(9, 20, score=0.5))


def test_a_model_that_is_very_sure_outweighs_a_list_of_words() -> None:
    assert stands("Nausea called", span(0, 6, Label.NAME, score=0.99))
    assert not stands("Ohio", span(0, 4, Label.LOCATION, score=0.99))


MIXED = "The patient came to the clinic. She was seen by {} and then went home. Plan: rest."
MIXED += " Lungs were clear. No fever. She will return in a week." * 5


@pytest.mark.parametrize(
    ("text", "part", "kept"),
    [
        (MIXED, "Okafor", True),
        (MIXED, "okafor", False),
        (MIXED, "NGTX", False),
        (MIXED, "JONES", True),
        (MIXED, "OKAFORIAN", True),
        (MIXED.lower(), "okafor", True),
        (MIXED.upper(), "NGTX", True),
    ],
)
def test_small_letters_are_no_name_where_capitals_tell(
    text: str,
    part: str,
    kept: bool,  # noqa: FBT001
) -> None:
    filled = text.format(part)
    start = filled.index(part)
    found = span(start, start + len(part), Label.NAME)

    assert is_written_as_proper(filled, found) is kept
    assert is_written_as_proper(filled, span(start, start + len(part), Label.ID))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("closed with the Okafor and rinsed", False),
        ("closed with 2-0 Okafor and rinsed", False),
        ("the Okafor family came", True),
        ("closed by Okafor and rinsed", True),
    ],
)
def test_a_lone_name_behind_an_article_or_a_number_is_a_thing(
    text: str,
    kept: bool,  # noqa: FBT001
) -> None:
    start = text.index("Okafor")

    assert is_written_as_proper(text, span(start, start + 6, Label.NAME)) is kept
