from __future__ import annotations

import pickle
import re

import pytest

from anonymizers.keys import DateShift
from anonymizers.known import KnownIdentifiers
from anonymizers.operators import REVERSIBLE_KEY_BYTES
from anonymizers.text import Operator, TextDeidentifier, stricter
from policies.errors import DeclarationError
from policies.stand_ins import Pseudonymize, ShiftDate
from policies.text_operators import (
    Encrypt,
    Generalize,
    Label,
    Mask,
    Redact,
    Replace,
    Surrogate,
    TextOperator,
)

NOTE = "Mr. John Doe (MRN: 12345678) of ZIP 02139, 93 years old, was seen on 03/04/2021."
SEALED = b"r" * REVERSIBLE_KEY_BYTES


def written(
    operators: dict[Label, TextOperator],
    note: str = NOTE,
    *,
    unit: str = "p1",
    key: bytes = b"k" * 32,
    default: Operator = "redact",
) -> str:
    service = TextDeidentifier(
        key=key, operator=default, operators=operators, reversible=SEALED, engine=None
    )
    return service.deidentify(note, unit, KnownIdentifiers()).text


def test_each_label_has_its_own_operator_and_the_others_the_common_one() -> None:
    text = written(
        {
            Label.NAME: Mask(character="#"),
            Label.ID: Replace(text="(number)"),
            Label.DATE: Generalize(),
            Label.AGE: Generalize(),
        }
    )

    assert text == (
        "Mr. #### ### (MRN: (number)) of ZIP [LOCATION], 90+ years old, was seen on 2021."
    )


@pytest.mark.parametrize(
    ("operator", "form"),
    [
        (Surrogate(), r"Mr\. [A-Z][a-z]+ [A-Z][a-z]+"),
        (Redact(), r"Mr\. \[NAME\]"),
        (Mask(), r"Mr\. \*\*\*\* \*\*\*"),
        (Replace(text="Nemo"), r"Mr\. Nemo"),
        (Pseudonymize(), r"Mr\. \[NAME:[a-z2-7]{26}\]"),
        (Encrypt(), r"Mr\. \[NAME:aes-siv:[a-z2-7]+\]"),
    ],
)
def test_every_operator_of_names_leaves_nothing_of_the_name(
    operator: TextOperator, form: str
) -> None:
    text = written({Label.NAME: operator})

    assert re.match(form + r" \(MRN", text)
    assert not re.search("john|doe", text, re.IGNORECASE)


def test_a_mask_shows_no_accent_and_no_invisible_character() -> None:
    assert written({Label.NAME: Mask()}, "Mr. Jo\u0301hn\u200b Doe came") == "Mr. **** *** came"


def test_a_pseudonym_is_one_patients_and_one_projects() -> None:
    rules: dict[Label, TextOperator] = {Label.NAME: Pseudonymize()}
    first = written(rules)

    assert written(rules) == first
    assert written(rules, NOTE.replace("John Doe", "JOHN DOE")) == first
    assert written(rules, unit="p2") != first
    assert written(rules, key=b"o" * 32) != first


@pytest.mark.parametrize(
    ("found", "coarse"),
    [
        ("seen 3/14/2021", "seen 2021"),
        ("seen 3/14/21", "seen 2021"),
        ("seen on March 3rd, 2021", "seen on 2021"),
        ("seen 3/14", "seen [DATE]"),
        ("DOB: 3/14/1931", "DOB: [DATE]"),
        ("ZIP 02139", "ZIP 021"),
        ("ZIP 02139-4711", "ZIP 021"),
        ("ZIP 03601", "ZIP 000"),
        ("lives at 12 Elm Street", "lives at [LOCATION]"),
        ("a 97-year-old", "a 90+-year-old"),
    ],
)
def test_generalizes_what_safe_harbor_lets_stay(found: str, coarse: str) -> None:
    rules: dict[Label, TextOperator] = dict.fromkeys(
        (Label.DATE, Label.LOCATION, Label.AGE), Generalize()
    )

    assert written(rules, found) == coarse


def test_the_oldest_year_is_declared() -> None:
    assert written({Label.DATE: Generalize(oldest=1930)}, "DOB: 3/14/1931") == "DOB: 1931"


def test_dates_that_keep_their_weekday_move_by_weeks() -> None:
    shift = DateShift.of(b"s" * 32, ShiftDate(max_days=30, keep_weekday=True))
    moves = {shift.days(str(unit)) for unit in range(300)}

    assert moves == {-28, -21, -14, -7, 7, 14, 21, 28}
    service = TextDeidentifier(
        key=b"k" * 32, shift=shift, operators={Label.DATE: ShiftDate()}, engine=None
    )
    for unit in "abcdef":
        text = service.deidentify("Seen on Tue, March 2, 2021.", unit, KnownIdentifiers()).text
        assert text.startswith("Seen on Tue, ")


def test_nothing_is_encrypted_without_a_key() -> None:
    for operators in ({}, {Label.NAME: Encrypt()}):
        default: Operator = "surrogate" if operators else "encrypt"
        with pytest.raises(DeclarationError, match="DEID-REVERSIBLE"):
            TextDeidentifier(key=b"k" * 32, operator=default, operators=operators)


def test_a_pipeline_with_operators_goes_to_worker_processes() -> None:
    service = TextDeidentifier(
        key=b"k" * 32,
        operators={Label.NAME: Mask(), Label.DATE: ShiftDate(keep_weekday=True)},
        engine=None,
    )

    assert pickle.loads(pickle.dumps(service)) == service  # noqa: S301  made right here


def test_the_stricter_profile_finds_more() -> None:
    assert stricter("standard", "utility") == "standard"
    assert stricter("standard", "strict") == "strict"
