"""Numbers and codes that name a person, account, device, vehicle, specimen or document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from anonymizers.rules.model import Rule
from anonymizers.rules.vetoes import is_explained, is_measured
from anonymizers.spans import Label, Source

__all__ = ["RULES", "STRICT_RULES"]

_STRONG_KEYS: Final = (
    r"MRN|M\.R\.N\.|MR\s?#|SSN|SS#|NPI|DEA|VIN|CSN|MBI|HICN|UDI|S/N|UHID|NHS|CHI|URN|HAR|PID|"
    r"EIN|ITIN"
)
_KEYS: Final = (
    r"med(?:ical)?\.? ?rec(?:ord)?s?|chart|hospital|account|acct|patient|pt|member|subscriber|"
    r"beneficiary|insurance|policy|plan|group|claim|encounter|visit|episode|case|accession|specimen|"
    r"sample|slide|block|requisition|order|prescription|rx|serial|sn|model|device|implant|pacemaker|"
    r"license|licence|driver'?s? licen[sc]e|dl|plate|registration|passport|visa|social security|ss|"
    r"badge|employee|certificate|cert|medicare|medicaid|health card|reference|ref|"
    r"confirmation|ticket|tax|vehicle|invoice|study|protocol|subject|authorization|auth|referral|file|record|document|"
    r"id|identifier|barcode|pin|tag|tracking|request|req|report|image|exam|locker|unit|donor|bag"
)
_SIGN: Final = r"(?:\s*(?:number|num|no\.?|nr\.?|id|identifier|code|card|#)){0,3}"
_VALUE: Final = r"(?P<span>[A-Za-z]{0,6}[-.]?\d[\w]*(?:[-.][\w]+){0,6})"
_MIN_DIGITS: Final = 3
_FEW_DIGITS: Final = 2
_MANY_DIGITS: Final = 5
_VIN_VALUES: Final = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _keyed(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A value after a key: three digits or more, and no amount with a unit."""
    value = match["span"]
    if sum(one.isdigit() for one in value) >= _MIN_DIGITS and not is_measured(
        match.string, match.end("span")
    ):
        yield match.span("span")


def _social_security(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    if match["group"] != "00" and match["serial"] != "0000":
        yield match.span()


def _vin(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Check digit of 49 CFR 565.15(c)."""
    letters = match[0].upper()
    total = sum(
        _VIN_VALUES[one] * weight for one, weight in zip(letters, _VIN_WEIGHTS, strict=True)
    )
    check = "0123456789X"[total % 11]
    if letters[8] == check:
        yield match.span()


def _dea(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Check digit of DEA registration numbers: (d1 + d3 + d5 + 2 (d2 + d4 + d6)) mod 10 = d7."""
    digits = [int(one) for one in match["digits"]]
    if (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]:
        yield match.span()


def _unexplained(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    if not is_explained(match.string, *match.span()):
        yield match.span()


def _swept(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Any token with five digits, or letters and digits mixed, that no veto explains."""
    token = match[0]
    digits = sum(one.isdigit() for one in token)
    mixed = digits >= _FEW_DIGITS and any(one.isalpha() for one in token)
    if (digits >= _MANY_DIGITS or mixed) and not is_explained(match.string, *match.span()):
        yield match.span()


RULES: Final = (
    Rule(
        name="ssn",
        label=Label.ID,
        pattern=re.compile(
            r"(?<![\w.-])\d{3}([- ])(?P<group>\d{2})\1(?P<serial>\d{4})(?![\w]|-\d)"
        ),
        score=0.95,
        pick=_social_security,
    ),
    Rule(
        name="ssn_masked",
        label=Label.ID,
        pattern=re.compile(r"(?i)(?<![\w*#])[x*#]{3}[- ]?[x*#]{2}[- ]?(?P<span>\d{4})(?!\w)"),
        score=0.9,
    ),
    Rule(
        name="last_four",
        label=Label.ID,
        pattern=re.compile(
            r"(?i)\b(?:last (?:four|4)|ending in)(?: digits)?(?: of [\w ]{2,20})?"
            r"[ :#]*(?:is |are )?"
            r"(?P<span>\d{4})(?!\w)"
        ),
        score=0.8,
        source=Source.KEYED,
    ),
    Rule(
        name="key_strong",
        label=Label.ID,
        pattern=re.compile(rf"(?i)\b(?:{_STRONG_KEYS}){_SIGN}[\s:#=-]{{0,4}}(?:is\s)?{_VALUE}"),
        score=0.95,
        source=Source.KEYED,
        pick=_keyed,
    ),
    Rule(
        name="key_signed",
        label=Label.ID,
        pattern=re.compile(
            rf"(?i)\b(?:{_KEYS})(?:\s*(?:number|num|no\.?|nr\.?|id|identifier|card|#)){{1,3}}"
            rf"[\s:#=-]{{0,4}}(?:is\s|was\s)?{_VALUE}"
        ),
        score=0.9,
        source=Source.KEYED,
        pick=_keyed,
    ),
    Rule(
        name="key_colon",
        label=Label.ID,
        pattern=re.compile(rf"(?i)\b(?:{_KEYS})\s?[:#]\s?#?{_VALUE}"),
        score=0.8,
        source=Source.KEYED,
        pick=_keyed,
    ),
    Rule(
        name="key_of_door",
        label=Label.ID,
        pattern=re.compile(
            r"(?i)\b(?:key ?safe|lock ?box|keypad|(?:door|gate|entry|alarm|access) code)"
            rf"(?: code| number)?[\s:#=-]{{1,4}}(?:is\s)?{_VALUE}"
        ),
        score=0.8,
        source=Source.KEYED,
        pick=_keyed,
    ),
    Rule(
        name="key_bare",
        label=Label.ID,
        pattern=re.compile(
            r"(?i)\b(?:serial|badge|plate|reference|account|acct|policy|accession|license|specimen|"
            r"passport|claim|member|chart|invoice|certificate|record|confirmation|under)\s"
            r"(?P<span>(?:[a-z]{1,4}-?)?\d{5,12}[a-z]?|[a-z]{2,3}-\d{3,5})(?![\w]|[.,/-]\d)"
        ),
        score=0.7,
        source=Source.KEYED,
        pick=_keyed,
    ),
    Rule(
        name="uuid",
        label=Label.ID,
        pattern=re.compile(
            r"(?i)(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])"
        ),
        score=0.95,
    ),
    Rule(
        name="vin",
        label=Label.ID,
        pattern=re.compile(r"(?<!\w)(?=\w*\d)[A-HJ-NPR-Z0-9]{17}(?!\w)"),
        score=0.95,
        pick=_vin,
    ),
    Rule(
        name="dea",
        label=Label.ID,
        pattern=re.compile(r"(?<!\w)[A-HJ-MPR-UX][A-Z9](?P<digits>\d{7})(?!\w)"),
        score=0.9,
        pick=_dea,
    ),
    Rule(
        name="prefixed",  # A-123456, MR00123456, S26-04512: an id's look, and no unit after it
        label=Label.ID,
        pattern=re.compile(
            r"(?<![\w.-])[A-Z]{1,4}(?:-?\d{6,12}|\d{2}-\d{4,7}|-\d{5})(?![\w]|[.-]\d)"
        ),
        score=0.7,
        pick=_unexplained,
    ),
    Rule(
        name="long_number",
        label=Label.ID,
        pattern=re.compile(r"(?<![\w.,$-])\d{7,19}(?![\w%]|[.,]\d)"),
        score=0.5,
        source=Source.SWEEP,
        pick=_unexplained,
    ),
)

STRICT_RULES: Final = (
    Rule(
        name="sweep",
        label=Label.ID,
        pattern=re.compile(r"(?<![\w.-])(?=[\w.-]*\d)\w+(?:[.-]\w+)*(?!\w)"),
        score=0.3,
        source=Source.SWEEP,
        pick=_swept,
    ),
)
