"""What holds for every text and every set of spans, however they overlap."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizers.keys import DateShift, derive_key
from anonymizers.known import KnownIdentifiers
from anonymizers.operators import Cipher, Writer
from anonymizers.presidio import replace_spans
from anonymizers.spans import Label, Source, Span, merged
from anonymizers.surrogates import StandIns, redaction
from anonymizers.text import Note, TextDeidentifier
from policies.columns import IdentifierKind as Kind
from policies.text_operators import BY_NAME, FOR_LABELS, Mask, Redact, Replace, TextOperator

PIECES = (
    "Zenobia Quillfeather", "Quillfeather", "zenobia", "ZENOBIA QUILLFEATHER", "4471902",
    "03/14/2021", "pain 8/10", "BP 120/80.", "\n", "was seen by", "Dr. Okonkwo", "\u200b", "\u0438",
    "(617) 555-0123", "the patient", ";", "metoprolol 25 mg", "e\u0301",
)  # fmt: skip
KNOWN = KnownIdentifiers.of(
    [(Kind.GIVEN_NAME, "Zenobia"), (Kind.FAMILY_NAME, "Quillfeather"), (Kind.ID, "4471902")]
)
texts = st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join)


@st.composite
def spanned(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    """A text of different characters, so that each can be told from all others, and spans."""
    length = draw(st.integers(1, 60))
    text = "".join(chr(0x4E00 + place) for place in range(length))
    spans = []
    for _ in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, length - 1))
        end = draw(st.integers(start + 1, length))
        label = draw(st.sampled_from(Label))
        spans.append(Span(start=start, end=end, label=label, score=0.5, source=Source.FRAME))
    return text, tuple(spans)


@given(spanned())
def test_no_span_is_left_standing_and_nothing_else_is_touched(
    case: tuple[str, tuple[Span, ...]],
) -> None:
    text, spans = case
    inside = {text[place] for span in spans for place in range(span.start, span.end)}
    written = replace_spans(text, merged(spans), lambda label, _: redaction(label))

    assert not inside & set(written)
    assert [one for one in written if one in text] == [one for one in text if one not in inside]


def writer(operators: dict[Label, TextOperator], key: bytes = b"k" * 32) -> Writer:
    return Writer(
        stand_ins=StandIns(key=key, unit="p1", shift_days=3),
        default=Redact(),
        operators=operators,
        cipher=Cipher(key=key * 3),
    )


@st.composite
def operators(draw: st.DrawFn) -> dict[Label, TextOperator]:
    """An operator for each of some labels, any that fits it."""
    kinds: tuple[TextOperator, ...] = (
        *BY_NAME.values(),
        Replace(text="(gone)"),
        Mask(character="#"),
    )
    chosen: dict[Label, TextOperator] = {}
    for label in draw(st.sets(st.sampled_from(Label))):
        fitting = [one for one in kinds if label in FOR_LABELS.get(type(one), tuple(Label))]
        chosen[label] = draw(st.sampled_from(fitting))
    return chosen


@settings(deadline=None)
@given(spanned(), operators())
def test_no_operator_leaves_anything_of_a_span_or_touches_anything_else(
    case: tuple[str, tuple[Span, ...]], chosen: dict[Label, TextOperator]
) -> None:
    text, spans = case
    inside = {text[place] for span in spans for place in range(span.start, span.end)}
    written = replace_spans(text, merged(spans), writer(chosen).written)

    assert not inside & set(written)
    assert [one for one in written if one in text] == [one for one in text if one not in inside]


NAMES = st.text("abcdefghij", min_size=6, max_size=12).map(str.title)


@settings(deadline=None)
@given(NAMES, st.sampled_from(("surrogate", "pseudonymize", "encrypt")), st.sampled_from(Label))
def test_the_same_key_gives_the_same_and_another_projects_key_another(
    value: str, name: str, label: Label
) -> None:
    chosen: dict[Label, TextOperator] = {label: BY_NAME[name]}
    fixed = (Label.AGE, Label.PROFESSION, Label.OTHER, Label.DATE)
    one, again = (writer(chosen).written(label, value) for _ in range(2))
    others = {
        writer(chosen, derive_key(b"m" * 32, purpose="text", dataset="d", scope=f"p{at}")).written(
            label, value
        )
        for at in range(4)
    }

    assert one == again
    if name != "surrogate" or label not in fixed:  # those are the same for everybody
        assert len(others | {one}) > 1
    if name != "surrogate":
        assert len(others | {one}) == 5


@settings(deadline=None, max_examples=40)
@given(texts)
def test_text_outside_the_spans_is_unchanged_and_the_known_are_gone(text: str) -> None:
    service = TextDeidentifier(key=b"k" * 32, operator="redact")
    note = service.deidentify(text, "p1", KNOWN)
    pieces, at = [], 0
    for span in note.spans:
        pieces += [text[at : span.start], redaction(span.label)]
        at = span.end

    assert note.text == "".join([*pieces, text[at:]])
    assert all(a.end <= b.start for a, b in zip(note.spans, note.spans[1:], strict=False))
    plain = note.text.casefold()
    assert not [own for own in ("zenobia", "quillfeather", "4471902") if own in plain]


@settings(deadline=None, max_examples=25)
@given(
    days=st.lists(st.dates(date(1990, 1, 1), date(2030, 1, 1)), min_size=2, max_size=5),
    unit=st.text("abc", min_size=1, max_size=4),
    weekly=st.booleans(),
)
def test_intervals_stay_and_the_same_key_moves_the_same(
    days: list[date], unit: str, *, weekly: bool
) -> None:
    def moved(key: bytes) -> list[date]:
        service = TextDeidentifier(key=b"k" * 32, shift=moves(key))
        notes = [Note(id=str(at), unit=unit, text=f"Seen {day}.") for at, day in enumerate(days)]
        outcomes = service.deidentify_patient(notes)
        found = [one.note.text.removeprefix("Seen ").rstrip(".") for one in outcomes if one.note]
        return [date.fromisoformat(one) for one in found]

    def moves(key: bytes) -> DateShift:
        return DateShift(key=key, keep_weekday=weekly)

    shift = timedelta(days=moves(b"s" * 32).days(unit))
    there = moved(b"s" * 32)

    assert there == moved(b"s" * 32) == [day + shift for day in days]
    assert not weekly or [one.weekday() for one in there] == [one.weekday() for one in days]
    assert shift
