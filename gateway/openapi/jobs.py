"""What the addresses of jobs say of themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field
from pydantic.dataclasses import dataclass

from gateway.jobs.watch import State
from gateway.openapi.answers import ANSWER, LossReply
from gateway.openapi.operations import JSON, MEMBERS, Operation, Reply
from gateway.openapi.parameters import JOB, PROJECT, QueryId
from gateway.openapi.problems import ProblemReply
from policies.model import STRICT, Identifier

__all__ = ["ACCEPTED", "CANCEL", "JOBS", "RESULT", "SHOW", "JobReply", "JobsReply"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class JobReply:
    """How far a job is; nothing in it depends on rows."""

    id: QueryId
    project: Identifier
    dataset: str
    state: State
    cancelling: bool
    created: datetime
    ended: datetime | None
    charged: LossReply | None
    problem: ProblemReply | None
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class JobsReply:
    """The caller's last jobs in a project, the newest first."""

    project: Identifier
    jobs: Annotated[tuple[JobReply, ...], Field(max_length=100)]


_JOB: Final = Reply(
    means="How far it is.",
    media={JSON: JobReply},
    headers={"Retry-After": "Seconds after which to look again; only while it is open."},
)
ACCEPTED: Final = Reply(
    status=202,
    means="The question is answered later, since Prefer has respond-async.",
    media={JSON: JobReply},
    headers={
        "Location": "Address of the job.",
        "Preference-Applied": "respond-async",
        "Retry-After": "Seconds after which to look at it.",
    },
)
JOBS: Final = Operation(
    summary="Tell a member of their last hundred jobs; free.",
    parameters=(PROJECT,),
    replies=(Reply(means="The jobs.", media={JSON: JobsReply}),),
    problems=MEMBERS,
)
SHOW: Final = Operation(
    summary="Tell how far a job is; free.",
    parameters=(PROJECT, JOB),
    replies=(_JOB,),
    problems=(*MEMBERS, 404),
)
CANCEL: Final = Operation(
    summary="Cancel a job; what was charged stays charged.",
    parameters=(PROJECT, JOB),
    replies=(_JOB,),
    problems=(*MEMBERS, 404),
)
RESULT: Final = Operation(
    summary="Give the answer of a job, or say why there is none; free.",
    parameters=(PROJECT, JOB),
    replies=(ANSWER,),
    problems=(*MEMBERS, 404, 406, 409, 422, 503),
)
