"""Professions, which the strict profile takes out too."""

from __future__ import annotations

import re
from typing import Final

from anonymizers.rules.model import Rule
from anonymizers.spans import Label, Source

__all__ = ["STRICT_RULES"]

STRICT_RULES: Final = (
    Rule(
        name="works_as",
        label=Label.PROFESSION,
        pattern=re.compile(
            r"(?i)\b(?:work(?:s|ed|ing)?|employed|career|job|trained)\s(?:\w+\s)?as\san?\s(?:retired\s)?"
            r"(?P<span>[a-z][a-z-]+(?:\s(?!at\b|in\b|for\b|and\b|with\b|who\b|but\b|on\b|by\b)[a-z-]+){0,2})"
        ),
        score=0.5,
        source=Source.FRAME,
    ),
    Rule(
        name="occupation",
        label=Label.PROFESSION,
        pattern=re.compile(
            r"(?i)\b(?:occupation|profession|employment)\s?:\s{0,3}"
            r"(?P<span>[a-z][a-z -]{2,30}[a-z])"
        ),
        score=0.6,
        source=Source.KEYED,
    ),
    Rule(
        name="retired",
        label=Label.PROFESSION,
        pattern=re.compile(
            r"(?i)\b(?:is|was|,)\s(?:an?\s)?(?:retired|former)\s(?P<span>[a-z][a-z-]+(?:er|or|ist|ian|ant|man|woman|nurse|cook|clerk))\b"
        ),
        score=0.5,
        source=Source.FRAME,
    ),
)
