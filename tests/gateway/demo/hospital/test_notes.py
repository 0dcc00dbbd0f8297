"""The notes and their gold spans, read from the files and searched anew."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from gateway.demo.hospital.lists import records
from gateway.demo.hospital.notes.contacts import phone_forms
from gateway.demo.hospital.notes.dates import FULL_FORMS, written
from gateway.demo.hospital.notes.pieces import Label
from gateway.demo.hospital.notes.templates import KINDS, SLOTS, phrases, templates
from tests.gateway.demo.hospital.conftest import Hospital

SLOT = re.compile(r"\{(@?)([a-z_.]+)(?::(?:cap|upper))?\}")
TYPED: dict[str, Callable[[str], str]] = {"mixed": str, "lower": str.lower, "upper": str.upper}
KNOWN_SPECIALS = {"child", "university", "regional", "community", "clinic"}


@cache
def own_text() -> str:
    """All text of ours that is not a slot."""
    texts = [text for kind in KINDS for text in templates(kind)]
    texts += [text for found in phrases().values() for text in found]
    return SLOT.sub(" ", "\n".join(texts))


@cache
def own_words(letters: str = "mixed") -> frozenset[str]:
    """Words that we write ourselves, such as "May" at the start or the Murphy of a sign."""
    names = " ".join(row["description"] for row in records("conditions"))
    words = re.findall(r"[^\W\d_]+", f"{own_text()} {names} Parkinson Alzheimer")
    return frozenset(TYPED[letters](word) for word in words)


def test_there_are_about_seven_notes_for_ten_patients(hospital: Hospital) -> None:
    rows = hospital.summary.rows

    assert 0.55 < rows["notes"] / rows["patients"] < 0.85


def test_all_kinds_of_notes_are_written_and_have_the_length_of_notes(hospital: Hospital) -> None:
    notes = hospital.table("notes")
    lengths = sorted(len(row["text"].split()) for row in notes)

    assert {row["note_type"] for row in notes} == set(KINDS.values())
    assert len(KINDS) >= 8
    assert lengths[0] >= 60
    assert 100 < lengths[len(lengths) // 2] < 200
    assert lengths[-1] <= 320


def test_the_gold_file_holds_the_same_notes_in_the_same_order(hospital: Hospital) -> None:
    table = [(row["note_id"], row["text"]) for row in hospital.table("notes")]

    assert [(note["id"], note["text"]) for note in hospital.gold] == table
    assert len({note["id"] for note in hospital.gold}) == len(table)


def test_spans_are_in_order_apart_and_neatly_cut(hospital: Hospital) -> None:
    for note in hospital.gold:
        end = 0
        for span in note["spans"]:
            assert end <= span["start"] < span["end"] <= len(note["text"])
            end = span["end"]
            cut = note["text"][span["start"] : end]
            assert cut == cut.strip()


def test_all_labels_occur(hospital: Hospital) -> None:
    labels = Counter(span["label"] for note in hospital.gold for span in note["spans"])

    assert set(labels) == {label.value for label in Label}
    assert labels["NAME"] > labels["DATE"] > labels["LOCATION"] > labels["AGE"] > 0


def identifiers(patient: dict[str, str]) -> Iterator[str]:
    """The ways in which a record may show up, told apart from the code that writes them."""
    yield from (patient[name] for name in ("given_name", "family_name", "maiden_name"))
    yield from patient["contact_name"].split()
    yield from (patient[name] for name in ("email", "street", "zip", "insurance_id", "ssn", "city"))
    yield from (patient["mrn"], f"{patient['mrn'][:3]}-{patient['mrn'][3:]}")
    yield patient["ssn"].replace("-", "")
    for number in (patient["phone"], patient["contact_phone"]):
        yield from phone_forms(number) if number else ()
    born = date.fromisoformat(patient["birth_date"])
    yield from (written(born, form) for form in range(FULL_FORMS))


def letters_of(text: str) -> str:
    """How a note is typed; headers alone do not make it upper case."""
    return next((name for name in ("lower", "upper") if TYPED[name](text) == text), "mixed")


def places_of(identifier: str, text: str, letters: str) -> Iterator[range]:
    """Where an identifier stands in a text, whole and in the letters of the note."""
    wanted = TYPED[letters](identifier)
    if wanted in text and wanted not in own_words(letters):
        pattern = rf"(?<![\w-]){re.escape(wanted)}(?![\w-])"
        yield from (range(*found.span()) for found in re.finditer(pattern, text))


def covered(note: dict[str, Any]) -> set[int]:
    """The characters of a note that are inside spans."""
    return {place for span in note["spans"] for place in range(span["start"], span["end"])}


def test_whatever_identifies_the_patient_is_inside_a_span(hospital: Hospital) -> None:
    patients = {row["patient_id"]: row for row in hospital.table("patients")}
    found: Counter[str] = Counter()

    for row, note in zip(hospital.table("notes"), hospital.gold, strict=True):
        inside, letters = covered(note), letters_of(note["text"])
        text = note["text"].replace("\n", " ")
        for identifier in filter(None, identifiers(patients[row["patient_id"]])):
            for place in places_of(identifier, text, letters):
                assert inside.issuperset(place), note["id"]
                found["number" if identifier[-1].isdigit() else "word"] += 1
    assert found["number"] > 800
    assert found["word"] > 3000


def test_staff_and_sites_are_inside_spans_too(hospital: Hospital) -> None:
    names = {f"{row['given_name']} {row['family_name']}" for row in hospital.table("staff")}
    names |= {row["name"] for row in hospital.table("facilities")}
    found = 0

    for note in hospital.gold:
        inside, letters = covered(note), letters_of(note["text"])
        text = note["text"].replace("\n", " ")
        for name in names:
            for place in places_of(name, text, letters):
                assert inside.issuperset(place), note["id"]
                found += 1
    assert found > 2000


def test_names_are_written_in_many_ways(hospital: Hospital) -> None:
    patients = {row["patient_id"]: row for row in hospital.table("patients")}
    forms: Counter[str] = Counter()

    for row, note in zip(hospital.table("notes"), hospital.gold, strict=True):
        patient = patients[row["patient_id"]]
        given, family = patient["given_name"], patient["family_name"]
        texts = [note["text"][span["start"] : span["end"]] for span in note["spans"]]
        forms["full"] += f"{given} {family}" in texts
        forms["reversed"] += f"{family}, {given}" in texts
        forms["capitals"] += f"{given} {family}".upper() in texts
        forms["lower case"] += f"{given} {family}".lower() in texts
        forms["first name"] += given in texts
        forms["possessive"] += f"{family}'s" in note["text"]
        forms["broken over lines"] += any("\n" in text for text in texts)
    assert min(forms.values()) >= 3, forms
    assert len(forms) == 7


def test_ages_below_90_years_alone_and_titles_are_outside_spans(hospital: Hospital) -> None:
    for note in hospital.gold:
        for span in note["spans"]:
            text = note["text"][span["start"] : span["end"]]
            if span["label"] == "AGE":
                assert int(text) >= 90
            assert not re.fullmatch(r"(19|20)\d\d", text)
            assert not re.match(r"(?i)(mr|mrs|ms|mx|dr)\b\.?\s", text)


def test_traps_stay_outside_spans(hospital: Hospital) -> None:
    traps = dict.fromkeys(("Murphy's sign", "POD #", "BP 1", "CURB-65", "Foley", " mg "), 0)

    for note in hospital.gold:
        inside = covered(note)
        for trap in traps:
            for place in re.finditer(re.escape(trap), note["text"]):
                traps[trap] += 1
                assert not inside.intersection(range(*place.span()))
    assert min(traps.values()) > 0, traps


def test_notes_agree_with_the_tables(hospital: Hospital) -> None:
    visits = {row["encounter_id"]: row for row in hospital.table("encounters")}
    staff = {row["staff_id"]: row for row in hospital.table("staff")}

    for row in hospital.table("notes"):
        visit = visits[row["encounter_id"]]
        assert row["written_at"] > visit["started_at"]
        if row["note_type"] == "nursing":
            assert staff[row["staff_id"]]["role"] == "nurse"
        elif row["note_type"] not in {"social work", "radiology"}:
            assert row["staff_id"] == visit["provider_id"]
        else:
            author = staff[row["staff_id"]]
            assert {author["role"], author["department"]} & {"social worker", "radiology"}


def test_every_slot_and_phrase_in_a_template_exists_and_none_is_idle() -> None:
    texts = [text for kind in KINDS for text in templates(kind)]
    texts += [text for found in phrases().values() for text in found]
    used = {(mark, name) for text in texts for mark, name in SLOT.findall(text)}
    slots = {name for mark, name in used if not mark}
    wanted = {name for mark, name in used if mark}
    plain = {name for name in phrases() if name.partition(".")[2] == ""}

    assert slots <= set(SLOTS)
    assert wanted == {name.partition(".")[0] for name in phrases()}
    assert wanted - plain == {"header", "signature"}
    idle = {name for name in SLOTS if name not in slots and "." not in name}
    assert not idle


def test_special_phrases_are_special_to_a_style_a_code_or_children() -> None:
    codes = {row["code"] for row in records("conditions")}

    for name in phrases():
        _, dot, special = name.partition(".")
        assert not dot or special in codes | KNOWN_SPECIALS


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_several_templates(kind: str) -> None:
    assert len(templates(kind)) >= 3


def test_our_own_text_has_nothing_that_identifies() -> None:
    text = own_text()

    assert not re.search(r"\b\d{1,2}/\d{1,2}/\d{2,4}\b|\b\d{5,}(?!\d*\.\s)\b(?<!88213)", text)
    assert not re.search(r"@|https?:|www\.|\b\d{3}-\d{4}\b", text)
    assert not re.search(
        r"(?i)\b(january|february|april|june|july|august|september|october)\b", text
    )
    assert not re.search(r"\b(Dr|Mr|Mrs|Ms)\.? [A-Z]", text)
