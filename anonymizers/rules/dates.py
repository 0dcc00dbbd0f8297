"""Dates finer than a year, holidays that fix a day, and ages of 90 and over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from anonymizers.rules.model import Rule
from anonymizers.spans import Label, Source

__all__ = ["RULES"]

_MONTH: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_WEEKDAY: Final = (
    r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s(?:the\s)?)?"
)
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_ORDINAL: Final = r"(?:st|nd|rd|th)?"
_YEAR: Final = r"(?:(?:19|20)\d{2}|'\d{2})"
_AGED: Final = r"(?:9\d|1[0-2]\d)"
_TENS: Final = r"ninety"
_ONES: Final = r"(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?"
_HOLIDAY: Final = (
    r"Christmas(?:\s(?:Eve|Day))?|Thanksgiving(?:\sDay)?|Halloween|New\sYear'?s(?:\s(?:Eve|Day))?|"
    r"Easter(?:\s(?:Sunday|Monday))?|Good Friday|Valentine'?s(?:\sDay)?|Mother'?s\sDay|"
    r"Father'?s\sDay|Memorial\sDay|Labor\sDay|Veterans'? Day|Presidents'? Day|"
    r"Columbus Day|Independence Day|"
    r"Juneteenth|(?:the )?(?:4th|Fourth) of July|Boxing Day|St\.? Patrick'?s Day|"
    r"Martin Luther King(?:\sJr\.?)? Day|Hanukkah|Passover|Ramadan|Diwali|Yom Kippur|"
    r"Rosh Hashanah|Cinco de Mayo|Super Bowl Sunday"
)
_ON: Final = (
    r"\b(?:on|since|from|dated?|by|until|till|through|thru|due|appt|appointment|seen|admitted|"
    r"discharged|d/c'?d|dob|surgery|visit|last|before|after|as of|around|lmp|"
    r"started|stopped|begun|began|drawn|collected|received|scheduled|next|f/u|follow[- ]up|"
    r"called|note|date|labs?|ct|mri|xr|echo|us|eff|effective|exp|starting|ending|week of)\b"
)


_RATED: Final = re.compile(
    r"(?i)pain|scor|strength|rate[ds]?\b|scale|apgar|severity|reflex|pulses|pupil"
)
_REACH: Final = 40


def _month_and_day(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Month and day in either order; not 5/5 strength or 8/10 pain, which no date word precedes."""
    first, second = int(match["first"]), int(match["second"])
    if _RATED.search(match.string, max(0, match.start() - _REACH), match.start("span")):
        return
    if 1 <= min(first, second) <= 12 and max(first, second) <= 31:  # noqa: PLR2004  a calendar
        yield match.span("span")


def _numeric(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    first, second = int(match["first"]), int(match["second"])
    if 1 <= min(first, second) <= 12 and max(first, second) <= 31:  # noqa: PLR2004  a calendar
        yield match.span("span")


def _compact(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    if 1 <= int(match["month"]) <= 12 and 1 <= int(match["day"]) <= 31:  # noqa: PLR2004  a calendar
        yield match.span("span")


def _not_temperature(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """97F is a temperature where temperatures are spoken of, else a woman of 97."""
    before = match.string[max(0, match.start() - 15) : match.start()].lower()
    if not re.search(r"temp|tmax|\bt\b|fever|\bf\b|degree|vs|vital", before):
        yield match.span("span")


def _date(name: str, pattern: str, *, score: float = 0.95) -> Rule:
    compiled = re.compile(pattern, re.IGNORECASE)
    return Rule(name=name, label=Label.DATE, pattern=compiled, score=score)


def _age(name: str, pattern: str, *, score: float = 0.9) -> Rule:
    return Rule(
        name=name, label=Label.AGE, pattern=re.compile(pattern, re.IGNORECASE), score=score,
        source=Source.FRAME,
    )  # fmt: skip


RULES: Final = (
    Rule(
        name="date_numeric",
        label=Label.DATE,
        pattern=re.compile(
            r"(?<![\d/.-])(?P<span>(?P<first>\d{1,2})(?P<mark>[/-]|"
            r"\s?/\s?)(?P<second>\d{1,2})(?P=mark)"
            r"(?:(?:19|20)\d{2}|\d{2}))(?![\d]|[/-]\d)"
        ),
        score=0.95,
        pick=_numeric,
    ),
    Rule(
        name="date_dotted",
        label=Label.DATE,
        pattern=re.compile(
            r"(?<![\d.])(?P<span>(?P<first>\d{1,2})\.(?P<second>\d{1,2})\.(?:(?:19|20)\d{2}|\d{2}))"
            r"(?![\d]|\.\d)"
        ),
        score=0.85,
        pick=_numeric,
    ),
    Rule(
        name="date_iso",
        label=Label.DATE,
        pattern=re.compile(
            r"(?<![\d-])(?P<span>(?:19|"
            r"20)\d{2}(?P<mark>[-/.])(?P<first>\d{1,2})(?P=mark)(?P<second>\d{1,2}))"
            r"(?!\d|[-/]\d)"
        ),
        score=0.97,
        pick=_numeric,
    ),
    Rule(
        name="date_compact",
        label=Label.DATE,
        pattern=re.compile(
            r"(?<![\w.-])(?P<span>(?:19|20)\d{2}(?P<month>\d{2})(?P<day>\d{2}))(?![\w]|[.-]\d)"
        ),
        score=0.7,
        pick=_compact,
    ),
    _date(
        "date_month_first",
        rf"(?<!\w){_WEEKDAY}{_MONTH}\.?\s{{0,2}}{_DAY}{_ORDINAL}(?!\d|\.\d)"
        rf"(?:,?\s{{0,2}}(?:of\s)?{_YEAR}(?!\d)|,?\s\d{{2}}(?![\d:]|\s?[%a-z/]))?",
    ),
    _date(
        "date_day_first",
        rf"(?<![\w/.]){_WEEKDAY}(?:the\s)?(?<!\d){_DAY}{_ORDINAL}(?:\s+(?:of\s)?|"
        rf"[-/.]?){_MONTH}(?![a-z])"
        rf"(?:\.?,?(?:\s|[-/.])?{_YEAR}(?!\d)|[-/ ]\d{{2}}(?![\d:]))?",
    ),
    _date(
        "date_month_year",
        rf"(?<!\w){_MONTH}\.?,?(?:\s(?:of\s)?|[-/]){_YEAR}(?!\d)",
        score=0.9,
    ),
    Rule(
        name="date_month_slash_year",
        label=Label.DATE,
        pattern=re.compile(
            r"(?<![\d/.-])(?P<span>(?:0?[1-9]|1[0-2])[/-](?:19|20)\d{2})(?![\d]|[/-]\d)"
        ),
        score=0.8,
    ),
    Rule(
        name="date_month_slash_day",
        label=Label.DATE,
        pattern=re.compile(
            rf"(?i){_ON}:?\s(?P<span>(?P<first>\d{{1,2}})[/-](?P<second>\d{{1,2}}))"
            r"(?![\d%]|[/.-]\d|\s?(?:mm|pain|strength|out|point|on the|scale|systolic|murmur|days?|"
            r"weeks?|months?|hours?|hrs?|years?|tab|mg|puff|pillow|pm\b|am\b|for\b|th\b|-?\s?inch|"
            r"of the))"
        ),
        score=0.6,
        source=Source.FRAME,
        pick=_month_and_day,
    ),
    Rule(
        name="date_range_end",
        label=Label.DATE,
        pattern=re.compile(
            rf"(?i){_ON}:?\s\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?"
            r"\s?(?:to|-|and|through|thru|until|&|,)\s?"
            r"(?P<span>(?P<first>\d{1,2})/(?P<second>\d{1,2}))(?![\d%]|[/.-]\d)"
        ),
        score=0.6,
        source=Source.FRAME,
        pick=_month_and_day,
    ),
    Rule(
        name="date_of_list",  # "Tran(6/11): NPO; Diaz(6/12): clears"
        label=Label.DATE,
        pattern=re.compile(
            r"(?<=[A-Za-z]\()(?P<span>(?P<first>\d{1,2})/(?P<second>\d{1,2}))(?=\)\s?:)"
        ),
        score=0.6,
        source=Source.FRAME,
        pick=_month_and_day,
    ),
    Rule(
        name="date_line_start",
        label=Label.DATE,
        pattern=re.compile(
            r"(?m)^[ \t*-]*(?P<span>(?P<first>\d{1,2})/(?P<second>\d{1,2}))(?=\s?[:-]\s)"
        ),
        score=0.6,
        source=Source.FRAME,
        pick=_month_and_day,
    ),
    Rule(
        name="date_month_alone",
        label=Label.DATE,
        pattern=re.compile(
            r"(?i:\b(?:in|since|until|till|last|this|next|early|late|mid|by|during|of|from|"
            r"through|before|"
            r"after|around|between|and|to)[\s-])"
            r"(?P<span>January|February|March|April|May|June|July|August|September|October|"
            r"November|December)"
            r"\b(?!\s+(?:need|require|be|have|also|not|consider|take|use|return|resume))"
        ),
        score=0.5,
        source=Source.FRAME,
    ),
    _date("holiday", rf"(?<!\w)(?:{_HOLIDAY})(?!\w)", score=0.8),
    _age(
        "age_old",
        rf"(?<![\w.])(?P<span>{_AGED})(?=[\s-]*(?:year|yr|y)s?[\s./-]*(?:o\b|old|of age))",
    ),
    _age("age_yo", rf"(?<![\w.])(?P<span>{_AGED})(?=\s?(?:y\.?/?o\.?|yo[fm]?)\b)"),
    _age("age_keyed", rf"\bage[ds]?\s*(?:is|was|of|:|=)?\s*(?P<span>{_AGED})(?![\d.]|\s?%)"),
    _age("age_birthday", rf"\b(?P<span>{_AGED})(?:st|nd|rd|th)(?=\s+(?:birthday|year))"),
    _age(
        "age_turned",
        rf"\b(?:turned|turning|turns|(?:she|he|patient|pt) is(?: now)?)\s(?P<span>{_AGED})"
        r"(?=\s*(?:[,.;](?!\d)|and\b|today|this|in\b|years?\b|yrs?\b))",
        score=0.5,
    ),
    _age(
        "age_words",
        rf"\b(?P<span>{_TENS}{_ONES}|one hundred(?:\s(?:and\s)?\w+)?)"
        r"(?=[\s-]*(?:(?:year|yr)s?[\s-]*old|y\.?/?o\b))",
    ),
    _age("age_word", r"\b(?P<span>nonagenarian|centenarian)\b"),
    Rule(
        name="age_sex",
        label=Label.AGE,
        pattern=re.compile(rf"(?<![\w.])(?P<span>{_AGED})(?=[MFmf]\b)"),
        score=0.5,
        source=Source.FRAME,
        pick=_not_temperature,
    ),
)
