from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import anonymizers.text
from anonymizers.keys import DateShift
from anonymizers.known import Directory, KnownIdentifiers
from anonymizers.presidio.analyzer import MAX_CHARS
from anonymizers.spans import Label, Source
from anonymizers.text import Note, TextDeidentifier
from policies.columns import IdentifierKind as Kind
from tests.anonymizers.marked import read, shown

KEY = b"k" * 32
KNOWN = KnownIdentifiers.of(
    [(Kind.GIVEN_NAME, "Maria"), (Kind.FAMILY_NAME, "Okafor"), (Kind.ID, "00123456")]
)
STAFF = Directory.of([[(Kind.GIVEN_NAME, "Agnes"), (Kind.FAMILY_NAME, "Hargreaves")]])
SERVICE = TextDeidentifier(key=KEY, directory=STAFF)
REDACTING = replace(SERVICE, operator="redact")

MARKED = (
    "Ms. {NAME:Okafor} (MRN {ID:00123456}) was seen on {DATE:3/14/2022} by {NAME:A. Hargreaves}.\n"
    "BP 120/80. Her daughter {NAME:Lucinda} drove. "
    "{NAME:Lucinda} will call {PHONE_FAX:617-555-0123}."
)


def notes(*texts: str) -> list[Note]:
    return [
        Note(id=str(number), unit="p1", text=text, known=KNOWN) for number, text in enumerate(texts)
    ]


def test_layers_find_together_what_each_alone_does_not() -> None:
    text, gold = read(MARKED)

    assert shown(text, SERVICE.detect(text, KNOWN)) == gold


def test_text_outside_the_spans_is_as_it_was() -> None:
    text, gold = read(MARKED)

    note = REDACTING.deidentify(text, "p1", KNOWN)

    expected = re.sub(r"\{([A-Z_]+):[^}]*\}", r"[\1]", MARKED)
    assert note.text == expected
    assert shown(text, note.spans) == gold


def test_stand_ins_leave_nothing_of_the_original() -> None:
    text, gold = read(MARKED)

    written = SERVICE.deidentify(text, "p1", KNOWN).text

    assert all(original not in written for _, original in gold)
    assert "BP 120/80. Her daughter " in written


def test_dates_move_as_the_tables_do() -> None:
    shift = DateShift(key=b"s" * 32, max_days=3)
    service = TextDeidentifier(key=KEY, shift=shift)

    written = service.deidentify("seen 2022-03-14", "p7", KnownIdentifiers()).text

    assert written == f"seen 2022-03-{14 + shift.days('p7')}"


def test_what_one_note_gives_away_is_found_in_all_notes_of_the_patient() -> None:
    texts = ("Zuzanna called at noon.", "Lives with her daughter, Zuzanna.", "No news.")

    outcomes = SERVICE.deidentify_patient(notes(*texts))

    found = [
        shown(text, outcome.note.spans)
        for text, outcome in zip(texts, outcomes, strict=True)
        if outcome.note
    ]
    assert found == [(("NAME", "Zuzanna"),), (("NAME", "Zuzanna"),), ()]


def test_one_patients_stand_ins_agree_between_notes() -> None:
    first, second = SERVICE.deidentify_patient(notes("Okafor came", "Okafor left"))

    assert first.note is not None
    assert second.note is not None
    assert first.note.text.split()[0] == second.note.text.split()[0] != "Okafor"


def test_counts_are_by_label() -> None:
    (outcome,) = SERVICE.deidentify_patient(notes(read(MARKED)[0]))

    assert not outcome.withheld
    assert outcome.counts == {Label.NAME: 4, Label.ID: 1, Label.DATE: 1, Label.PHONE_FAX: 1}


def test_no_notes_give_no_outcomes() -> None:
    assert SERVICE.deidentify_patient([]) == ()


def test_an_empty_note_stays_empty() -> None:
    (outcome,) = SERVICE.deidentify_patient(notes(""))

    assert outcome.note is not None
    assert outcome.note.text == ""


def test_a_note_that_is_too_long_is_withheld_and_the_others_go_on() -> None:
    long, short = SERVICE.deidentify_patient(notes("a " * (MAX_CHARS // 2 + 1), "Okafor came"))

    assert long.withheld
    assert long.counts == {}
    assert not short.withheld


def test_a_note_whose_replacement_fails_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> str:
        raise RuntimeError("Okafor")

    monkeypatch.setattr(anonymizers.text, "replace_spans", fail)

    (outcome,) = SERVICE.deidentify_patient(notes("Okafor came"))

    assert outcome.withheld


def test_invisible_characters_do_not_hide_a_name() -> None:
    text = "Ms. Oka\u200bfor, \uff10\uff10123456"

    assert [span.of(text) for span in SERVICE.detect(text, KNOWN)] == [
        "Oka\u200bfor",
        "\uff10\uff10123456",
    ]


def test_says_where_each_span_comes_from() -> None:
    sources = {span.source for span in SERVICE.detect(read(MARKED)[0], KNOWN)}

    assert {Source.KNOWN, Source.FORMAT} <= sources


def test_neither_keys_nor_texts_are_shown() -> None:
    (outcome,) = SERVICE.deidentify_patient(notes("Okafor came"))

    assert "Okafor" not in repr(notes("Okafor came"))
    assert "kkk" not in repr(SERVICE)
    assert "came" not in repr(outcome)


@given(
    before=st.text(max_size=20),
    after=st.text(max_size=20),
    name=st.sampled_from(["Okafor", "OKAFOR", "okafor"]),
)
def test_the_patients_name_never_stands_alone_in_the_result(
    before: str, after: str, name: str
) -> None:
    text = f"{before} {name} {after}"

    written = SERVICE.deidentify(text, "p1", KNOWN).text

    assert not re.search(r"(?<!\w)okafor(?!\w)", written, re.IGNORECASE)


@given(text=st.text(max_size=60))
def test_any_text_goes_through_and_spans_are_where_they_say(text: str) -> None:
    note = REDACTING.deidentify(text, "p1", KNOWN)

    rest, at = [], 0
    for span in note.spans:
        rest += [text[at : span.start], f"[{span.label.value}]"]
        at = span.end
    assert note.text == "".join([*rest, text[at:]])


def test_what_is_written_for_each_span_is_what_the_note_gets() -> None:
    text, _ = read(MARKED)
    done = REDACTING.deidentify(text, "p1", KnownIdentifiers())
    written = REDACTING.written(text, done.spans, "p1")
    pieces, at = [], 0
    for span, new in zip(done.spans, written, strict=True):
        pieces += [text[at : span.start], new]
        at = span.end

    assert "".join([*pieces, text[at:]]) == done.text
    assert "[NAME]" in written
