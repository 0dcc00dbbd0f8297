"""Presidio's own anonymizer with its own operators, for programs that already speak to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig, RecognizerResult

from policies.errors import DeclarationError

__all__ = ["Anonymized", "Change", "Found", "anonymized"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What somebody found in a text.

    Attributes:
        start: First character, in code points from 0.
        end: One past the last.
        score: 0 to 1.
        entity: Its kind, in Presidio's names.
    """

    start: int
    end: int
    score: float
    entity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was written in the place of what was found.

    Attributes:
        start: First character of it, in the new text.
        end: One past the last.
        entity: What had been found.
        text: What was written.
        operator: That wrote it.
    """

    start: int
    end: int
    entity: str
    text: str = field(repr=False)
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymized:
    """A text after Presidio's operators, and their changes, last one first."""

    text: str = field(repr=False)
    changes: tuple[Change, ...]


def anonymized(
    text: str, found: Sequence[Found], operators: Mapping[str, tuple[str, Mapping[str, Any]]]
) -> Anonymized:
    """Return a text with what was found replaced by Presidio's operators.

    Args:
        text: The text.
        found: Inside of it.
        operators: From a kind, or ``DEFAULT``, to an operator's name and parameters; ``replace``
            by the kind where there is none.

    Raises:
        DeclarationError: If Presidio takes an operator's parameters for wrong; not in its words,
            which may hold the text.
    """
    results = [
        RecognizerResult(entity_type=one.entity, start=one.start, end=one.end, score=one.score)
        for one in found
    ]
    configured = {
        kind: OperatorConfig(name, dict(given)) for kind, (name, given) in operators.items()
    }
    try:
        result = _engine().anonymize(text, results, operators=configured)
    except (InvalidParamError, ValueError):
        raise DeclarationError(
            "an operator's parameters are not as Presidio takes them",
            code="DEID-OPERATOR",
            remedy="look at Presidio's page of its operators",
        ) from None
    return Anonymized(
        text=str(result.text),
        changes=tuple(
            Change(
                start=one.start,
                end=one.end,
                entity=one.entity_type,
                text=one.text or "",
                operator=one.operator or "",
            )
            for one in result.items
        ),
    )


@cache
def _engine() -> AnonymizerEngine:
    return AnonymizerEngine()  # type: ignore[no-untyped-call]  # Presidio leaves it untyped
