"""No half-covered names, addresses or numbers: spans grow to the edges of what they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from anonymizers.lexicon import is_everyday
from anonymizers.spans import Label, Span, merged
from anonymizers.words import ambiguous_names, family_names, given_names

__all__ = ["repaired"]

_INITIAL_BEFORE: Final = re.compile(r"(?<![\w.])(?:[A-Z]\.?[ ]){1,2}$")
_SUFFIX_AFTER: Final = re.compile(r",?[ ](?:Jr|Sr|II|III|IV)\b\.?")
_JOINS: Final = re.compile(r",?[ ]{1,2}(?:[A-Z]\.?[ ])?|[ ]?-[ ]?|[ ]?\n[ ]?")
_WORD_BEFORE: Final = re.compile(r"(?<![\w'-])([^\W\d_]{3,})[ ]$")
_WORD_AFTER: Final = re.compile(r"[ ]([^\W\d_]{3,})(?![\w'-])")
_INITIALS: Final = re.compile(r"(?:(?:[^\W\d_]\.){1,3}|.*[^\W\d_],?[ ])[^\W\d_]$")
_HYPHENATED: Final = re.compile(
    r"-(?!(?:related|like|type|induced|based|associated|guided|assisted|positive|negative|free|"
    r"dependent|year|month|week|day|old|led|style|modified|to|and|or)\b)[^\W\d_]{2,}(?![\w-])"
)
"""The rest of a name such as "Hyun-woo"; "Smith-related" has none."""
_GIVEN_AFTER: Final = re.compile(r",[ ]?([^\W\d_][\w'-]+)(?=[ ][-\u2013(])")
"""The given name in a list of patients: "Okafor, Villads - pneumonia"."""
_READ_AS_LETTER: Final = frozenset("lIOoSB")
"""What scanners make of digits: "0l/22/2O19"."""
_MONTHS: Final = frozenset({"march", "may", "june", "august"})
_LONGEST: Final = 20
_EDGES: Final = " \t\r\n,;:()[]{}<>\"'"
_WHOLE_TOKENS: Final = frozenset({Label.ID, Label.EMAIL, Label.URL_IP})
_REACH: Final = 6
_JOINABLE: Final = frozenset({Label.NAME, Label.HOSPITAL})


def repaired(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Grow, join and trim spans of the normalized text; nothing that was covered is uncovered
    but blanks and punctuation at the edges.

    Returns:
        Spans that do not overlap, by rising start.
    """  # noqa: D205  one sentence
    grown = merged(_grown(text, span) for span in spans)
    joined = merged(_joined(text, grown))
    trimmed = (_trimmed(text, span) for span in joined)
    return tuple(span for span in trimmed if span is not None)


def _grown(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start > 0 and _continues(text[start - 1], text[start], span.label):
        start -= 1
    while end < len(text) and _continues(text[end], text[end - 1], span.label):
        end += 1
    if (
        span.label is Label.PHONE_FAX
        and start
        and text[start - 1] == "("
        and ")" in text[start:end]
    ):
        start -= 1
    if span.label is Label.NAME:
        before = _INITIAL_BEFORE.search(text, max(0, start - _REACH), start)
        if before and text[start].isupper():
            start = before.start()
        end = _with_rest(text, start, end)
        start, end = _with_neighbors(text, start, end)
        after = _SUFFIX_AFTER.match(text, end)
        end = after.end() if after else end
    return replace(span, start=start, end=end)


def _with_rest(text: str, start: int, end: int) -> int:
    """Take the rest of a hyphenated name, a given name after a comma, and the point of initials."""
    rest = _HYPHENATED.match(text, end)
    if rest:
        return rest.end()
    given = _GIVEN_AFTER.match(text, end)
    if given and not is_everyday(given[1].lower()):
        return given.end()
    return end + (text[end : end + 1] == "." and _INITIALS.fullmatch(text, start, end) is not None)


def _with_neighbors(text: str, start: int, end: int) -> tuple[int, int]:
    """Take a given name before, and a family name after, that is nothing but a name."""
    before = _WORD_BEFORE.search(text, max(0, start - _LONGEST), start)
    if before and _is_only(before[1].lower(), given_names()):
        start = before.start(1)
    after = _WORD_AFTER.match(text, end)
    if after and (_is_only(after[1].lower(), family_names()) or _is_family(after[1])):
        end = after.end(1)
    return start, end


def _is_only(word: str, names: frozenset[str]) -> bool:
    return word in names and word not in ambiguous_names()


def _is_family(word: str) -> bool:
    """Say whether a word with a capital after a name goes on with it: "Hyun-woo Park"."""
    return word.istitle() and word.lower() in family_names() and word.lower() not in _MONTHS


def _continues(outside: str, inside: str, label: Label) -> bool:
    """Say whether a character outside belongs to the token at the edge."""
    if not (outside.isalnum() or outside == "_"):
        return False
    if label in _WHOLE_TOKENS or label is Label.NAME:
        return inside.isalnum()
    if label is Label.DATE and outside.isdigit() and inside in _READ_AS_LETTER:
        return True
    return (outside.isalpha() and inside.isalpha()) or (outside.isdigit() and inside.isdigit())


def _joined(text: str, spans: tuple[Span, ...]) -> list[Span]:
    """Join neighboring parts of one name or one address."""
    result: list[Span] = []
    for span in spans:
        last = result[-1] if result else None
        if last is not None and last.label is span.label and span.label in _JOINABLE:
            between = text[last.end : span.start]
            if _JOINS.fullmatch(between) and "\n" not in between:
                result[-1] = replace(last, end=span.end, score=max(last.score, span.score))
                continue
        result.append(span)
    return result


def _trimmed(text: str, span: Span) -> Span | None:
    start, end = span.start, span.end
    closed = text[start] == "(" and ")" in text[start:end]  # "(617) 555-0123"
    while start < end and text[start] in _EDGES and not closed:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    if span.label is Label.NAME and text[start:end].lower().endswith("'s"):
        end -= 2
    return replace(span, start=start, end=end) if start < end else None
