"""Names in the frames that clinicians put them in: titles, relations, signatures, subjects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from anonymizers.rules.model import Pick, Rule
from anonymizers.rules.tokens import INITIAL, LAST_FIRST, NAMES, WORD
from anonymizers.spans import Label, Source
from anonymizers.words import (
    ambiguous_names,
    everyday_words,
    family_names,
    given_names,
    place_words,
    term_heads,
    terms,
)

__all__ = ["RULES", "name_run"]

_TITLE: Final = (
    r"(?:Drs?|Doctor|Mr|Mrs|Ms|Miss|Mx|Prof(?:essor)?|Nurse|Rev(?:erend)?|Pastor|Fr|Rabbi|Imam|"
    r"Chaplain|Officer|Sgt|Sergeant|Detective|Deputy|Judge|Attorney|Coach|DR|MRS|NURSE)"
)
_RELATION: Final = (
    r"(?:daughter|son|wife|husband|spouse|partner|mother|father|mom|dad|mum|sister|brother|aunt|"
    r"uncle|niece|nephew|grandson|granddaughter|grandmother|grandfather|grandma|grandpa|cousin|"
    r"friend|neighbou?r|roommate|girlfriend|boyfriend|fianc[e\u00e9]e?|caregiver|guardian|"
    r"(?:step|god)(?:mother|father|son|daughter|brother|sister)|twin|baby|infant|child|"
    r"(?:son|daughter|mother|father|brother|sister)-in-law|ex-wife|ex-husband|aide|landlord|boss|"
    r"teacher|case manager|social worker|nurse|therapist|surgeon|physician|doctor|attending|"
    r"resident|intern|fellow|pcp|provider|cardiologist|oncologist|neurologist|psychiatrist|pediatrician|"
    r"midwife|pharmacist|interpreter|hospitalist|consultant|chaplain|counselor|psychologist|"
    r"nephrologist|pulmonologist|urologist|dermatologist|anesthesiologist|radiologist|pathologist)"
)
_FIELD: Final = (
    r"(?:patient(?:'s)?(?: name)?|pt(?: name)?|name|attending(?: physician)?|provider|physician|"
    r"(?:assistant |primary |co-?)?surgeon|assistants?|anesthesiologist|anesthesia provider|"
    r"pcp|primary care(?: physician| provider)?|(?:referring|ordering)(?: physician| provider)?|"
    r"author|nurse|caller|attn|attention|dictator|resident|fellow|consultant|"
    r"emergency contact|next of kin|nok|guardian|proxy|health care proxy|hcp|poa|contact|informant|"
    r"social worker|case manager|therapist|radiologist|pathologist|technologist|reporter|client|"
    r"recipient|sender|signature|signed|by|reviewer|interpreter|clinician|scribe|"
    r"responsible party|subscriber|insured|guarantor|taken by|message for|spoke with)"
)
_BY: Final = (
    r"(?:signed|dictated|authored|reviewed|performed|interpreted|transcribed|seen|referred|prepared|"
    r"accompanied|written|verified|read|reported|completed|entered|ordered|requested|taken|obtained|"
    r"administered|assisted|evaluated|examined|followed|brought in|driven|cared for|staffed|"
    r"called|placed|done|assessed|supervised|approved|attested|received|given)\s+by"
)
_WITH: Final = (
    r"(?:named|name is|names? (?:was|are)|goes by|known as|spoke (?:with|to)|speak (?:with|to)|"
    r"discussed with|d/w|talked (?:with|to)|per|paged|informed|notified|told|met with|lives with|"
    r"resides with|saw|see|called|contacted|visited by|married to|i am|this is|i'm|my name is|"
    r"follow(?:s|ed)? up with|follow[- ]up with|f/u with|under the care of|service of|care of|c/o)"
)
_STRONG_DEGREE: Final = (
    r"(?:M\.?D\.?|Ph\.?D\.?|D\.O\.|R\.N\.|N\.P\.|P\.A\.(?:-C\.?)?|PA-C|LCSW|LICSW|LMSW|MSW|FNP(?:-B?C)?|"
    r"ARNP|APRN|CRNA|CNM|DPM|D\.?D\.?S|DMD|PharmD|Pharm\.D\.|OTR/?L?|DPT|MBBS|LPN|BSN|DNP|AGNP|PMHNP|PsyD|"
    r"RRT|CCRN|CNS|MPH|FACS|FACC)"
)
_WEAK_DEGREE: Final = r"(?:RN|NP|PA|DO|PT|OT|RD|SLP|CNA|MA|EMT|RT)"
_GREETING: Final = (
    r"(?:Dear|Hi|Hello|Thanks,?|Thank you,?|Sincerely,?|Regards,?|Best,|Warmly,|Yours,)"
)
_MAX_LOWER: Final = 2
_WORD_AFTER: Final = re.compile(r"(?:'?s)?[\s-]+([A-Za-z]+)")
_MAX_ABBREVIATION: Final = 5
_CODE: Final = re.compile(r"[A-Z]?\d|[A-Za-z]\d|.*\d[-/]")
_PLACE_BEFORE: Final = re.compile(
    r"(?:\b(?:San|Santa|Santo|Saint|St\.?|Lake|Mount|Mt\.?|Fort|Ft\.?|Port|Cape|Camp|New|North|South|East|West)\s|-)$"
)


def _is_name_word(word: str, *, strong: bool) -> bool:
    """Say whether a word can be part of a name; behind a strong frame, names like Young can."""
    lower = word.lower().rstrip(".")
    if len(lower) == 1:
        return word != "I"
    if _CODE.match(word):
        return False
    if strong and lower in ambiguous_names() and (len(lower) > 2 or lower not in everyday_words()):  # noqa: PLR2004
        return True
    return not (
        lower in everyday_words()
        or lower in place_words()
        or (not strong and (lower in ambiguous_names() or lower in term_heads()))
    )


def _is_frequent(word: str) -> bool:
    return word.lower() in family_names() or word.lower() in given_names()


def name_run(text: str, start: int, end: int, *, strong: bool) -> tuple[int, int] | None:
    """Return the part of a capitalized run, from its start, that can be a name.

    After a frequent given name, a family name counts though it is a word too ("Kayla Ward"). In a
    line of capitals every word has one, so that only frequent names go on after the second; a
    short word in capitals is an abbreviation unless the frame is strong.
    """
    stop = start
    last = ""
    for number, match in enumerate(re.finditer(r"[^\s,]+", text[start:end])):
        word = match[0]
        shouted = len(word) > 1 and word.isupper() and not _is_frequent(word)
        if shouted and (number > 1 or (not strong and len(word) <= _MAX_ABBREVIATION)):
            break
        carried = last.lower() in given_names() and word.lower() in family_names()
        if not (_is_name_word(word, strong=strong) or carried):
            break
        stop = start + match.end()
        last = word
    run = text[start:stop].rstrip(", ")
    letters = re.sub(r"[^\w]", "", run)
    return (start, start + len(run)) if len(letters) > 1 else None


def _names(*, strong: bool) -> Pick:
    def pick(match: re.Match[str]) -> Iterator[tuple[int, int]]:
        run = name_run(match.string, *match.span("span"), strong=strong)
        if run is not None and not _is_term(match.string, *run):
            yield run

    return pick


def _is_term(text: str, start: int, end: int) -> bool:
    """Say whether a word for a disease, sign, test or device follows a lone eponym."""
    if text[start:end].lower() not in terms():
        return False
    after = _WORD_AFTER.match(text, end)
    return after is not None and after[1].lower() in term_heads()


def _frequent(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """After a weak frame: a run that starts with a frequent name, or has two words."""
    run = name_run(match.string, *match.span("span"), strong=False)
    if run is None or _is_term(match.string, *run):
        return
    words = match.string[run[0] : run[1]].lower().split()
    if words[0] in given_names() or words[0] in family_names() or len(words) > 1:
        yield run


def _given_first(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A frequent given name before another name, as in "Maria T. Okafor"."""
    first, last = match["first"].lower(), match["last"]
    if first not in given_names() or not _is_name_word(last, strong=False):
        doubtful = first in given_names() and last.lower() in family_names()
        if not doubtful or last.lower() in everyday_words():
            return
    if first in everyday_words() or (last.lower() in terms() and first in ambiguous_names()):
        return
    yield match.span()


def _last_first(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """ "Okafor, Maria": a frequent given name after a comma, and no list of everyday words."""  # noqa: D210
    first, last = match["first"].lower(), match["last"]
    if (
        first in given_names()
        and first not in everyday_words()
        and _is_name_word(last, strong=False)
    ):
        yield match.span()


def _given_alone(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A frequent given name by itself; no clamp, lake or word that has the same name."""
    word = match[0].lower()
    if word not in given_names() or word in _no_lone_names():
        return
    before = match.string[max(0, match.start() - 10) : match.start()]
    after = _WORD_AFTER.match(match.string, match.end())
    thing = after is not None and after[1].lower() in term_heads()
    if not thing and not _PLACE_BEFORE.search(before) and match.string[match.end() :][:1] != "-":
        yield match.span()


@cache
def _no_lone_names() -> frozenset[str]:
    return ambiguous_names() | everyday_words() | place_words() | terms()


def _lower_after_title(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """ "dr. smith", "mrs okafor": one word, and a second one if it is a frequent name."""  # noqa: D210
    words = list(re.finditer(r"[\w'-]+", match["span"]))[:_MAX_LOWER]
    first = words[0][0]
    if first in everyday_words() and not (match["point"] and first in ambiguous_names()):
        return
    last = words[0]
    if len(words) > 1 and words[1][0] in family_names() - everyday_words():
        last = words[1]
    yield match.start("span"), match.start("span") + last.end()


def _lower_frequent(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """After a field, in lower case: frequent names only, as far as they go."""
    end = 0
    for word in re.finditer(r"[\w'-]+", match["span"]):
        if not _is_frequent(word[0]) or word[0] in everyday_words():
            break
        end = word.end()
    yield match.start("span"), match.start("span") + end


def _rule(name: str, pattern: str, *, score: float, pick: Callable[..., object]) -> Rule:
    return Rule(
        name=name, label=Label.NAME, pattern=re.compile(pattern), score=score,
        source=Source.FRAME, pick=pick,  # type: ignore[arg-type]
    )  # fmt: skip


RULES: Final = (
    _rule("title", rf"\b{_TITLE}\.?\s+(?P<span>{NAMES})", score=0.95, pick=_names(strong=True)),
    _rule(
        "title_lower",
        r"\b(?:[Dd]r|[Mm]rs?|ms|[Mm]iss|[Dd]octor)(?P<point>\.?)\s(?P<span>[a-z][\w'-]{2,}(?:\s[a-z][\w'-]{2,})?)",
        score=0.7,
        pick=_lower_after_title,
    ),
    _rule(
        "degree",
        rf"(?P<span>{NAMES})(?:,\s?|\s){_STRONG_DEGREE}(?!\w)",
        score=0.9,
        pick=_names(strong=True),
    ),
    _rule(
        "degree_weak",
        rf"(?P<span>{NAMES}),\s?{_WEAK_DEGREE}(?![\w/])",
        score=0.8,
        pick=_names(strong=False),
    ),
    _rule(
        "field",
        rf"\b(?i:{_FIELD})\s?(?:\([^)\n]{{0,30}}\))?\s{{0,3}}[:#]\s{{0,3}}(?:{_TITLE}\.?\s)?(?P<span>{LAST_FIRST}|{NAMES})",
        score=0.8,
        pick=_names(strong=False),
    ),
    _rule(
        "field_lower",
        r"\b(?i:taken by|caller|for|pt|patient|nurse|signed|from|by|contact|re)\s?:\s{0,3}"
        r"(?P<span>[a-z][\w'-]+(?:[, ]{1,2}[a-z][\w'-]+)?)",
        score=0.6,
        pick=_lower_frequent,
    ),
    _rule(
        "field_weak",  # CC is also the chief complaint, and RE a subject
        rf"\b(?i:cc|re|from|to|regarding|subject)\s?:\s{{0,3}}(?:{_TITLE}\.?\s)?(?P<span>{LAST_FIRST}|{NAMES})",
        score=0.7,
        pick=_frequent,
    ),
    _rule(
        "relation",
        rf"\b(?i:{_RELATION})(?:,|\s\(|'s name is|\sis named|,?\snamed|:|\s-)?\s?\(?"
        rf"(?:{_TITLE}\.?\s)?(?<=[\s(])(?P<span>{NAMES})",
        score=0.7,
        pick=_names(strong=True),
    ),
    _rule(
        "relation_after",
        rf"(?P<span>{NAMES})(?:,?\s\(?(?i:her|his|their|patient's|pt's)|,\s(?i:the))\s(?:\w+\s)?"
        rf"(?i:{_RELATION})\b",
        score=0.6,
        pick=_frequent,
    ),
    _rule(
        "by",
        rf"\b(?i:{_BY})\s{{0,2}}:?\s{{0,2}}(?:(?i:the\s)?(?:{_TITLE}\.?\s))?(?P<span>{LAST_FIRST}|{NAMES})",
        score=0.75,
        pick=_names(strong=False),
    ),
    _rule(
        "with",
        rf"\b(?i:{_WITH})\s(?P<span>{NAMES})",
        score=0.6,
        pick=_frequent,
    ),
    _rule(
        "greeting",
        rf"\b{_GREETING}[,\s]\s{{0,3}}(?:{_TITLE}\.?\s)?(?P<span>{NAMES})",
        score=0.7,
        pick=_names(strong=False),
    ),
    _rule(
        "subject",
        rf"(?P<span>{NAMES})\s(?:is|was)\s(?:an?|now)\s(?:[\w-]+,?\s){{0,4}}\d{{1,3}}[\s-]?(?i:year|yr|y\.?/?o|month|week|day)",
        score=0.8,
        pick=_names(strong=False),
    ),
    _rule(
        "given_and_last",
        rf"\b(?P<first>{WORD})\s(?:{INITIAL}\s)?(?P<last>{WORD})",
        score=0.65,
        pick=_given_first,
    ),
    _rule(
        "last_and_given",
        rf"\b(?P<last>{WORD}),\s?(?P<first>{WORD})(?:\s{INITIAL})?",
        score=0.6,
        pick=_last_first,
    ),
    _rule("given_alone", r"\b[A-Z][a-z]{2,}\b", score=0.5, pick=_given_alone),
)
