"""Questions that are answered in the background, each followed on a page of its own."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, request, url_for

from gateway.jobs.documents import job_document
from gateway.jobs.records import JobRecord
from gateway.jobs.watch import State, Watch
from gateway.pages.researcher.desk import Desk, desk_of
from gateway.pages.site import page_reply, see_other
from gateway.ports import Service
from gateway.routes.callers import asked_by_script
from gateway.routes.jobs import job_now, own_job
from query.losses import parse_loss

__all__ = ["add_background", "answer_address", "job_address", "jobs_shown"]

_SHOWN: Final = 6
_STATES: Final = {
    State.QUEUED: "Waits for its turn",
    State.CHARGED: "Is about to be answered",
    State.RUNNING: "Is being answered",
    State.DONE: "Answered",
    State.FAILED: "Not answered",
    State.CANCELLED: "Cancelled",
}


def add_background(pages: Blueprint, service: Service) -> None:
    """Add the pages on which questions in the background are followed and cancelled."""

    @pages.get("/projects/<project_id>/jobs/<job_id>")
    def job(project_id: str, job_id: str) -> Response:
        """Tell how far a question is; once it is answered, lead to the answer."""
        record, watch = job_now(service, own_job(service, project_id, job_id))
        if asked_by_script():
            return _part(record, watch)
        if record.outcome is not None and record.outcome.answer is not None:
            return answer_address(project_id, record.outcome.told_answer().query_id)
        desk = desk_of(service, project_id)
        known = service.past(project_id, desk.user)
        past = next((one for one in known if one.query_id == record.id), None)
        return page_reply("researcher/job.html", desk=desk, job=_shown(record, watch), past=past)

    @pages.post("/projects/<project_id>/jobs/<job_id>/cancellation")
    def cancel(project_id: str, job_id: str) -> Response:
        """Cancel a question; what was charged stays charged."""
        record = own_job(service, project_id, job_id)
        service.jobs.cancel(record.id)
        return job_address(record)


def job_address(record: JobRecord) -> Response:
    """Lead to the page on which a question is followed."""
    return see_other(
        url_for("workbench.job", project_id=record.asking.project, job_id=record.id) + "#job"
    )


def answer_address(project_id: str, query_id: str) -> Response:
    """Lead to an answer; whoever asked has it under the cursor (WCAG 2.2, 2.4.3)."""
    page = url_for("workbench.answer", project_id=project_id, query_id=query_id)
    return see_other(f"{page}#answer")


def jobs_shown(service: Service, desk: Desk) -> list[dict[str, Any]]:
    """Return the last questions in the background of whoever sits at a desk, the newest first."""
    found = service.jobs.left_by(desk.project.id, desk.user, _SHOWN)
    return [_shown(one, service.jobs.watch(one.id)) for one in found]


def _part(record: JobRecord, watch: Watch | None) -> Response:
    """Return what a script shows of a question that is under way; the page anew once it ended."""
    if record.outcome is not None:
        return Response(status=204, headers={"HX-Refresh": "true"})
    shown = _shown(record, watch)
    if request.args.get("seen") == shown["seen"]:
        return Response(status=204)  # what did not change is not read out again
    return page_reply("researcher/job.html", job=shown)


def _shown(record: JobRecord, watch: Watch | None) -> dict[str, Any]:
    """Return a job as the interface tells it, with words and amounts for people."""
    told = job_document(record, watch)
    cancelling = bool(told["cancelling"])
    said = "Is being cancelled" if cancelling else _STATES[State(told["state"])]
    return {
        **told,
        "said": said,
        "sql": record.sql,
        "seen": "cancelling" if cancelling else told["state"],
        "begun": record.created,
        "loss": None if told["charged"] is None else parse_loss(told["charged"]),
        "may_cancel": watch is not None and not cancelling,
    }
