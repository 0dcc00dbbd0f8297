"""Jobs: questions that are answered later, as their owner sees them."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Response

from gateway.errors import NotFoundError
from gateway.jobs.documents import job_document, job_path
from gateway.jobs.failures import not_done
from gateway.jobs.records import Asking, JobRecord, Outcome
from gateway.jobs.watch import Watch
from gateway.membership import member_project
from gateway.openapi import described
from gateway.openapi.jobs import CANCEL, LIST, RESULT, SHOW
from gateway.ports import Service
from gateway.routes.callers import current_principal
from gateway.routes.replies import answer_form, answer_reply, document_reply, problem_reply

__all__ = ["accepted", "job_now", "jobs", "outcome_reply", "own_job"]

_JOB_ID: Final = re.compile(r"[0-9a-f]{32}")


def jobs(service: Service) -> Blueprint:
    """Return the routes under ``/v1/projects/{project}/jobs``; all are free."""
    routes = Blueprint("jobs", __name__, url_prefix="/v1/projects/<project_id>/jobs")

    @routes.get("")
    @described(LIST)
    def listed(project_id: str) -> Response:
        """Tell a member of their last hundred jobs, the newest first."""
        user = current_principal().acting_in(project_id)
        member_project(service.policies, user, project_id, service.now())
        found = service.jobs.of_user(project_id, user)
        documents = [job_document(one, service.jobs.watch(one.id)) for one in found]
        return document_reply({"project": project_id, "jobs": documents})

    @routes.get("/<job_id>")
    @described(SHOW)
    def shown(project_id: str, job_id: str) -> Response:
        """Tell how far a job is."""
        return _job_reply(service, own_job(service, project_id, job_id))

    @routes.get("/<job_id>/result")
    @described(RESULT)
    def result(project_id: str, job_id: str) -> Response:
        """Give the answer of a job, or say why there is none."""
        form = answer_form()
        record = own_job(service, project_id, job_id)
        if record.outcome is None:
            raise not_done()
        return outcome_reply(service, record.asking, record.outcome, form)

    @routes.delete("/<job_id>")
    @described(CANCEL)
    def cancelled(project_id: str, job_id: str) -> Response:
        """Cancel a job; what was charged stays charged. One that has ended stays as it is."""
        record = own_job(service, project_id, job_id)
        service.jobs.cancel(record.id)
        return _job_reply(service, own_job(service, project_id, job_id))

    return routes


def accepted(service: Service, record: JobRecord) -> Response:
    """Return the reply to a question that is answered later (RFC 7240, section 4.1)."""
    reply = _job_reply(service, record)
    reply.status_code = 202
    reply.headers["Location"] = job_path(record)
    reply.headers["Preference-Applied"] = "respond-async"
    return reply


def outcome_reply(service: Service, asking: Asking, outcome: Outcome, form: str) -> Response:
    """Return what became of a job, as the same bytes each time.

    Raises:
        NotFoundError: If its answer is not given any more.
    """
    if outcome.answer is None:
        return problem_reply(outcome.told_problem())
    told = outcome.told_answer()
    if service.stored_answer(asking.project, told.query_id) is None:
        raise _no_job()
    return answer_reply(told, form)


def job_now(service: Service, record: JobRecord) -> tuple[JobRecord, Watch | None]:
    """Return a job as it is by now, and how far it is; None for one that ended, or is another's."""
    watch = service.jobs.watch(record.id)
    if watch is None:  # it may have ended after the record was read
        record = service.jobs.find(record.id) or record
    return record, watch


def _job_reply(service: Service, record: JobRecord) -> Response:
    record, watch = job_now(service, record)
    reply = document_reply(job_document(record, watch))
    if record.outcome is None:
        reply.headers["Retry-After"] = "1"
    return reply


def own_job(service: Service, project_id: str, job_id: str) -> JobRecord:
    """Return a job of the caller's.

    Raises:
        NotFoundError: If there is none of this id, whether or not it is another's.
        PolicyDeniedError: If they are no member of the project.
    """
    user = current_principal().acting_in(project_id)
    member_project(service.policies, user, project_id, service.now())
    found = service.jobs.find(job_id) if _JOB_ID.fullmatch(job_id) else None
    if found is None or (found.asking.project, found.asking.user) != (project_id, user):
        raise _no_job()
    return found


def _no_job() -> NotFoundError:
    return NotFoundError(
        "there is no job of yours of this id in this project",
        remedy="list your jobs; what became of one is told for as long as the operator set",
    )
