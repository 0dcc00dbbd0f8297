from __future__ import annotations

import re
from pathlib import Path

import pytest

from policies.errors import DeclarationError
from policies.shifts import shift_of
from policies.stand_ins import ShiftDate
from policies.text_operators import Encrypt, Generalize, Label, Mask, Replace, Surrogate
from policies.transforms import DeidentifyText
from tests.policies.declarations import DATASET, changed, load

NOTE = "note: {role: free_text, stored: true}"


def with_transform(folder: Path, transform: str, table: str = "visits") -> DeidentifyText:
    declared = f"{{kind: deidentify_text, {transform}}}"
    text = f"note: {{role: free_text, stored: true, transform: {declared}}}"
    dataset = load(folder, changed(DATASET, NOTE, text)).datasets["ward"]
    found = dataset.tables[table].columns["note"].effective_transform
    assert isinstance(found, DeidentifyText)
    return found


def test_operators_are_declared_by_label_by_name_or_in_full(tmp_path: Path) -> None:
    declared = with_transform(
        tmp_path,
        "operator: mask, operators: {NAME: surrogate, ID: {kind: replace, text: (gone)}, "
        "DATE: {kind: generalize, oldest: 1937}, PHONE_FAX: {kind: mask, character: '#'}}",
    )

    assert declared.operator_of(Label.NAME) == Surrogate()
    assert declared.operator_of(Label.ID) == Replace(text="(gone)")
    assert declared.operator_of(Label.DATE) == Generalize(oldest=1937)
    assert declared.operator_of(Label.PHONE_FAX) == Mask(character="#")
    assert declared.operator_of(Label.HOSPITAL) == Mask()
    assert not declared.encrypts(Label.NAME)


def test_encryption_is_declared_with_its_reason(tmp_path: Path) -> None:
    declared = with_transform(
        tmp_path, "operators: {NAME: encrypt}, reversible: true, reversible_reason: recalls"
    )

    assert declared.operator_of(Label.NAME) == Encrypt()
    assert [label for label in Label if declared.encrypts(label)] == [Label.NAME]


WRONG = (
    ("operators: {NAEM: redact}", "KEY-INVALID", "write NAME"),
    ("operators: {NAME: redcat}", "KEY-INVALID", "write redact"),
    ("operators: {NAME: replace}", "KEY-INVALID", "must be a mapping"),
    ("operators: {NAME: {kind: mask, charcter: x}}", "KEY-UNKNOWN", "write character"),
    ("operators: {NAME: {kind: mask, character: x}}", "KEY-INVALID", "text of the form"),
    ("operators: {NAME: {kind: replace, text: ''}}", "KEY-INVALID", "text of the form"),
    ("operators: {NAME: shift_date}", "DEID-OPERATOR", "it fits DATE"),
    ("operators: {ID: generalize}", "DEID-OPERATOR", "it fits DATE, AGE, LOCATION"),
    ("operator: shift_date", "KEY-INVALID", "'surrogate'"),
    ("operator: encrypt", "DEID-REVERSIBLE", "write reversible: true"),
    ("operators: {NAME: encrypt}, reversible: true", "DEID-REVERSIBLE", "reversible_reason"),
    (
        "operators: {NAME: encrypt}, reversible: true, reversible_reason: ' '",
        "DEID-REVERSIBLE",
        "reversible_reason",
    ),
    ("operators: {NAME: encrypt}, reversible_reason: why", "DEID-REVERSIBLE", "reversible: true"),
    ("reversible: true, reversible_reason: why", "DEID-REVERSIBLE", "nothing is encrypted"),
    (
        "operators: {DATE: {kind: shift_date, max_days: 6, keep_weekday: true}}",
        "DEID-SHIFT-WEEKDAY",
        "7 or more",
    ),
)


@pytest.mark.parametrize(("transform", "code", "words"), WRONG)
def test_a_wrong_operator_is_told_with_its_place(
    tmp_path: Path, transform: str, code: str, words: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        with_transform(tmp_path, transform)

    assert re.search(rf"ward\.yaml:39:\d+ {code} ", str(caught.value))
    assert words in str(caught.value)


def test_all_dates_of_a_dataset_move_alike(tmp_path: Path) -> None:
    birth = "        county: {role: quasi_identifier, dp: none}\n"
    moved = birth + (
        "        seen: {role: attribute, type: date, "
        "transform: {kind: shift_date, max_days: 70, keep_weekday: true}}\n"
    )
    same = NOTE.replace("true}", "true, transform: {kind: deidentify_text, operators: {DATE: "
                        "{kind: shift_date, max_days: 70, keep_weekday: true}}}}")  # fmt: skip
    dataset = changed(changed(DATASET, birth, moved), NOTE, same)
    other = changed(
        dataset, "max_days: 70, keep_weekday: true}}}}", "max_days: 70, keep_weekday: false}}}}"
    )

    loaded = load(tmp_path, dataset).datasets["ward"]
    assert shift_of(loaded) == ShiftDate(max_days=70, keep_weekday=True)
    with pytest.raises(DeclarationError) as caught:
        load(tmp_path, other)
    assert "/spec/tables/patients/columns/seen/transform" in str(caught.value)
    assert re.search(r"ward\.yaml:40:\d+ DEID-SHIFT-DIFFERS", str(caught.value))


def test_a_dataset_that_moves_no_date_has_the_common_rule(tmp_path: Path) -> None:
    assert shift_of(load(tmp_path).datasets["ward"]) == ShiftDate()
