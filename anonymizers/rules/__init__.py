"""What identifies by its form or its frame, in English clinical text: patterns with vetoes."""

from anonymizers.rules.model import Rule
from anonymizers.rules.order import RULES, STRICT_RULES

__all__ = ["RULES", "STRICT_RULES", "Rule"]
