"""Presidio's anonymizer: puts a stand-in, or a label in brackets, where a span was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult
from presidio_anonymizer.operators import Operator, OperatorType

from anonymizers.spans import Label, Span

__all__ = ["Replacement", "replace_spans"]

Replacement: TypeAlias = Callable[[Label, str], str]
"""From what was found to what is put in its place."""

_STAND_IN = "stand_in"
_AT_ONCE: Final = 100


class _StandIn(Operator):
    """Presidio operator that asks our function; Presidio's own know neither patient nor key."""

    def operate(self, text: str | None = None, params: Mapping[str, Any] | None = None) -> str:
        """Return what stands in for the text."""
        given = params or {}
        replacement: Replacement = given[_STAND_IN]
        return replacement(Label(given["entity_type"]), text or "")

    def validate(self, params: Mapping[str, Any] | None = None) -> None:
        """Do nothing: the one parameter is set below."""

    def operator_name(self) -> str:
        """Return the name under which the engine finds the operator."""
        return _STAND_IN

    def operator_type(self) -> OperatorType:
        """Return that the operator anonymizes."""
        return OperatorType.Anonymize


@cache
def _engine() -> AnonymizerEngine:
    engine = AnonymizerEngine()  # type: ignore[no-untyped-call]  # Presidio leaves it untyped
    engine.add_anonymizer(_StandIn)
    return engine


def replace_spans(text: str, spans: Sequence[Span], replacement: Replacement) -> str:
    """Return the text with every span replaced; all else is as it was.

    Args:
        text: The original text.
        spans: Spans that do not overlap, by rising start.
        replacement: Called once for each span.
    """
    # Presidio compares every span with every other, and copies the text for each.
    pieces: list[str] = []
    at = 0
    for first in range(0, len(spans), _AT_ONCE):
        some = spans[first : first + _AT_ONCE]
        end = some[-1].end
        pieces.append(_replaced(text[at:end], at, some, replacement))
        at = end
    return "".join([*pieces, text[at:]])


def _replaced(text: str, offset: int, spans: Sequence[Span], replacement: Replacement) -> str:
    found = [
        RecognizerResult(
            entity_type=span.label.value,
            start=span.start - offset,
            end=span.end - offset,
            score=span.score,
        )
        for span in spans
    ]
    result = _engine().anonymize(
        text,
        found,
        operators={"DEFAULT": OperatorConfig(_STAND_IN, {_STAND_IN: replacement})},
        merge_entities_with_spaces=False,
    )
    return str(result.text)
