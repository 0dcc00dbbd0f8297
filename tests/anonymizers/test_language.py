from __future__ import annotations

import pytest

from anonymizers.known import KnownIdentifiers
from anonymizers.language import check_language, language_of
from anonymizers.text import Note, TextDeidentifier
from policies.errors import SourceError

SPANISH = (
    "La paciente acude a la consulta por dolor en la rodilla desde hace tres semanas, sin fiebre. "
    "Fue vista por el doctor en el hospital y no toma otra medicación que la pautada."
)
GERMAN = (
    "Der Patient klagt seit einer Woche über Husten und wurde von dem Arzt nicht bei uns "
    "untersucht, sondern mit dem Notarzt in die Klinik gebracht."
)
FRENCH = (
    "Le patient est venu avec sa femme pour une toux qui dure depuis deux semaines, il ne "
    "prend pas de traitement et les examens sont normaux chez lui."
)
TEXTS = [
    ("en", "The patient was seen in the clinic for a cough and is not on any other medication."),
    ("es", SPANISH),
    ("de", GERMAN),
    ("fr", FRENCH),
    ("other", "\u3042\u3044\u3046\u3048\u304a" * 10),
    (None, "lisinopril 10 mg, metformin 500 mg; BP 120/80"),
    (None, "pull up mrn 00123456"),
    (None, ""),
]


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_says_which_language_a_text_is_clearly_in(language: str | None, text: str) -> None:
    assert language_of(text) == language


def test_an_english_note_with_a_sentence_of_another_language_passes() -> None:
    check_language(
        "The patient was seen with an interpreter and said: me duele la cabeza y no puedo dormir. "
        "She was given the usual dose and is to return in a week with her daughter.",
        ("en",),
    )


def test_another_language_is_refused_without_its_words() -> None:
    with pytest.raises(SourceError) as caught:
        check_language(SPANISH, ("en",))

    assert caught.value.code == "TXT-LANGUAGE"
    assert "rodilla" not in str(caught.value)


def test_a_note_in_another_language_is_withheld_and_the_others_go_on() -> None:
    notes = [
        Note(id=str(number), unit="p", text=text, known=KnownIdentifiers())
        for number, text in enumerate(("Seen by Dr. Okafor", SPANISH))
    ]

    english, spanish = TextDeidentifier(key=b"k" * 32, engine=None).deidentify_patient(notes)

    assert not english.withheld
    assert spanish.withheld
