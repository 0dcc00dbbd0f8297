"""What the addresses of questions say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.bodies import QuestionBody
from gateway.openapi.answers import ANSWER, QuoteReply
from gateway.openapi.jobs import ACCEPTED
from gateway.openapi.operations import JSON, MEMBERS, Operation, Reply
from gateway.openapi.parameters import KEY, PREFER, PROJECT, QUERY

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
RUN: Final = Operation(
    summary="Answer a question, at its price.",
    parameters=(PROJECT, KEY, PREFER),
    body=QuestionBody,
    examples=_EXAMPLES,
    replies=(ANSWER, ACCEPTED),
    problems=(*_ASKING, 406),
)
STORED: Final = Operation(
    summary="Give an answer again; free.",
    parameters=(PROJECT, QUERY),
    replies=(ANSWER,),
    problems=(*MEMBERS, 404, 406),
)
