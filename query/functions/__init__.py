"""The allow-list of row-wise functions: each states its domain and SQL that cannot fail."""

from query.functions.arithmetic import ARITHMETIC
from query.functions.building import Builder
from query.functions.comparison import COMPARISON
from query.functions.conditional import CONDITIONAL
from query.functions.dates import DATES
from query.functions.texts import TEXTS

__all__ = ["FUNCTIONS", "Builder"]

FUNCTIONS: dict[str, Builder] = ARITHMETIC | COMPARISON | CONDITIONAL | DATES | TEXTS
"""Builders by name; whatever is not here is refused."""
