"""What the addresses under ``/presidio`` say of themselves, and the models of their replies."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field
from pydantic.dataclasses import dataclass

from gateway.openapi.operations import JSON, Operation, Parameter, Reply
from gateway.presidio.bodies import AnalyzeBody, AnonymizeBody
from policies.model import STRICT

__all__ = [
    "ANALYZE",
    "ANONYMIZE",
    "ANONYMIZERS",
    "HEALTH",
    "LANGUAGE",
    "RECOGNIZERS",
    "SUPPORTED",
    "AnonymizedReply",
    "ChangeReply",
    "FoundReply",
]

_Offset = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class FoundReply:
    """What was found, as offsets in code points."""

    start: _Offset
    end: _Offset
    score: Annotated[float, Field(ge=0, le=1)]
    entity_type: str
    analysis_explanation: None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ChangeReply:
    """What was written, as offsets into the new text."""

    start: _Offset
    end: _Offset
    entity_type: str
    text: str
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AnonymizedReply:
    """A text, and what was written into it, last change first."""

    text: str
    items: tuple[ChangeReply, ...]


_TEXT_PROBLEMS: Final = (403, 413, 415, 422)
_NOTE: Final = "Jane Doe was seen on 03/04/2021."
_FOUND: Final = {"start": 0, "end": 8, "score": 0.85, "entity_type": "PERSON"}
LANGUAGE: Final = Parameter(
    name="language",
    model=Annotated[str, Field(pattern=r"^[a-z]{2}$")],
    means="Two letters; those that the engine reads.",
    place="query",
    needed=False,
)

ANALYZE: Final = Operation(
    summary="Find what identifies somebody in texts, in Presidio's form.",
    body=AnalyzeBody,
    examples={
        "one text": {"text": _NOTE, "language": "en"},
        "several": {"text": [_NOTE], "language": "en", "entities": ["PERSON"]},
    },
    replies=(
        Reply(
            means="What was found; a list for each text where several were sent.",
            media={JSON: tuple[FoundReply, ...] | tuple[tuple[FoundReply, ...], ...]},
        ),
    ),
    problems=_TEXT_PROBLEMS,
)
ANONYMIZE: Final = Operation(
    summary="Write something else where something was found, by Presidio's operators.",
    body=AnonymizeBody,
    examples={
        "by kind": {"text": _NOTE, "analyzer_results": [_FOUND]},
        "masked": {
            "text": _NOTE,
            "analyzer_results": [_FOUND],
            "anonymizers": {"DEFAULT": {"type": "mask", "masking_char": "*", "chars_to_mask": 4}},
        },
    },
    replies=(Reply(means="The text.", media={JSON: AnonymizedReply}),),
    problems=_TEXT_PROBLEMS,
)
_NAMES: Final[dict[str, Any]] = {JSON: tuple[str, ...]}
SUPPORTED: Final = Operation(
    summary="List the kinds of entities that are found.",
    parameters=(LANGUAGE,),
    replies=(Reply(means="Presidio's names.", media=_NAMES),),
    problems=(403,),
)
RECOGNIZERS: Final = Operation(
    summary="List what looks for them.",
    parameters=(LANGUAGE,),
    replies=(Reply(means="Names.", media=_NAMES),),
    problems=(403,),
)
ANONYMIZERS: Final = Operation(
    summary="List the operators of anonymize.",
    replies=(Reply(means="Presidio's names.", media=_NAMES),),
    problems=(403,),
)
HEALTH: Final = Operation(
    summary="Say that texts would be read.",
    replies=(Reply(means="They would.", media={"text/plain": None}),),
    problems=(403,),
)
