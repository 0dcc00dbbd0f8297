"""What the addresses of questions say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from gateway.bodies import QuestionBody
from gateway.openapi.answers import ANSWER, QuoteReply
from gateway.openapi.jobs import JobReply
from gateway.openapi.operations import JSON, MEMBERS, Operation, Parameter, Reply
from gateway.openapi.parameters import PROJECT, QUERY

__all__ = ["EXPLAIN", "PRICE", "RUN", "STORED"]

_SQL: Final = "SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex"
_EXAMPLES: Final[Mapping[str, object]] = {
    "at the default price": {"sql": _SQL},
    "with all bounds": {"sql": _SQL, "max_groups": 1, "max_rows_per_group": 1, "confidence": 0.9},
    "for an accuracy": {"sql": _SQL, "accuracy": {"within": 60, "confidence": 0.95}},
}
_ASKING: Final = (*MEMBERS, 409, 413, 415, 422, 503)
PRICE: Final = Operation(
    summary="Tell what a question would cost and how exact its answer would be; free.",
    parameters=(PROJECT,),
    body=QuestionBody,
    examples=_EXAMPLES,
    replies=(Reply(means="The quote.", media={JSON: QuoteReply}),),
    problems=_ASKING,
)
EXPLAIN: Final = Operation(
    summary="Tell how a question would be answered, as a quote or in words; free.",
    parameters=(PROJECT,),
    body=QuestionBody,
    examples=_EXAMPLES,
    replies=(
        Reply(
            means="The quote; in words with Accept: text/plain.",
            media={JSON: QuoteReply, "text/plain": None},
        ),
    ),
    problems=(*_ASKING, 406),
)
_ONCE: Final = Parameter(
    name="Idempotency-Key",
    model=Annotated[str, Field(pattern=r"^[!#-\[\]-~]{1,255}$")],
    means="Two requests that carry the same are one; it may stand in quotes.",
    place="header",
    needed=False,
)
_PREFER: Final = Parameter(
    name="Prefer",
    model=Annotated[str, Field(pattern=r"^[a-z]{1,20}(-[a-z]{1,20})?$")],
    means="respond-async for an answer later (RFC 7240).",
    place="header",
    needed=False,
)
_LATER: Final = Reply(
    means="A job, where Prefer asks for it.",
    media={JSON: JobReply},
    status=202,
    headers={"Location": "Of the job.", "Preference-Applied": "respond-async"},
)
RUN: Final = Operation(
    summary="Answer a question, at its price.",
    parameters=(PROJECT, _ONCE, _PREFER),
    body=QuestionBody,
    examples=_EXAMPLES,
    replies=(ANSWER, _LATER),
    problems=(*_ASKING, 406),
)
STORED: Final = Operation(
    summary="Give an answer again; free.",
    parameters=(PROJECT, QUERY),
    replies=(ANSWER,),
    problems=(*MEMBERS, 404, 406),
)
