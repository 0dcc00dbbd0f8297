"""SQL text to a typed question, or a refusal; the one place that knows SQL's grammar."""

from query.parse.selects import parse

__all__ = ["parse"]
