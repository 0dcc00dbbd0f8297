"""Facilities, streets, cities and ZIP codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from anonymizers.rules.model import Rule
from anonymizers.rules.tokens import NAMES, UPPER, WORD
from anonymizers.spans import Label, Source
from anonymizers.words import (
    everyday_words,
    function_words,
    generic_facility_words,
    given_names,
    place_words,
)

__all__ = ["RULES"]

_HEAD: Final = (
    r"(?:Hospitals?|Medical Cent(?:er|re)|Med Center|Clinics?|Health Cent(?:er|re)|Healthcare|"
    r"Infirmary|Hospice|Nursing Home|Nursing (?:and|&) Rehab(?:ilitation)?|"
    r"Care Cent(?:er|re)|Rehab(?:ilitation)?(?: Cent(?:er|re)| Hospital| Institute)?|"
    r"Surgery Cent(?:er|re)|Surgicenter|"
    r"Cancer Cent(?:er|re)|Cancer Institute|Heart (?:Institute|Center)|"
    r"Eye (?:Institute|Center|Clinic)|"
    r"Health System|Health Services|Medical Group|Family Practice|Family Medicine|Family Health|"
    r"Pharmacy|Dialysis(?: Center)?|Imaging(?: Center)?|Laborator(?:y|ies)|Labs?|Senior Living|"
    r"Assisted Living|Manor|Medical Associates|Pediatrics|Orthop(?:a?e)dics|"
    r"Birth Center|Sanatorium|Medical Practice|Treatment Center|Recovery Center|"
    r"Wellness Center|Behavioral Health|Shelter|"
    r"High School|Elementary(?: School)?|Middle School|University|College|"
    r"Wing|Convent|Priory|Abbey|Monastery|Barracks|Prison)"
)
_STREET: Final = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Place|Pl|"
    r"Terrace|Ter|"
    r"Way|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Square|Sq|Trail|Trl|Turnpike|Tpke|Alley|Loop|Row|Run|"
    r"Crescent|Close|Plaza|Path|Pike|Walk|Commons|Crossing|Hill|Ridge|Green|Grove|Mews|Gate)"
)
_STATE: Final = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|"
    r"RI|S[CD]|"
    r"T[NX]|UT|V[AT]|W[AIVY]|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|"
    r"Delaware|"
    r"Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|"
    r"Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|"
    r"New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|"
    r"Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|"
    r"West Virginia|Wisconsin|Wyoming)"
)
_UNIT: Final = r"(?:,?\s(?:Apt|Apartment|Unit|Suite|Ste|Floor|Fl|Rm|Room|Lot|#)\.?\s?#?\w{1,6})?"
_GENERIC: Final = generic_facility_words()
_FUNCTION_WORDS: Final = function_words()


def _facility(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A head word counts with a name before it; "Pain Clinic" and "The Hospital" have none."""
    text, (start, end), head = match.string, match.span("span"), match.start("head")
    words = list(re.finditer(r"[^\s]+", text[start:head]))
    while words and words[0][0].lower().rstrip(".,") in _FUNCTION_WORDS:
        words.pop(0)
    proper = [word for word in words if _is_proper(word[0])]
    if proper:
        yield start + words[0].start(), end


def _is_proper(word: str) -> bool:
    lower = re.sub(r"'s$|[.,]", "", word.lower())
    return word[0].isupper() and not (lower in everyday_words() or lower in _GENERIC)


def _named_place(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    start, end = match.span("span")
    words = match["span"].split()
    while words and (words[-1].lower() in everyday_words()):
        end -= len(words.pop()) + 1
    first = words[0].lower().rstrip(".,") if words else ""
    if (
        words
        and not all(word.lower().rstrip(".,") in place_words() for word in words)
        and not (len(words) == 1 and first in everyday_words() | given_names())
    ):
        yield start, start + len(match.string[start:end].rstrip(" .,"))


def _city(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The city and the ZIP code around a state, which is no identifier itself."""
    words = list(re.finditer(r"\S+", match["city"]))
    while words and words[0][0].lower() in everyday_words() | _FUNCTION_WORDS:
        words.pop(0)
    if words:
        yield match.start("city") + words[0].start(), match.end("city")
    if match["zip"]:
        yield match.span("zip")


def _house(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """At least one word of a street's name is no everyday word: "3 Day Trial Drive" is none."""
    names = match["name"].split()
    numbered = len(match["number"]) > 1
    if numbered or any(name.lower() not in everyday_words() for name in names):
        yield match.span()


RULES: Final = (
    Rule(
        name="facility",
        label=Label.HOSPITAL,
        pattern=re.compile(
            rf"(?P<span>(?:(?:St|Mt|Ft)\.\s)?(?:{WORD}(?:'s)?,?\s(?:(?:of|and|the|at|for|&|de|"
            rf"la)\s){{0,2}}){{1,5}}"
            rf"(?P<head>{_HEAD})\b(?:\s(?:at|of)\s(?:the\s)?{WORD}(?:\s{WORD}){{0,2}})?)"
        ),
        score=0.8,
        source=Source.FRAME,
        pick=_facility,
    ),
    Rule(
        name="facility_of",
        label=Label.HOSPITAL,
        pattern=re.compile(
            r"\b(?P<span>(?:University|(?:Children's )?Hospital|College|Clinic|Convent|Priory|"
            rf"Abbey|Monastery|Church) of (?:the )?{WORD}"
            rf"(?:\s{WORD}){{0,2}}(?:\s{_HEAD})?)"
        ),
        score=0.8,
        source=Source.FRAME,
    ),
    Rule(
        name="facility_saint",
        label=Label.HOSPITAL,
        pattern=re.compile(
            rf"\b(?:at|from|to|via)\s(?:the\s)?(?P<span>(?:St\.?|Saint|Mount|"
            rf"Mt\.?)\s{WORD}(?:'s)?(?:\s{_HEAD})?)"
        ),
        score=0.7,
        source=Source.FRAME,
    ),
    Rule(
        name="street",
        label=Label.LOCATION,
        pattern=re.compile(
            r"(?:\b(?:Flat|Apt\.?|Apartment|Unit|Villa)\s\w{1,5},\s)?"
            rf"(?<![\w.,/-])(?P<number>\d{{1,6}}(?:[A-Z]|-\d+|"
            rf"\s1/2)?),?\s(?:[NSEW]{{1,2}}\.?\s|North\s|South\s|East\s|West\s)?"
            rf"(?P<name>(?:(?:{WORD}|\d{{1,3}}(?:st|nd|rd|"
            rf"th))\s){{1,4}}){_STREET}\b\.?(?:\s[NSEW]{{1,2}}\b)?{_UNIT}"
        ),
        score=0.9,
        pick=_house,
    ),
    Rule(
        name="street_then_number",  # "Atatürk Cad. 14", "Hauptstraße 5a"
        label=Label.LOCATION,
        pattern=re.compile(
            rf"{WORD}(?:\s{WORD}){{0,2}}\s(?:Cad|Cd|Sok|Sk|Str|Blv)\.\s?(?:No:?\s?)?\d{{1,4}}\w?\b|"
            rf"(?<![\w-]){UPPER}\w*(?:straße|strasse|gasse|platz|allee|straat|laan|gatan|vägen|vej|katu)"
            r"\s\d{1,4}\w?\b"
        ),
        score=0.85,
    ),
    Rule(
        name="street_city",
        label=Label.LOCATION,
        pattern=re.compile(
            rf"\d\s(?:{WORD}\s){{1,4}}{_STREET}\b\.?{_UNIT}(?:,\s?|\s?\n|\s)"
            rf"(?P<span>{WORD}(?:\s{WORD}){{0,2}})(?=\s?[|,;.\n)]|\s\d{{5}}|\s?$)"
        ),
        score=0.8,
        pick=_named_place,
    ),
    Rule(
        name="street_alone",
        label=Label.LOCATION,
        pattern=re.compile(
            rf"(?i:\b(?:on|at|near|off|of|around|along|down|by|from)\s)(?P<span>(?:{WORD}\s){{1,2}}"
            r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Highway|Parkway)\b\.?)"
        ),
        score=0.7,
        source=Source.FRAME,
    ),
    Rule(
        name="post_box",
        label=Label.LOCATION,
        pattern=re.compile(r"(?i)\bP\.?\s?O\.?\s?Box\s\d{1,6}\b"),
        score=0.9,
    ),
    Rule(
        name="city_state",
        label=Label.LOCATION,
        pattern=re.compile(
            rf""
            rf"(?P<city>{WORD}(?:\s{WORD}){{0,2}}),?\s{_STATE}\b\.?(?:,?\s(?P<zip>\d{{5}}(?:-\d{{4}})?)(?!\d))"
        ),
        score=0.9,
        pick=_city,
    ),
    Rule(
        name="city_comma_state",
        label=Label.LOCATION,
        pattern=re.compile(rf"(?P<city>{WORD}(?:\s{WORD}){{0,2}}),\s{_STATE}(?!\w)(?P<zip>)"),
        score=0.7,
        source=Source.FRAME,
        pick=_city,
    ),
    Rule(
        name="zip_keyed",
        label=Label.LOCATION,
        pattern=re.compile(
            rf"(?:\b(?i:zip(?:\s?code)?|postal code)[\s:#]{{1,3}}|\b{_STATE}\s)"
            r"(?P<span>\d{5}(?:-\d{4})?)(?!\d)"
        ),
        score=0.85,
        source=Source.KEYED,
    ),
    Rule(
        name="postcode_uk",
        label=Label.LOCATION,
        pattern=re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}(?!\w)"),
        score=0.7,
    ),
    Rule(
        name="lives_in",
        label=Label.LOCATION,
        pattern=re.compile(
            r"\b(?i:(?:liv(?:es|ed|ing)(?: alone)?|resid(?:es|ed|ing)|moved|relocated|born|raised|"
            r"grew up|resident|native|flew|travel(?:l?ed|s|ing)?|trip|visiting|originally|drove|"
            r"worked|works|immigrated|emigrated|house|home|apartment|shelter|stays|"
            r"staying|hiking|camping|fishing|hunting|vacation(?:ed|ing)?|holiday)\s"
            r"(?:(?:back|here|there|over|out)\s|as an?\s(?:[a-z]+\s){1,5})?"
            rf"(?:in|to|from|of|near|outside(?: of)?)\s(?:the\s)?)(?P<span>{NAMES})"
        ),
        score=0.6,
        source=Source.FRAME,
        pick=_named_place,
    ),
)
