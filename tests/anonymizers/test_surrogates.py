from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizers.known import KnownIdentifiers
from anonymizers.normalized import fold
from anonymizers.spans import Label
from anonymizers.surrogates import StandIns, redaction
from policies.columns import IdentifierKind as Kind

KEY = b"k" * 32
ONE = StandIns(key=KEY, unit="p1", shift_days=10)


def shape(text: str) -> str:
    return re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", re.sub(r"\d", "0", text)))


@pytest.mark.parametrize("label", [Label.ID, Label.PHONE_FAX])
@pytest.mark.parametrize("text", ["MRN-0012-3456", "(617) 555-0123 x45", "Ab12", "123-45-6789"])
def test_a_number_keeps_its_shape(label: Label, text: str) -> None:
    stand_in = ONE.of(label, text)

    assert shape(stand_in) == shape(text)
    assert stand_in != text


def test_an_extension_keeps_its_letter() -> None:
    assert re.fullmatch(r"\d{3}-\d{4} x\d{2}", ONE.of(Label.PHONE_FAX, "555-0123 x45"))


def test_the_same_number_in_another_grouping_gets_the_same_digits() -> None:
    dotted, bracketed = (
        ONE.of(Label.PHONE_FAX, text) for text in ("617.555.0123", "(617) 5550123")
    )

    assert re.sub(r"\D", "", dotted) == re.sub(r"\D", "", bracketed)


def test_a_name_is_the_same_in_any_order_case_and_spelling() -> None:
    first, last = ONE.of(Label.NAME, "Maria Okafor").split()

    assert ONE.of(Label.NAME, "OKAFOR, MARIA") == f"{last}, {first}".upper()
    assert ONE.of(Label.NAME, "mar\u00eda") == first.lower()
    assert ONE.of(Label.NAME, "Okafor-Maria") == f"{last}-{first}"


def test_particles_and_suffixes_of_names_stay() -> None:
    assert re.fullmatch(r"\w+ van der \w+ Jr\.", ONE.of(Label.NAME, "Tilda van der Berg Jr."))


def test_an_initial_becomes_an_initial() -> None:
    assert re.fullmatch(r"[A-Z]\. \w{2,}", ONE.of(Label.NAME, "J. Okafor"))
    assert not ONE.of(Label.NAME, "J. Okafor").startswith("J")


@pytest.mark.parametrize(
    "other",
    [
        StandIns(key=KEY, unit="p2", shift_days=10),
        StandIns(key=b"x" * 32, unit="p1", shift_days=10),
    ],
)
def test_another_patient_or_key_gets_other_stand_ins(other: StandIns) -> None:
    for label, text in ((Label.ID, "00123456789"), (Label.NAME, "Maria Okafor Brandt")):
        assert other.of(label, text) != ONE.of(label, text)


def test_a_date_moves_by_the_days_of_the_patient() -> None:
    assert ONE.of(Label.DATE, "3/14/2022") == "3/24/2022"
    assert ONE.of(Label.DATE, "Christmas") == "[DATE]"


@pytest.mark.parametrize(
    ("label", "text", "pattern"),
    [
        (Label.AGE, "94", r"90\+"),
        (Label.EMAIL, "m.okafor@mail.example", r"[a-z]+@example\.org"),
        (Label.URL_IP, "https://x.example/1", r"https://[a-z]+\.example\.org"),
        (Label.LOCATION, "02139", r"\d{5}"),
        (Label.LOCATION, "Tarnwick", r"[A-Z][a-z]+"),
        (Label.LOCATION, "TARNWICK", r"[A-Z]+"),
        (Label.LOCATION, "612 Kuhlman Avenue Apt 4", r"\d{3} [A-Z][a-z]+ Avenue Apt \d"),
        (Label.LOCATION, "12 elm st", r"\d{2} [a-z]+ st"),
        (Label.HOSPITAL, "Tarn Valley Clinic", r"[A-Z][a-z]+ Clinic"),
        (Label.HOSPITAL, "St. Mary's", r"[A-Z][a-z]+ Hospital"),
        (Label.PROFESSION, "welder", r"\[PROFESSION\]"),
        (Label.OTHER, "thing", r"\[OTHER\]"),
    ],
)
def test_a_stand_in_is_of_the_same_kind(label: Label, text: str, pattern: str) -> None:
    assert re.fullmatch(pattern, ONE.of(label, text))
    assert ONE.of(label, text) != text


@given(
    unit=st.text(max_size=5),
    given_name=st.sampled_from(["Maria", "Peter", "Susan", "James"]),
    family=st.sampled_from(["Smith", "Garcia", "Nguyen", "Okafor"]),
    number=st.integers(0, 999),
)
def test_no_stand_in_is_an_identifier_of_the_patient(
    unit: str, given_name: str, family: str, number: int
) -> None:
    known = KnownIdentifiers.of(
        [
            (Kind.GIVEN_NAME, given_name),
            (Kind.FAMILY_NAME, family),
            *((Kind.ID, str(other)) for other in range(0, 1000, 2)),
        ]
    )
    stand_ins = StandIns(key=KEY, unit=unit, shift_days=1, taken=known.tokens())

    for name in (given_name, family):
        assert fold(stand_ins.of(Label.NAME, name)) not in known.tokens()
    assert stand_ins.of(Label.ID, f"{number:03}") not in known.tokens()


def test_where_no_stand_in_is_free_a_label_is_put() -> None:
    full = StandIns(
        key=KEY, unit="p", shift_days=1, taken=frozenset(str(digit) for digit in range(10))
    )

    assert full.of(Label.ID, "7") == redaction(Label.ID)


def test_where_no_name_is_free_a_label_is_put(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anonymizers.surrogates._names", lambda: (("Maria",), ("Okafor",)))

    assert ONE.of(Label.NAME, "Maria Okafor M.") == "[NAME] [NAME] O."
    assert ONE.of(Label.NAME, "O.") == "[NAME]."


def test_where_no_place_is_free_a_label_is_put(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anonymizers.surrogates._PLACE_STARTS", ("Ash",))
    monkeypatch.setattr("anonymizers.surrogates._PLACE_ENDS", ("ton",))

    assert ONE.of(Label.LOCATION, "Ashton") == "[LOCATION]"
    assert ONE.of(Label.LOCATION, "Tarnwick") == "Ashton"


def test_secrets_are_never_shown() -> None:
    assert repr(ONE) == "StandIns()"


@pytest.mark.parametrize(
    ("label", "text", "pattern"),
    [
        (Label.LOCATION, "12 Rue Quillfeather", r"[A-Z][a-z]+"),
        (Label.LOCATION, "12 Elm Street apt 4B care of Roe", r"[A-Z][a-z]+"),
        (Label.LOCATION, "9 Elm Ave., # 12", r"\d [A-Z][a-z]+ Ave\., # \d\d"),
        (Label.NAME, "Marine542 Ai120", r"[A-Z][a-z]+\d{3} [A-Z][a-z]+\d{3}"),
        (Label.PHONE_FAX, "1-800-MARYROE", r"\d-\d{3}-[A-Z]{7}"),
        (Label.PHONE_FAX, "555-0123 ext. 4", r"\d{3}-\d{4} ext\. \d"),
        (Label.ID, "\u7de8\u865f\u00e912", r"[a-z]{3}\d\d"),
        (Label.DATE, "3/14 \u03a9", r"\[DATE\]"),
    ],
)
def test_nothing_is_taken_for_form_that_may_be_a_name(
    label: Label, text: str, pattern: str
) -> None:
    stand_in = ONE.of(label, text)

    assert re.fullmatch(pattern, stand_in)
    for piece in re.findall(r"\d{3}|[^\W\d_]{4,}", text):
        assert piece.lower() not in stand_in.lower()


WORDS = st.sampled_from(
    (
        "Quillfeather", "\u0141ukasz77", "rue", "Street", "apt", "\u03a9mega", "4471902", "care",
        "of", "Okonkwo", "Marine542", "ext", "3/14", "van", "Hospital", "clinic", "@", "#", ".",
    )
)  # fmt: skip


@given(
    st.lists(WORDS, min_size=1, max_size=6).map(" ".join),
    st.sampled_from([one for one in Label if one is not Label.DATE]),
)
def test_no_stand_in_leaves_a_part_of_what_it_stands_for(text: str, label: Label) -> None:
    stand_in = fold(ONE.of(label, text))

    for part in ("quillfeather", "lukasz", "mega", "4471902", "okonkwo", "marine"):
        assert part not in stand_in
