"""What hides an identifier from a search hides it from nobody who reads the note."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizers.known import KnownIdentifiers
from anonymizers.normalized import normalize, readings
from anonymizers.presidio.analyzer import CHUNK
from anonymizers.text import TextDeidentifier
from policies.columns import IdentifierKind as Kind

SERVICE = TextDeidentifier(key=b"k" * 32, operator="redact")
RULES = TextDeidentifier(key=b"k" * 32, operator="redact", engine=None)
KNOWN = KnownIdentifiers.of(
    [(Kind.GIVEN_NAME, "Zenobia"), (Kind.FAMILY_NAME, "Quillfeather"), (Kind.ID, "4471902")]
)
BEFORE, AFTER = "BP 120/80.\nSeen: ", " (stable).\n"

INVISIBLE = (
    "\u200b", "\u200c", "\u200d", "\u2060", "\u00ad", "\ufeff", "\u200e", "\u200f", "\u202a",
    "\u202c", "\u2066", "\u2069", "\u061c", "\u180e", "\ufe0f", "\u034f", "\U000e0041", "&shy;",
    "&zwj;", "&#8203;", "&#xAD;", "&amp;#8203;", "\x07", "\x1b", "\x7f", "\x9b",
)  # fmt: skip
MARKS = ("\u0301", "\u0308", "\u0336", "\u20dd", "\u0489", "\u0332", "\u1ab0", "&#x301;")
LETTERS = {
    "e": ("\u0435", "\uff45", "&#101;", "&#x65;", "\U0001d41e", "\u00e9", "&eacute;", "\u24d4"),
    "o": ("\u043e", "\u03bf", "\uff4f", "&#111;", "\u0585", "&ouml;", "\u1d0f", "&amp;#111;"),
    "i": ("\u0456", "\uff49", "\u0131", "&iacute;", "\u2170", "\u00ec"),
    "a": ("\u0430", "\uff41", "&agrave;", "\u0251", "\u00aa"),
    "1": ("\uff11", "\u0661", "\u06f1", "\u0967", "\U0001d7cf", "\u2460", "&#49;"),
    "4": ("\uff14", "\u0664", "\u096a", "\u2074"),
    "9": ("\uff19", "\u0669", "\u06f9", "\U0001d7f5"),
    "0": ("\uff10", "\u0660", "\u0966", "&#48;"),
}


@st.composite
def disguised(draw: st.DrawFn, value: str) -> str:
    """Write a value so that it still reads the same."""
    written = []
    for place, letter in enumerate(value):
        one = draw(st.sampled_from((letter, letter, *LETTERS.get(letter, ()))))
        if draw(st.integers(0, 5)) == 0:
            one += draw(st.sampled_from(MARKS))
        if place + 1 < len(value) and draw(st.integers(0, 3)) == 0:
            one += draw(st.sampled_from(INVISIBLE))
        written.append(one)
    return "".join(written)


def middle_of(text: str, service: TextDeidentifier = RULES) -> str:
    """De-identify a value between two texts, and check that those stay as they are."""
    done = service.deidentify(BEFORE + text + AFTER, "p1", KNOWN)

    assert done.text.startswith(BEFORE)
    assert done.text.endswith(AFTER)
    for span in done.spans:
        assert len(BEFORE) <= span.start < span.end <= len(BEFORE + text)
    return done.text[len(BEFORE) : -len(AFTER)]


@settings(deadline=None, max_examples=150)
@given(disguised("Zenobia"), disguised("Quillfeather"))
def test_a_known_name_is_found_however_it_is_written(given_name: str, family: str) -> None:
    assert set(middle_of(f"{given_name} {family}").replace("[NAME]", "")) <= {" "}


@settings(deadline=None, max_examples=100)
@given(disguised("4471902"))
def test_a_known_number_is_found_however_it_is_written(number: str) -> None:
    assert middle_of(number) == "[ID]"


@pytest.mark.parametrize("between", [*INVISIBLE, *INVISIBLE[:4], "\x00", "\u0085", "\u2028"])
def test_a_name_is_found_on_both_sides_of_what_cannot_be_seen(between: str) -> None:
    left = middle_of(f"Zenobia{between}Quillfeather")

    assert "zenobia" not in left.lower()
    assert "quillfeather" not in left.lower()


def test_a_name_that_is_turned_round_for_the_eye_is_found() -> None:
    name = "Zenobia Quillfeather"[::-1]

    assert middle_of(f"\u202e{name}\u202c!") == "\u202e[NAME]!"
    assert "Quill"[::-1] not in middle_of(f"seen \u202e{name}\n and \u202e2091744\u202c")


@pytest.mark.parametrize(
    "text",
    [
        "Mr. John D\u0336o\u0336e\u0336", "Mr. Jo\ufe0fhn Doe", "Mr.&nbsp;John&#32;Doe",
        "Mr. J\u20ddohn Doe", "Mr. &#74;ohn Doe", "Mr. John\u2028Doe", "Mr. \U0001d40dohn Doe",
        "SSN \uff19\uff10\uff10-\uff11\uff12-\uff13\uff14\uff15\uff16", "SSN 900&#45;12&#45;3456",
        "SSN \u0669\u0660\u0660-\u0661\u0662-\u0663\u0664\u0665\u0666", "SSN 900\u201112\u20113456",
        "mail j.doe&#64;mail.example.org", "call (617)\u00a0555\u20110123",
    ],
)  # fmt: skip
def test_what_nobody_knows_yet_is_found_in_disguise(text: str) -> None:
    done = SERVICE.deidentify(BEFORE + text + AFTER, "p1", KnownIdentifiers())
    plain = unicodedata.normalize("NFKD", done.text).casefold()

    assert len(done.spans) == 1
    assert done.text.startswith(BEFORE)
    assert done.text.endswith(AFTER)
    assert not [one for one in ("john", "doe", "900", "3456", "0123", "\u0669") if one in plain]


def test_entities_that_are_none_stay_characters() -> None:
    text = "AT&T; R&D &nosuch; &#; &#xzz; 3 &lt; 5 &amp; rising"

    assert normalize(text).text == "AT&T; R&D &nosuch; &#; &#xzz; 3 < 5 & rising"


def test_a_plain_text_is_read_once_and_a_divided_one_twice() -> None:
    assert len(readings("Jane Roe, caf\u00e9, 5 \u03bcg; soft\u00ad hyphen")) == 1
    assert [one.text for one in readings("Oka\u200bfor")] == ["Okafor", "Oka for"]
    assert [one.text for one in readings("Oka\x07for")] == ["Oka for", "Okafor"]
    assert [one.text for one in readings("O\u200bka\x07for")] == [
        "Oka for", "Okafor", "O ka for", "O kafor",
    ]  # fmt: skip
    assert [one.text for one in readings("a \u202ecba\u202c d")] == ["a cba d", "a abc d"]


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60) | st.text("a1\u200b\u202e\u202c\u0301&;#x4\x07\ud800 \n", max_size=40))
def test_every_reading_of_any_text_leads_back_into_it(text: str) -> None:
    for reading in readings(text):
        assert len(reading.folded) == len(reading.text)
        if reading.starts is not None and reading.ends is not None:
            assert len(reading.starts) == len(reading.ends) == len(reading.text)
            for start, end in zip(reading.starts, reading.ends, strict=True):
                assert 0 <= start < end <= len(text)


@settings(deadline=None, max_examples=100)
@given(
    st.text("aZ9 .\n\u200b\u202e\u202c\u0301&#;48\x07\ud800-/", max_size=60), st.text(max_size=20)
)
def test_nothing_crashes_and_nothing_but_spans_is_touched(odd: str, any_text: str) -> None:
    text = odd + "Zenobia" + any_text
    done = RULES.deidentify(text, "p1", KNOWN)
    pieces, at = [], 0
    for span in done.spans:
        assert at <= span.start < span.end
        pieces += [text[at : span.start], f"[{span.label.value}]"]
        at = span.end

    assert done.text == "".join([*pieces, text[at:]])


@pytest.mark.parametrize(
    "text",
    ["\u200b" * 300_000, "e" + "\u0301\u0323" * 150_000, "&#101;" * 50_000, "\u202e" * 9_999],
)
def test_piles_of_marks_take_no_time(text: str) -> None:
    started = time.process_time()
    done = RULES.deidentify(f"Zenobia {text}", "p1", KNOWN)

    assert done.text.startswith("[NAME]")
    assert time.process_time() - started < 20


@pytest.mark.parametrize("inside", range(0, 27, 2))
def test_what_lies_across_the_end_of_a_piece_is_found_whole(inside: int) -> None:
    """The end of the first piece is moved through a frame and its name, character by character."""
    pad = ("pain 3/10. " * 2_000)[: CHUNK - inside - 1] + " "
    told = "seen by mr. xanquill today. "
    done = RULES.deidentify(pad + told + pad, "p1", KnownIdentifiers())

    assert len(pad) == CHUNK - inside
    assert done.text == pad + "seen by mr. [NAME] today. " + pad


def test_a_long_note_is_read_whole_and_its_pieces_meet() -> None:
    """Identifiers at every place near the ends of the pieces in which it is read."""
    filler = "Pain 3/10 and BP 120/80 today, no cough.\n"
    lines = [filler] * 2_200
    for place in range(0, len(lines), 7):
        lines[place] = f"Mr. John Doe, SSN 900-12-{place:04}, was in bed {place}.\n"
    text = "".join(lines)
    done = RULES.deidentify(text, "p1", KnownIdentifiers())
    expected = "".join(
        f"Mr. [NAME], SSN [ID], was in bed {place}.\n" if place % 7 == 0 else filler
        for place in range(len(lines))
    )

    assert len(text) > 80_000
    assert done.text == expected
