"""Made-up sentences of common words: what surrounds names, and what stands where none is."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from anonymizers.lexicon import listed_terms
from anonymizers.training.draw import Draw
from anonymizers.training.pieces import Piece, Text
from anonymizers.words import ambiguous_names, everyday_words, family_names, given_names

__all__ = ["common_words", "prose"]

_PATTERNS: Final = (
    "the J N Vd P the N", "D N Vs the J N and Vs A", "she Vd A P her N", "he is Vg the N P D N",
    "N Vd , N Vs", "J N , J N , N", "no N or N", "D J N of the N", "to V the N W V it A", "A J",
    "i W Vg P my N", "you can V the N P D N", "we will V D J N", "they Vd that the N Vs",
    "W W V W N",
    "any N P your N ?", "N : J", "J J N P the N", "Vd the N A", "V J N", "N N", "W N W W",
    "W W W W W",
    "patient Vs J N P the N", "there is D J N P the N", "it Vd after the N",
    "because of the N he W V",
    "N N J N", "so the N is A J", "did you V the N ?", "N - N - N", "Vg , Vg and Vg", "R", "R R",
    "R R R R",
    "R N R", "the R Vd D R", "R , R and R", "W R W", "J R P R", "R : R R",
    "Vd by the N and Vd P the R", "T", "T and T", "T , T , T", "no T", "the T was Vd", "J T",
    "Vd T and T", "T P the N", "he has T", "W T W", "T : T", "the T Vs", "N T", "the J T is A Vd",
)  # fmt: skip
_DETERMINERS: Final = (
    "the",
    "a",
    "this",
    "that",
    "her",
    "his",
    "my",
    "your",
    "some",
    "any",
    "each",
    "one",
    "their",
)
_PREPOSITIONS: Final = ("of", "in", "on", "at", "with", "for", "from", "by", "to", "near", "after",
                        "before", "during",
                        "without", "into", "over", "under", "through", "about", "against",
                        "between")  # fmt: skip
_SHORT: Final = 4
_OPEN: Final = frozenset("NJR")
_RARE: Final = 0.18
_AFTER_VERB: Final = ("er", "ers", "able", "ment", "ments", "ion", "ings", "ability", "ance", "ive")
_AFTER_NOUN: Final = (
    "less",
    "ful",
    "like",
    "wise",
    "ish",
    "y",
    "ed",
    "ship",
    "-free",
    "-based",
    "related",
)
_AFTER_ADJECTIVE: Final = ("ness", "ity", "er", "est", "ish", "ize", "ized", "ism", "ization")
_NOT: Final = (
    "un",
    "re",
    "non",
    "over",
    "under",
    "out",
    "mis",
    "pre",
    "post",
    "self-",
    "half-",
    "well-",
    "non-",
)


def _stem(verb: str) -> str:
    closed = re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprt]", verb) and len(verb) <= _SHORT
    return verb + verb[-1] if closed else verb


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if re.search(r"[^aeiou]y$", verb) else _stem(verb) + "ed"


def _going(verb: str) -> str:
    return verb[:-1] + "ing" if re.search(r"[^e]e$", verb) else _stem(verb) + "ing"


def _plural(word: str) -> str:
    if re.search(r"(?:s|x|z|ch|sh)$", word):
        return word + "es"
    return word[:-1] + "ies" if re.search(r"[^aeiou]y$", word) else word + "s"


def _manner(word: str) -> str:
    if word.endswith("ic"):
        return word + "ally"
    return word[:-1] + "ily" if word.endswith("y") else word + "ly"


def _single(*names: str) -> tuple[str, ...]:
    """Return the terms of lists that are one word in small letters, once each."""
    terms = (term for name in names for term in listed_terms(name))
    return tuple(dict.fromkeys(term for term in terms if term.isalpha() and term.islower()))


@cache
def _words() -> dict[str, tuple[str, ...]]:
    verbs = _single("verbs", "deeds")
    nouns = _single("nouns", "everyday", "anatomy", "findings", "diseases", "hospital", "labs")
    adjectives = _single("adjectives", "qualities")
    words = {
        "V": verbs,
        "Vs": tuple(map(_plural, verbs)),
        "Vd": tuple(map(_past, verbs)),
        "Vg": tuple(map(_going, verbs)),
        "N": (*nouns, *map(_plural, nouns)),
        "J": adjectives,
        "A": tuple(map(_manner, adjectives)),
        "W": (*listed_terms("forms"), *listed_terms("talk")),
        "T": tuple(
            term
            for name in ("findings", "diseases", "hospital", "lay", "anatomy", "labs", "generics")
            for term in listed_terms(name)
        ),
        "D": _DETERMINERS,
        "P": _PREPOSITIONS,
    }
    rest = everyday_words() - ambiguous_names() - given_names() - family_names()
    known = {one for kind, part in words.items() if kind != "T" for one in part}
    words["R"] = tuple(sorted(rest | known))
    return words


def common_words() -> frozenset[str]:
    """Return all words that made-up sentences use; lower case."""
    return frozenset(_words()["R"])


def _built(draw: Draw) -> str:
    """Return a word of medicine, or a common word with an ending, that no list has."""
    if draw.chance(0.6):
        start = draw.pick(listed_terms("prefixes")) if draw.chance(0.4) else ""
        second = draw.pick(listed_terms("roots")) if draw.chance(0.25) else ""
        root, end = draw.pick(listed_terms("roots")), draw.pick(listed_terms("suffixes"))
        return start + root + second + end
    kind, ends = draw.pick((("V", _AFTER_VERB), ("N", _AFTER_NOUN), ("J", _AFTER_ADJECTIVE)))
    word = draw.pick(listed_terms({"V": "verbs", "N": "nouns", "J": "adjectives"}[kind]))
    if draw.chance(0.3):
        return draw.pick(_NOT) + word
    return re.sub(r"e$", "", word) + draw.pick(ends)


def _word(kind: str, draw: Draw) -> str:
    if kind not in _words():
        return kind
    if kind in _OPEN and draw.chance(_RARE):
        return _built(draw)
    return draw.pick(_words()[kind])


def _started(text: str) -> str:
    return text[0].upper() + text[1:]


def _sentence(draw: Draw) -> str:
    words = " ".join(_word(kind, draw) for kind in draw.pick(_PATTERNS).split())
    text = re.sub(r" ([,:?])", r"\1", words)
    cases: tuple[tuple[float, Callable[[str], str]], ...] = (
        (6, str),
        (5, _started),
        (0.5, str.title),
        (0.5, str.upper),
    )
    return draw.weighted(cases)(text) + draw.pick(("", "", ".", ".", ","))


def prose(draw: Draw) -> Text:
    """Return one to three sentences, or parts of them, of common words."""
    return (Piece(" ".join(_sentence(draw) for _ in range(draw.number(1, 3)))),)
