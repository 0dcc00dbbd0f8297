"""Years, three digits of ZIP codes, and ages of 90 and over as one."""

from __future__ import annotations

import re
from typing import Final

from anonymizers.normalized import normalize
from anonymizers.surrogates import OLDEST_AGE, redaction
from anonymizers.written_dates import year_of
from policies.text_operators import Generalize, Label
from policies.transforms import RESTRICTED_ZIP3

__all__ = ["generalized"]

_ZIP: Final = re.compile(r"(\d{3})\d{2}(?:-?\d{4})?")
_SMALL_AREA: Final = "000"


def generalized(rule: Generalize, label: Label, original: str) -> str:
    """Return what is coarse enough, or the label in brackets.

    Args:
        rule: Says which years are too early to be written.
        label: ``DATE``, ``AGE`` or ``LOCATION``; of others nothing is coarse enough.
        original: What was found.

    Source: 45 CFR 164.514(b)(2)(i)(B) and (C).
    """
    text = normalize(original).text
    if label is Label.AGE:
        return OLDEST_AGE
    if label is Label.DATE:
        year = year_of(text)
        return redaction(label) if year is None or year < rule.oldest else str(year)
    code = _ZIP.fullmatch(text) if label is Label.LOCATION else None
    if code is None:
        return redaction(label)
    return _SMALL_AREA if code[1] in RESTRICTED_ZIP3 else code[1]
