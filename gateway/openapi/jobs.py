"""What the addresses of jobs say of themselves, and the models of their replies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field
from pydantic.dataclasses import dataclass

from gateway.jobs.watch import State
from gateway.openapi.answers import ANSWER, LossReply
from gateway.openapi.operations import JSON, MEMBERS, Operation, Parameter, Reply
from gateway.openapi.parameters import PROJECT
from gateway.openapi.problems import ProblemReply
from policies.model import STRICT, Identifier

__all__ = ["CANCEL", "LIST", "RESULT", "SHOW", "JobReply", "JobsReply"]

JOB: Final = Parameter(
    name="job_id",
    model=Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")],
    means="Id of a job of yours.",
)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class JobReply:
    """A question that is answered later.

    Attributes:
        id: Of the job.
        project: That it is charged to.
        dataset: That it asks.
        state: How far it is.
        cancelling: Whether it was cancelled and has not ended yet.
        created: When it came.
        ended: When it ended.
        charged: What it cost so far.
        problem: Why it has no answer.
        result: Where its answer is.
    """

    id: str
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
    """The last jobs of somebody in a project, newest first."""

    project: Identifier
    jobs: tuple[JobReply, ...]


_ONE: Final = Reply(means="The job.", media={JSON: JobReply})
LIST: Final = Operation(
    summary="Tell a member of their last hundred jobs.",
    parameters=(PROJECT,),
    replies=(Reply(means="The jobs.", media={JSON: JobsReply}),),
    problems=MEMBERS,
)
SHOW: Final = Operation(
    summary="Tell how far a job is.",
    parameters=(PROJECT, JOB),
    replies=(_ONE,),
    problems=(*MEMBERS, 404),
)
RESULT: Final = Operation(
    summary="Give the answer of a job, or say why there is none.",
    parameters=(PROJECT, JOB),
    replies=(ANSWER,),
    problems=(*MEMBERS, 404, 406, 409, 422, 503),
)
CANCEL: Final = Operation(
    summary="Cancel a job; what was charged stays charged.",
    parameters=(PROJECT, JOB),
    replies=(_ONE,),
    problems=(*MEMBERS, 404),
)
