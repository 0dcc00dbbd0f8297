"""Bodies of ``/presidio/analyze`` and ``/presidio/anonymize``, in the form of Presidio's REST API.

What would let a caller run patterns of their own on our processors is refused: recognizers in the
request, and lists of exceptions that are regular expressions.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, WithJsonSchema
from pydantic.dataclasses import dataclass

from anonymizers.presidio import ENTITIES
from policies.model import STRICT, invalid

__all__ = [
    "ENTITY_NAMES",
    "AnalyzeBody",
    "AnonymizeBody",
    "FoundBody",
    "HashBody",
    "KeepBody",
    "MaskBody",
    "OperatorBody",
    "RedactBody",
    "ReplaceBody",
]

ENTITY_NAMES: Final = tuple(sorted(ENTITIES.values()))

_Text = Annotated[str, Field(max_length=262_144)]
_Score = Annotated[float, Field(ge=0, le=1)]
_Kind = Annotated[str, Field(min_length=1, max_length=100)]
_Entity = Annotated[str, Field(json_schema_extra={"enum": list(ENTITY_NAMES)})]
_Nothing = Annotated[tuple[()] | None, WithJsonSchema({"type": ["array", "null"], "maxItems": 0})]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AnalyzeBody:
    """Body of ``/presidio/analyze``.

    Attributes:
        text: One text or several.
        language: In which they are.
        entities: Kinds to look for; all if None.
        score_threshold: Least score of what is told.
        allow_list: Words that are not told.
        allow_list_match: How they are compared.
        return_decision_process: Taken and not heeded; no reasons are told.
        correlation_id: Taken and not kept.
        context: Taken and not heeded; our rules have their own.
        ad_hoc_recognizers: None may be given.
    """

    text: (
        Annotated[_Text, Field(min_length=1)]
        | Annotated[
            tuple[Annotated[_Text, Field(min_length=1)], ...], Field(min_length=1, max_length=500)
        ]
    )
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    entities: tuple[_Entity, ...] | None = None
    score_threshold: _Score | None = None
    allow_list: Annotated[tuple[_Text, ...], Field(max_length=1000)] | None = None
    allow_list_match: Literal["exact"] = "exact"
    return_decision_process: bool | None = None
    correlation_id: Annotated[str, Field(max_length=200)] | None = None
    context: Annotated[tuple[_Text, ...], Field(max_length=1000)] | None = None
    ad_hoc_recognizers: _Nothing = None

    def __post_init__(self) -> None:
        unknown = set(self.entities or ()) - set(ENTITY_NAMES)
        if unknown:
            raise invalid(
                "REQ-ENTITY", "no such kind of entity; GET /presidio/supportedentities lists all"
            )

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts, also where it is one."""
        return (self.text,) if isinstance(self.text, str) else self.text


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class FoundBody:
    """What was found, as ``/presidio/analyze`` tells it."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    score: _Score
    entity_type: _Kind
    analysis_explanation: None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ReplaceBody:
    """Write some words, or the kind in brackets."""

    type: Literal["replace"]
    new_value: Annotated[str, Field(max_length=1000)] = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RedactBody:
    """Write nothing."""

    type: Literal["redact"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class KeepBody:
    """Leave it."""

    type: Literal["keep"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class MaskBody:
    """Write a mark for each of some characters."""

    type: Literal["mask"]
    masking_char: Annotated[str, Field(min_length=1, max_length=1)]
    chars_to_mask: Annotated[int, Field(ge=0, le=10**9)]
    from_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class HashBody:
    """Write a hash; salted at random unless a salt of 16 characters or more is given."""

    type: Literal["hash"]
    hash_type: Literal["sha256", "sha512"] = "sha256"
    salt: Annotated[str, Field(min_length=16, max_length=1000)] | None = None


OperatorBody: TypeAlias = Annotated[
    ReplaceBody | RedactBody | KeepBody | MaskBody | HashBody, Field(discriminator="type")
]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AnonymizeBody:
    """Body of ``/presidio/anonymize``.

    Attributes:
        text: One text.
        analyzer_results: What was found in it.
        anonymizers: From a kind, or ``DEFAULT``, to what is written in its place.
    """

    text: Annotated[_Text, Field(min_length=1)]
    analyzer_results: Annotated[tuple[FoundBody, ...], Field(max_length=10_000)]
    anonymizers: Annotated[dict[_Kind, OperatorBody], Field(max_length=100)] | None = None

    def __post_init__(self) -> None:
        if any(not one.start < one.end <= len(self.text) for one in self.analyzer_results):
            raise invalid("REQ-OFFSETS", "what was found lies outside of the text")

    def operators(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return names and parameters, as Presidio takes them; what is None is left out."""
        return {kind: _operator(one) for kind, one in (self.anonymizers or {}).items()}


def _operator(given: OperatorBody) -> tuple[str, dict[str, Any]]:
    parameters = {
        name: getattr(given, name) for name in given.__dataclass_fields__ if name != "type"
    }
    return given.type, {name: value for name, value in parameters.items() if value is not None}
