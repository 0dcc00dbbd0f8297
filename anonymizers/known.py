"""What is known already is searched for first: the patient's own record finds the patient.

Names that are everyday words too ("May", "Will", "Long") or have one or two letters count alone
only where they look like a name (``Case.EVIDENT``): with a capital in the middle of a sentence, or
at its start if it is the patient's own or stands before a word such as "is" or "reports"; never
before a number ("May 5"), in a line of capitals only before such a word, and never as part of a
term ("Down syndrome"). Beside the other name, in either
order and in any letter case, they always count; titles and relations are the frames' work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import ahocorasick

from anonymizers.normalized import Normalized, Squeezed, fold
from anonymizers.spans import Label, Source, Span
from anonymizers.variants import Case, Gaps, Identifier, Variant, name_tokens, variants_of
from anonymizers.words import term_heads, terms
from policies.columns import IdentifierKind

__all__ = ["Directory", "KnownIdentifiers", "Matcher"]

_MAX_GAP: Final = 3
_WORDED: Final = frozenset({Label.NAME, Label.HOSPITAL, Label.LOCATION})
_WRAPPED: Final = 9
"""Numbers of so many characters are found across the end of a line, too."""
_MAX_ABBREVIATION: Final = 2
"""A point after so many letters ends no sentence: "J. Rousseau", "St. Clair"."""
_IN_NAMES: Final = frozenset(" ,-'\n_")
_SUBJECT: Final = re.compile(
    r"(?:'s)?,?\s+(?:is|was|has|had|says|said|states|stated|reports|reported|denies|denied|presents|"
    r"presented|complains|complained|lives|lived|appears|appeared|came|called|who|and his|and her|"
    r"asked|asks|feels|felt|agrees|agreed|wants|wanted|tolerated|arrived|underwent|will|would|can|"
    r"could|should|may|might|did|does|took|brings|takes|calls|remains|returns|requests|"
    r"(?!need|feed|bleed|proceed|exceed)[a-z]{2,}ed)\b"
)
_TITLE_BEFORE: Final = re.compile(r"\b(?:mrs?|ms|miss|mx)\.?\s{1,2}$")
_TITLE_REACH: Final = 8
_HELPING: Final = frozenset({"will", "may", "can", "do", "an", "my", "so", "no", "in", "as", "he"})
"""Names that start sentences without being names there: these need a verb after them."""
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?:;\u2022*#>|-]\s*|\n\s*|\"\s*|\(\s*)$")
_HEAD_AFTER: Final = re.compile(r"(?:'?s)?[\s-]+([a-z]+)")
_LINE_REACH: Final = 400
"""Of a longer line, so much before and after a name is looked at."""
_NUMBER_AFTER: Final = re.compile(r"[\s,]+\d")


class Matcher:
    """Finds many variants in one pass over a text (Aho and Corasick, 1975)."""

    def __init__(self, variants: Iterable[Variant], source: Source) -> None:
        self._source = source
        self._size = 0
        self._automaton = ahocorasick.Automaton()
        by_key: dict[str, dict[Variant, None]] = {}
        for variant in variants:
            if variant.key:
                by_key.setdefault(variant.key, {})[variant] = None
        for key, same in by_key.items():
            self._automaton.add_word(key, (len(key), tuple(same)))
            self._size += len(same)
        if by_key:
            self._automaton.make_automaton()

    def __len__(self) -> int:
        return self._size

    def _case_fits(self, text: Normalized, letters: Squeezed, first: int, variant: Variant) -> bool:
        own = self._source is Source.KNOWN
        return _case_fits(text, letters, first, variant, own=own)

    def find(self, text: Normalized, letters: Squeezed) -> list[Span]:
        """Return spans of the normalized text; they may overlap."""
        found: list[Span] = []
        if not self._size:
            return found
        for last, (length, variants) in self._automaton.iter(letters.text):
            first = last - length + 1
            start, end = letters.positions[first], letters.positions[last] + 1
            if not _at_borders(text.folded, start, end):
                continue
            for variant in variants:
                if _gaps_fit(text.text, letters, first, variant) and self._case_fits(
                    text, letters, first, variant
                ):
                    found.append(
                        Span(
                            start=start, end=end, label=variant.label, score=1.0,
                            source=self._source,
                        )
                    )  # fmt: skip
                    break
        return found


def _at_borders(folded: str, start: int, end: int) -> bool:
    """A letter does not touch a letter outside, nor a digit a digit; "DOB01/02/50" is two words."""
    return not (
        (start > 0 and _same_class(folded[start - 1], folded[start]))
        or (end < len(folded) and _same_class(folded[end - 1], folded[end]))
    )


def _same_class(left: str, right: str) -> bool:
    return (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())


def _gaps_fit(text: str, letters: Squeezed, first: int, variant: Variant) -> bool:
    """Check what stands between neighboring letters of a match."""
    borders: set[int] = set()
    offset = 0
    for piece in variant.pieces[:-1]:
        offset += len(piece)
        borders.add(offset)
    length = len(variant.key)
    last = 0
    for offset in range(1, length):
        before = letters.positions[first + offset - 1] + 1
        gap = letters.positions[first + offset] - before
        between = text[before : before + gap]
        if offset in borders:
            abbreviated = offset - last <= _MAX_ABBREVIATION
            last = offset
            if not _border_gap_fits(between, variant, abbreviated=abbreviated):
                return False
        elif gap and not _inner_gap_fits(between, variant, offset):
            return False
    return True


def _border_gap_fits(between: str, variant: Variant, *, abbreviated: bool) -> bool:
    """Between two words little may stand; a sentence may end only where no name goes on."""
    if not between:
        return variant.gaps is not Gaps.BETWEEN_ALL_PIECES
    if variant.label is Label.DATE and variant.key.isdigit():
        return len(between) == 1
    ended = variant.label is Label.NAME and not abbreviated and not set(between) <= _IN_NAMES
    return len(between) <= _MAX_GAP and not ended


def _inner_gap_fits(between: str, variant: Variant, offset: int) -> bool:
    """An id may be grouped anyhow; a name may have one apostrophe or hyphen, as in O'Brien."""
    if variant.gaps is Gaps.ANYWHERE:
        return len(between) < _MAX_GAP and ("\n" not in between or len(variant.key) >= _WRAPPED)
    # The Garcias are found, and Garcia's is not them; St. Brigid's is the name of a place.
    possessive = variant.label is Label.NAME and between == "'" and variant.key[offset:] == "s"
    return variant.label in _WORDED and between in {"'", "-"} and not possessive


def _case_fits(
    text: Normalized, letters: Squeezed, first: int, variant: Variant, *, own: bool
) -> bool:
    if variant.label is Label.NAME and _is_term(text, letters, first, variant):
        return False
    if variant.case is Case.ANY or (
        variant.case is Case.INITIAL and _pointed(text, letters, first)
    ):
        return True
    at = letters.positions[first]
    if own and _TITLE_BEFORE.search(text.folded, max(0, at - _TITLE_REACH), at):
        return True
    offset = first
    for piece in variant.pieces:
        if not text.text[letters.positions[offset]].isupper() and piece[0].isalpha():
            return False
        offset += len(piece)
    if variant.case is not Case.EVIDENT:
        return True
    start, end = letters.positions[first], letters.positions[offset - 1] + 1
    return _evident(text.text, start, end, own=own)


def _pointed(text: Normalized, letters: Squeezed, first: int) -> bool:
    """Say whether a point follows the first letter: "j. rousseau" needs no capital."""
    after = letters.positions[first] + 1
    return text.text[after : after + 1] == "."


def _is_term(text: Normalized, letters: Squeezed, first: int, variant: Variant) -> bool:
    """Say whether the match is the name in a term, such as "Parkinson's disease"."""
    if len(variant.pieces) > 1 or (variant.key not in terms()):
        return False
    end = letters.positions[first + len(variant.key) - 1] + 1
    after = _HEAD_AFTER.match(text.folded, end)
    return after is not None and after[1] in term_heads()


def _evident(text: str, start: int, end: int, *, own: bool) -> bool:
    """Say whether a capitalized everyday word is used as a name.

    Of the patient's own names, a capital is enough at the start of a sentence, too, but for
    helping words: in the notes of a Rose, "Rose by mail" is hers, and "Will follow up" is nobody.
    """
    word = text[start:end]
    before, rest = max(0, start - _LINE_REACH), text[end : end + _LINE_REACH]
    line_start = max(text.rfind("\n", before, start) + 1, before)
    line = text[line_start:end] + rest.partition("\n")[0]
    after = _HEAD_AFTER.match(rest.lower())
    if _NUMBER_AFTER.match(text, end) or (after and after[1] in term_heads()):
        return False
    content = own and word.lower() not in _HELPING
    if len(word) > 1 and word.isupper():
        acts = content and _SUBJECT.match(rest.lower()) is not None
        return (acts or not line.isupper()) and len(word) > 3  # noqa: PLR2004  "PT" is no Mr. Pt
    if not content and _SENTENCE_START.search(text[max(line_start - 1, 0) : start]):
        return _SUBJECT.match(text, end) is not None
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIdentifiers:
    """What the tables say of one patient; never shown.

    Attributes:
        pairs: What each value is, and the value as the source has it.
    """

    pairs: tuple[Identifier, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, pairs: Iterable[tuple[IdentifierKind, str | None]]) -> KnownIdentifiers:
        """Keep the values that say something, each once."""
        kept = ((kind, value) for kind, value in pairs if value and value.strip())
        return cls(pairs=tuple(dict.fromkeys(kept)))

    def matcher(self) -> Matcher:
        """Return the search for the patient's identifiers and their variants."""
        return Matcher(variants_of(self.pairs), Source.KNOWN)

    def tokens(self) -> frozenset[str]:
        """Return words, names and numbers that must not appear in a stand-in, folded."""
        found: set[str] = set()
        for _, value in self.pairs:
            found.update(name_tokens(value))
            found.add("".join(one for one in fold(value) if one.isalnum()))
        return frozenset(found - {""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Staff and facilities that any note may name; the same for all patients.

    Attributes:
        entries: For each person or facility what is known of it; never shown.
    """

    entries: tuple[tuple[Identifier, ...], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, entries: Iterable[Iterable[tuple[IdentifierKind, str | None]]]) -> Directory:
        """Keep one entry a row of the directory tables, without empty values."""
        rows = (KnownIdentifiers.of(row).pairs for row in entries)
        return cls(entries=tuple(row for row in rows if row))

    def matcher(self) -> Matcher:
        """Return the search for all of them; names alone need a capital."""
        variants = (
            variant for entry in self.entries for variant in variants_of(entry, strict=True)
        )
        return Matcher(variants, Source.DIRECTORY)
