"""All row-wise functions by name; whatever is not here is refused."""

from __future__ import annotations

from typing import Final

from query.functions.arithmetic import ARITHMETIC
from query.functions.building import Builder
from query.functions.casting import CASTING
from query.functions.comparison import COMPARISON
from query.functions.conditional import CONDITIONAL
from query.functions.dates import DATES
from query.functions.dividing import DIVIDING
from query.functions.durations import DURATIONS
from query.functions.formats import FORMATTING
from query.functions.patterns import PATTERNS
from query.functions.reals import REALS
from query.functions.rounding import ROUNDING
from query.functions.texts import TEXTS

__all__ = ["FUNCTIONS"]

FUNCTIONS: Final[dict[str, Builder]] = {
    **ARITHMETIC,
    **ROUNDING,
    **DIVIDING,
    **REALS,
    **COMPARISON,
    **CONDITIONAL,
    **DATES,
    **DURATIONS,
    **FORMATTING,
    **TEXTS,
    **PATTERNS,
    **CASTING,
}
"""From name to builder."""
