from __future__ import annotations

import pickle
from string import ascii_letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizers.known import Directory, KnownIdentifiers, Matcher
from anonymizers.normalized import normalize, squeeze
from anonymizers.spans import Source, merged
from anonymizers.variants import variants_of
from policies.columns import IdentifierKind as Kind
from tests.anonymizers.marked import read, shown

MARIA = KnownIdentifiers.of(
    [
        (Kind.GIVEN_NAME, "María Elena"),
        (Kind.FAMILY_NAME, "O'Brien-Okafor"),
        (Kind.FULL_NAME, "Dr. Ella Do"),
        (Kind.RELATIVE_NAME, "Kshlerin58, Romana140"),
        (Kind.DATE, "1950-01-02"),
        (Kind.PHONE, "+1 (617) 555-0123 x45"),
        (Kind.EMAIL, "maria.o@mail.example"),
        (Kind.STREET, "612 North Kuhlman Avenue Apt 4"),
        (Kind.CITY, "Amherst"),
        (Kind.POSTAL_CODE, "01002-3456"),
        (Kind.ID, "MRN-0012-3456"),
        (Kind.ID, "04ddd0b3-30c2-a5bd-ce9c-83505de565c9"),
        (Kind.ID, "ABCDEF"),
        (Kind.ORGANIZATION, "Tarn Valley Clinic, Inc."),
        (Kind.ORGANIZATION, "Oz"),
        (Kind.GIVEN_NAME, None),
        (Kind.GIVEN_NAME, "  "),
    ]
)
AMBIGUOUS = KnownIdentifiers.of(
    [(Kind.GIVEN_NAME, "Will"), (Kind.FAMILY_NAME, "Young"), (Kind.GIVEN_NAME, "May")]
)
EPONYM = KnownIdentifiers.of([(Kind.FAMILY_NAME, "Parkinson"), (Kind.GIVEN_NAME, "Li")])
STAFF = Directory.of(
    [
        [(Kind.GIVEN_NAME, "Agnes"), (Kind.FAMILY_NAME, "Hargreaves"), (Kind.ID, "1234567893")],
        [(Kind.GIVEN_NAME, "Yusuf"), (Kind.FAMILY_NAME, "St. Clair")],
        [(Kind.GIVEN_NAME, "Rose"), (Kind.FAMILY_NAME, "Long")],
        [(Kind.ORGANIZATION, "Women's Health"), (Kind.ORGANIZATION, "Bluestem")],
        [(Kind.FAMILY_NAME, "")],
    ]
)


def found(matcher: Matcher, text: str) -> tuple[tuple[str, str], ...]:
    normalized = normalize(text)
    spans = matcher.find(normalized, squeeze(normalized.folded))
    return shown(text, merged(normalized.to_original(span) for span in spans))


@pytest.mark.parametrize(
    "marked",
    [
        "{NAME:Maria} came",
        "{NAME:MARIA} {NAME:ELENA} came",
        "{NAME:elena} came",
        "{NAME:O'BRIEN-OKAFOR, MARIA}",
        "{NAME:o\u2019brien okafor}'s chart",
        "Mrs. {NAME:OBrien Okafor}",
        "{NAME:Okafor} and {NAME:O'Brien}",
        "the {NAME:Okafors} came",
        "the okafors came",
        "{NAME:M. Okafor} signed, {NAME:m. okafor} too",
        "{NAME:Ma\u200bria} came",
        "her aunt {NAME:Ella Do} drove",
        "her mother {NAME:Romana Kshlerin58}",
        "born {DATE:01/02/1950}, {DATE:1-2-50}, {DATE:1950.01.02}, {DATE:2 Jan 1950}",
        "born {DATE:January 2nd, 1950} or {DATE:19500102}",
        "on 11/2/1950 or 1/2/19503",
        "call {PHONE_FAX:617.555.0123} or ({PHONE_FAX:617) 555 0123} or {PHONE_FAX:555-0123}",
        "mail {EMAIL:Maria.O@mail.example}",
        "at {LOCATION:612 N. Kuhlman Ave}",
        "at {LOCATION:612 North Kuhlman Avenue, Apt. 4}, {LOCATION:Amherst} {LOCATION:01002}",
        "MRN {ID:MRN 00123456}, {ID:mrn-0012-3456}",
        "row {ID:04DDD0B3-30C2-A5BD-CE9C-83505DE565C9}",
        "code {ID:ABCDEF} not abcdef",
        "seen at {HOSPITAL:Tarn Valley Clinic Inc}, then {HOSPITAL:tarn valley clinic}",
    ],
)
def test_finds_what_the_tables_say_as_people_write_it(marked: str) -> None:
    text, gold = read(marked)

    assert found(MARIA.matcher(), text) == gold


@pytest.mark.parametrize(
    "text",
    [
        "Mariana and Elenore",
        "0012345 mg",
        "room 12 on 1950",
        "amherstburg",
        "oz of water",
        "John. Okaforian",
    ],
)
def test_leaves_what_only_begins_alike(text: str) -> None:
    assert found(MARIA.matcher(), text) == ()


def test_a_name_does_not_go_on_behind_a_full_stop() -> None:
    text = "Seen with Okafor. Maria's wound is dry"

    assert found(MARIA.matcher(), text) == (("NAME", "Okafor"), ("NAME", "Maria"))


@pytest.mark.parametrize(
    "marked",
    [
        "she saw {NAME:Will} today",
        "{NAME:Will} is here",
        "{NAME:Young} reports pain",
        "{NAME:will young} came",
        "{NAME:YOUNG, WILL}",
        "{NAME:W. Young} signed",
        "Will follow up",
        "will follow up",
        "a young man in May 2020",
        "seen May 5",
        "May have pain",
        "YOUNG MAN IN BED",
        "NOTE FOR {NAME:YOUNG} today",
    ],
)
def test_a_name_that_is_a_word_counts_where_it_looks_like_a_name(marked: str) -> None:
    text, gold = read(marked)

    assert found(AMBIGUOUS.matcher(), text) == gold


@pytest.mark.parametrize(
    "marked",
    [
        "Mr. {NAME:Parkinson} has Parkinson's disease",
        "parkinson disease",
        "met {NAME:Li} today",
        "LI and li",
        "{NAME:Li Parkinson}",
    ],
)
def test_an_eponym_before_its_term_is_no_name(marked: str) -> None:
    text, gold = read(marked)

    assert found(EPONYM.matcher(), text) == gold


@pytest.mark.parametrize(
    "marked",
    [
        "Dr. {NAME:Hargreaves} and nurse {NAME:agnes}",
        "hargreaves alone in lower case",
        "{NAME:agnes hargreaves}, {NAME:a. hargreaves}, {NAME:A Hargreaves}",
        "dr. {NAME:Y. St. Clair} and {NAME:yusuf st. clair}",
        "a rose; a long day",
        "{NAME:Rose Long}",
        "at {HOSPITAL:WOMEN'S HEALTH} or {HOSPITAL:bluestem}",
        "women's health matters",
        "NPI {ID:1234567893}",
    ],
)
def test_staff_and_facilities_need_more_evidence(marked: str) -> None:
    text, gold = read(marked)

    assert found(STAFF.matcher(), text) == gold


def test_says_which_layer_found_it() -> None:
    normalized = normalize("Dr. Hargreaves")

    (span,) = STAFF.matcher().find(normalized, squeeze(normalized.folded))

    assert span.source is Source.DIRECTORY


def test_an_empty_record_finds_nothing() -> None:
    matcher = KnownIdentifiers().matcher()

    assert len(matcher) == 0
    assert found(matcher, "anything") == ()


def test_identifiers_are_never_shown() -> None:
    assert "Okafor" not in repr(MARIA)
    assert "Hargreaves" not in repr(STAFF)


def test_identifiers_go_to_worker_processes() -> None:
    assert pickle.loads(pickle.dumps(MARIA)) == MARIA  # noqa: S301
    assert pickle.loads(pickle.dumps(STAFF)) == STAFF  # noqa: S301


def test_the_tokens_of_a_patient_are_what_no_stand_in_may_be() -> None:
    assert {"maria", "okafor", "mrn00123456", "16175550123x45"} <= MARIA.tokens()


@pytest.mark.parametrize("value", ["1950-13-40", "soon", "1950"])
def test_what_is_no_day_gives_no_date(value: str) -> None:
    assert list(variants_of([(Kind.DATE, value)])) == []


@pytest.mark.parametrize("value", ["01/02/1950", "02.01.1950", "1950/01/02", "1950-01-02T00:00:00"])
def test_a_day_is_read_in_the_forms_of_tables(value: str) -> None:
    pieces = {variant.pieces for variant in variants_of([(Kind.DATE, value)])}

    assert ("january", "2", "1950") in pieces


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.PHONE, "911"),
        (Kind.ID, "1987"),
        (Kind.ID, "patient"),
        (Kind.EMAIL, "none"),
        (Kind.POSTAL_CODE, "0210"),
        (Kind.STREET, "Main"),
        (Kind.CITY, "Oz"),
        (Kind.FAMILY_NAME, "!"),
        (Kind.FAMILY_NAME, "van"),
    ],
)
def test_what_would_hit_anything_is_not_searched_alone(kind: Kind, value: str) -> None:
    assert list(variants_of([(kind, value)])) == []


NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=9)


@given(given_name=NAMES, family=NAMES, number=st.integers(10**6, 10**9))
def test_every_exact_identifier_is_found_in_any_text(
    given_name: str, family: str, number: int
) -> None:
    known = KnownIdentifiers.of(
        [
            (Kind.GIVEN_NAME, given_name + "q"),
            (Kind.FAMILY_NAME, family + "q"),
            (Kind.ID, str(number)),
        ]
    )
    text = f"x {given_name}q, ({family.title()}q) #{number}."

    assert [label for label, _ in found(known.matcher(), text)] == ["NAME", "NAME", "ID"]


@pytest.mark.parametrize(
    "text",
    [
        "copies: Rose by mail", "Rose received tea", "(now married, before: Rose)", "Rose.",
        "CALL BACK. ROSE CAN BE REACHED", "ms. rose is well",
    ],
)  # fmt: skip
def test_the_patients_own_name_counts_at_the_start_of_a_sentence(text: str) -> None:
    own = KnownIdentifiers.of([(Kind.GIVEN_NAME, "Rose")]).matcher()
    staff = Directory.of([[(Kind.GIVEN_NAME, "Rose")]]).matcher()
    read = normalize(text)

    found = [span.of(text).casefold() for span in own.find(read, squeeze(read.folded))]
    assert found == ["rose"]
    if "received" not in text:
        assert not staff.find(read, squeeze(read.folded))


WORDS = st.sampled_from(("a", "Zé", "O'Brien", "12", "x7", "ß", "Ĳ", "①", "'", "-", "@", ", "))
VALUES = st.lists(WORDS, max_size=4).map(" ".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=14
)


@given(
    entries=st.lists(st.tuples(st.sampled_from(Kind), VALUES), min_size=1, max_size=3),
    staff=st.booleans(),
)
def test_whatever_a_table_holds_can_be_searched_for(
    entries: list[tuple[Kind, str]], *, staff: bool
) -> None:
    known: Directory | KnownIdentifiers = (
        Directory.of([entries]) if staff else KnownIdentifiers.of(entries)
    )
    values = [value for _, value in entries]
    text = f"Seen: {', '.join(values)}; {values[0].upper()}; {' '.join(ascii_letters)}."

    for start, end in found_places(known.matcher(), text):
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("kind", [Kind.FULL_NAME, Kind.FAMILY_NAME, Kind.GIVEN_NAME])
def test_no_initial_stands_for_a_family_name_that_is_a_number(kind: Kind) -> None:
    staff = Directory.of([[(kind, "4711"), (Kind.GIVEN_NAME, "Agnes")]])

    assert found(staff.matcher(), "A nurse, Agnes Hill: a day in A Ward.") == (("NAME", "Agnes"),)


def found_places(matcher: Matcher, text: str) -> list[tuple[int, int]]:
    normalized = normalize(text)
    spans = matcher.find(normalized, squeeze(normalized.folded))
    return [(span.start, span.end) for span in map(normalized.to_original, spans)]
