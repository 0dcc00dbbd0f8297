"""All row-wise functions by name; whatever is not here is refused."""

from __future__ import annotations

from typing import Final

from query.functions.arithmetic import ARITHMETIC
from query.functions.building import Builder
from query.functions.comparison import COMPARISON
from query.functions.conditional import CONDITIONAL
from query.functions.dates import DATES
from query.functions.texts import TEXTS

__all__ = ["FUNCTIONS"]

FUNCTIONS: Final[dict[str, Builder]] = ARITHMETIC | COMPARISON | CONDITIONAL | DATES | TEXTS
"""From name to builder."""
