"""What looks like an identifier and is a measurement, a dose, a score or a code of medicine."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_explained", "is_measured"]

_UNIT: Final = re.compile(
    r"(?i)\s*(?:mg|mcg|ug|\u00b5g|\u03bcg|g|gm|kg|lbs?|oz|ml|cc|dl|l|units?|iu|meq|mmol|mol|"
    r"mmhg|mm|cm|m|in|"
    r"ft|inch(?:es)?|bpm|beats|breaths|%|percent|degrees?|f|c|kcal|cal|cells|copies|ng|pg|fl|"
    r"hz|khz|"
    r"mhz|gy|cgy|msv|rads?|kpa|psi|joules?|watts?|volts?|ma|sec(?:onds?)?|min(?:utes?)?|"
    r"h(?:ou)?rs?|"
    r"days?|weeks?|wks?|months?|mos?|years?|yrs?|y/o|yo|times|tablets?|tabs?|caps(?:ules)?|"
    r"puffs?|drops?|"
    r"doses?|packs?|pk|french|fr|gauge|ga|steps|feet|meters|miles|dollars|per|/)(?![A-Za-z])"
)
_CODE_SYSTEM: Final = re.compile(
    r"(?i)(?:icd(?:-?(?:9|10))?(?:-?(?:cm|pcs))?|cpt|hcpcs|snomed(?:[ -]?ct)?|loinc|rxnorm|"
    r"rxcui|ndc|"
    r"cvx|atc|drg|mesh|umls|lot|batch|code|grade|stage|score|level|version|nct)"
    r"[\s:#(,]*(?:(?:number|no\.?|code)[\s:#]*)?$"
)
_TERM: Final = re.compile(
    r"(?i)(?:"
    r"[ctls]\d{1,2}(?:[-/][ctls]?\d{1,2})?|[gtpal]\d{1,2}(?:[gpaltvm]\d{1,2})+|"  # C5-6, G2P1
    r"v[1-6](?:-v?[1-6])?|t[1-4][a-c]?n[0-3x][a-c]?m[01x]?|"  # ECG leads, tumor stage
    r"(?:ca|ca-?)?(?:125|15-3|19-9|27\.29)|covid-?19|sars-?cov-?2|h\d{1,2}n\d{1,2}|"
    r"hba1c|a1c|fev1|fio2|spo2|sao2|pao2|paco2|pco2|po2|o2|co2|b12|b6|d3|d2|k2|t3|t4|ft4|ft3|"
    r"cd\d{1,3}|il-?\d{1,2}|her2(?:neu)?|brca[12]|cyp\w{3,5}|p53|ki-?67|egfr|c3|c4|ph\d?|"
    r"\d{1,2}(?:st|nd|rd|th)|\d+(?:\.\d+)?(?:mg|mcg|g|kg|lb|ml|cc|l|mm|cm|m|fr|f|c|hr?s?|min|"
    r"wks?|yo|y|d|x|am|pm|"
    r"units?|meq|k|ppd|pk|ga|hz|cgy|gy)|q\d{1,2}h(?:rs?)?|x\d{1,3}|\d{1,3}x\d{1,3}(?:x\d{1,3})?|"
    r"\d{1,3}(?:-[a-z]+)+|\d{1,2}[a-d]|[a-z]\d{1,2}|mp[23]|dtap\d?|pcv\d{1,2}|ppsv\d{1,2}|"
    r"hpv\d{1,2}|"
    r"[a-tv-z]\d[0-9a-z](?:\.[0-9a-z]{1,4})?"  # ICD-10
    r")$"
)
_PLAIN_NUMBER: Final = re.compile(r"\d{1,3}(?:,\d{3})+$|\d+\.\d+$|\d{1,4}$|\d{1,4}[-/]\d{1,4}$")
_TIME: Final = re.compile(r"(?:[01]?\d|2[0-3])[:.]?[0-5]\d(?:[:.][0-5]\d)?$")
_REACH: Final = 40


def is_measured(text: str, end: int) -> bool:
    """Say whether a unit follows, so that the number before it is an amount."""
    return _UNIT.match(text, end) is not None


def is_explained(text: str, start: int, end: int) -> bool:
    """Say whether a token is a quantity, a score, a code of medicine or a term with digits."""
    token = text[start:end]
    if _TERM.match(token) or _PLAIN_NUMBER.match(token) or _TIME.match(token):
        return True
    if is_measured(text, end):
        return True
    return _CODE_SYSTEM.search(text[max(0, start - _REACH) : start]) is not None
