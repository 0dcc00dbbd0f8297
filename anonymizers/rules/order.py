"""All rules, and the order in which they are tried; the order changes nothing but the speed."""

from __future__ import annotations

from typing import Final

from anonymizers.rules import contacts, dates, names, numbers, places, work
from anonymizers.rules.model import Rule

__all__ = ["RULES", "STRICT_RULES"]

RULES: Final[tuple[Rule, ...]] = (
    *contacts.RULES,
    *numbers.RULES,
    *dates.RULES,
    *names.RULES,
    *places.RULES,
)
STRICT_RULES: Final[tuple[Rule, ...]] = (*RULES, *numbers.STRICT_RULES, *work.STRICT_RULES)
"""What the strict profile adds: the sweep over unexplained codes, and professions."""
