"""What an unquoted word of a steward's file means: text, number, boolean or null.

By YAML 1.2.2, section 10.3.2 (core schema), except that what other readers take for something else
is refused: numbers with leading zeros, underscores, a base or too many digits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from policies.errors import DeclarationError

__all__ = ["Scalar", "plain_scalar"]

Scalar: TypeAlias = str | int | float | bool | None

_MAX_DIGITS: Final = 15  # all decimals of 15 digits survive a binary double (IEEE 754)
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_LEADING_ZERO: Final = re.compile(r"[-+]?0[0-9_]+(\.[0-9]*)?")
_ODD_NUMBER: Final = re.compile(
    r"0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
    r"|[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?"
)
_CONSTANTS: Final[Mapping[str, bool | None]] = MappingProxyType(
    {
        **dict.fromkeys(("", "~", "null", "Null", "NULL")),
        **dict.fromkeys(("true", "True", "TRUE"), True),
        **dict.fromkeys(("false", "False", "FALSE"), False),
    }
)


def plain_scalar(text: str) -> Scalar:
    """Return what an unquoted word means; dates, ``NO`` and ``12:30`` are text.

    Raises:
        DeclarationError: ``YAML-LEADING-ZERO`` or ``YAML-NUMBER``, without a place.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _LEADING_ZERO.fullmatch(text):
        raise DeclarationError(
            "a number starts with 0", code="YAML-LEADING-ZERO", remedy="quote it if it is a code"
        )
    if _ODD_NUMBER.fullmatch(text):
        raise DeclarationError(
            "a number is written in a form that readers disagree on",
            code="YAML-NUMBER",
            remedy="use plain decimal digits, or quote it if it is text",
        )
    if not _NUMBER.fullmatch(text):
        return text
    digits = sum(character.isdigit() for character in re.split("[eE]", text)[0])
    if digits > _MAX_DIGITS or not math.isfinite(float(text)):
        raise DeclarationError(
            f"a number is too large or has more than {_MAX_DIGITS} digits",
            code="YAML-NUMBER",
            remedy="quote it if it is a code, or give fewer digits",
        )
    return int(text) if _INTEGER.fullmatch(text) else float(text)
