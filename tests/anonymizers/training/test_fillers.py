"""What fills slots has the label that the manual gives it, and enough forms."""

from __future__ import annotations

import re

import pytest

from anonymizers.lexicon import listed_terms
from anonymizers.rules.second_look import stands
from anonymizers.spans import Label
from anonymizers.training.draw import Draw
from anonymizers.training.fillers import SLOTS
from anonymizers.training.fillers import names as names_of_people
from anonymizers.training.fillers.prose import common_words
from anonymizers.training.pieces import as_gold, plain
from anonymizers.words import family_names, given_names

LABELS = {
    Label.NAME: ("full", "inverted", "name", "first", "last", "doubtful", "initials"),
    Label.LOCATION: ("street", "city", "county", "zip", "postcode"),
    Label.HOSPITAL: ("facility", "bare"),
    Label.DATE: ("date", "daymonth", "dob", "monthyear", "month", "holiday"),
    Label.AGE: ("age90",),
    Label.PHONE_FAX: ("phone", "ext"),
    Label.EMAIL: ("email",),
    Label.URL_IP: ("url", "ip"),
    Label.ID: ("user", "mrn", "acct", "accession", "serial", "license", "plate", "id", "number"),
    Label.PROFESSION: ("job",),
    None: (
        "state", "country", "year", "ago", "clock", "age", "drug", "dose", "med", "meds", "medlist",
        "vitals", "lab", "labs", "score", "code", "lot", "measure", "term", "device", "eponym",
        "abbr", "heading", "condition", "procedure", "word", "prose", "fragment", "keyed",
        "telegram",
    ),
}  # fmt: skip
MIXED = {"address", "abroad", "ssn"}
DRAWS = 200


def test_every_slot_is_listed_here() -> None:
    assert {slot for slots in LABELS.values() for slot in slots} | MIXED == set(SLOTS)


@pytest.mark.parametrize(("label", "slots"), LABELS.items())
def test_a_slot_gives_texts_of_its_label_only(label: Label | None, slots: tuple[str, ...]) -> None:
    for slot in slots:
        draw = Draw(1)
        texts = [SLOTS[slot](draw) for _ in range(DRAWS)]

        assert all(plain(text).strip() for text in texts), slot
        assert {piece.label for text in texts for piece in text if piece.text} == {label}, slot


@pytest.mark.parametrize("slot", ["full", "last", "city", "facility", "date", "phone", "id"])
def test_a_slot_hardly_repeats_itself(slot: str) -> None:
    draw = Draw(2)

    assert len({plain(SLOTS[slot](draw)) for _ in range(DRAWS)}) > 0.8 * DRAWS


def test_an_address_identifies_but_for_its_state_and_country() -> None:
    draw = Draw(3)
    for _ in range(DRAWS):
        text = SLOTS["address"](draw)
        free = plain(piece for piece in text if piece.label is None)

        assert {piece.label for piece in text} == {Label.LOCATION, None}
        assert not any(one.isdigit() for one in free)


def test_ages_are_cut_at_ninety() -> None:
    draw = Draw(4)

    assert all(int(plain(SLOTS["age"](draw))) < 90 for _ in range(DRAWS))
    great = [plain(SLOTS["age90"](draw)) for _ in range(DRAWS)]
    assert all(int(one) >= 90 for one in great if one.isdigit())


def test_most_names_are_on_no_frequent_list() -> None:
    draw = Draw(5)
    drawn = [names_of_people.family(draw).lower() for _ in range(1_000)]

    listed = sum(name in family_names() or name in given_names() for name in drawn)
    assert 0.2 < listed / len(drawn) < 0.6


def test_validation_draws_other_names_than_training() -> None:
    training, validating = Draw(6), Draw(6, held_out=True)
    seen = {names_of_people.family(training) for _ in range(5_000)}
    unseen = {names_of_people.family(validating) for _ in range(500)}

    assert len(unseen & seen) < 0.15 * len(unseen)  # what is also a word may be in both


@pytest.mark.parametrize("slot", ["date", "daymonth", "monthyear", "month", "holiday", "age90"])
def test_no_veto_takes_what_the_manual_calls_an_identifier(slot: str) -> None:
    draw = Draw(7)
    for _ in range(DRAWS):
        gold = as_gold("one", SLOTS[slot](draw))
        if re.search(r"(?<![\d/.-])\d{1,2}[/.-](?:5|7|10|12|52)\.?$", gold.text):
            continue  # may be 5/7, five days

        assert all(stands(gold.text, span) for span in gold.spans), gold.text


@pytest.mark.parametrize(
    "name",
    ["drugs", "devices", "eponyms", "abbreviations", "headings", "conditions", "procedures",
     "words", "jobs", "verbs", "nouns", "adjectives", "forms", "roots"],
)  # fmt: skip
def test_a_vocabulary_is_long_and_of_plain_terms(name: str) -> None:
    terms = listed_terms(name)

    assert len(terms) >= 50
    assert all(term == term.strip() and not set(term) & set("{}[]|\n") for term in terms)


def test_there_are_thousands_of_common_words() -> None:
    words = common_words()

    assert len(words) > 5_000
    assert {"walks", "denied", "stopping", "ulcers", "slowly", "the"} <= words


def test_doses_and_values_keep_their_percent_signs() -> None:
    draw = Draw(8)
    texts = {plain(SLOTS["vitals"](draw)) for _ in range(500)}

    assert any(re.search(r"SpO2 9\d%", text) for text in texts)
    assert not any("#" in text for text in texts)
