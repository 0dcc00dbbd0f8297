"""Questions: their price, their answers, and answers that were given before."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from gateway.bodies import parse_question, question_of
from gateway.errors import NotFoundError
from gateway.jobs.claims import Claim, parse_claim
from gateway.jobs.desk import Asked
from gateway.jobs.records import JobRecord
from gateway.membership import member_project
from gateway.openapi import described
from gateway.openapi.questions import EXPLAIN, PRICE, RUN, STORED
from gateway.ports import Service
from gateway.routes.callers import current_principal
from gateway.routes.jobs import accepted, outcome_reply
from gateway.routes.replies import (
    answer_form,
    answer_reply,
    document_reply,
    explanation_reply,
)
from policies.errors import PolicyDeniedError
from query.answers import Answer, Request
from query.documents import quote_document

__all__ = ["queries"]

_QUERY_ID: Final = re.compile(r"[0-9a-f]{32}")


def queries(service: Service) -> Blueprint:
    """Return the routes under ``/v1/projects/{project}/queries``."""
    routes = Blueprint("queries", __name__, url_prefix="/v1/projects/<project_id>")

    @routes.post("/queries:price")
    @described(PRICE)
    def price(project_id: str) -> Response:
        """Tell what a question would cost and how exact its answer would be; free."""
        return document_reply(quote_document(service.quote(_question(service, project_id))))

    @routes.post("/queries:explain")
    @described(EXPLAIN)
    def explain(project_id: str) -> Response:
        """Tell how a question would be answered, in words; free."""
        return explanation_reply(service.quote(_question(service, project_id)))

    @routes.post("/queries")
    @described(RUN)
    def run(project_id: str) -> Response:
        """Answer a question, at its price: now, or later where that is preferred."""
        return _run(service, project_id)

    @routes.get("/queries/<query_id>")
    @described(STORED)
    def stored(project_id: str, query_id: str) -> Response:
        """Give an answer again, byte for byte; free."""
        form = answer_form()
        return answer_reply(_stored(service, project_id, query_id), form)

    return routes


def _run(service: Service, project_id: str) -> Response:
    form, claim = answer_form(), _claim(project_id)
    later = _prefers_later() and _is_member(service, project_id)
    known = service.jobs.replayed(claim)
    again = None if known is None else _again(service, known, form, later=later)
    return again or _anew(service, project_id, claim, form, later=later)


def _stored(service: Service, project_id: str, query_id: str) -> Answer:
    user = current_principal().acting_in(project_id)
    member_project(service.policies, user, project_id, service.now())
    known = _QUERY_ID.fullmatch(query_id) is not None
    answer = service.stored_answer(project_id, query_id) if known else None
    if answer is None:
        raise NotFoundError(
            "this project has no answer of this id",
            remedy="an answer's id is in its field query_id; one that is older than its dataset"
            " lets answers be given has to be asked anew",
        )
    return answer


def _anew(
    service: Service, project_id: str, claim: Claim | None, form: str, *, later: bool
) -> Response:
    question = _question(service, project_id)
    asked = Asked(request=question, key_id=current_principal().key_id, claim=claim)
    if later:
        return accepted(service, service.jobs.submit(asked))
    if claim is None:
        return answer_reply(service.answer(question), form)
    return outcome_reply(service, asked.asking, service.jobs.answer_once(asked), form)


def _claim(project_id: str) -> Claim | None:
    return parse_claim(
        request.headers.get("Idempotency-Key"),
        key_id=current_principal().key_id,
        project=project_id,
        body=request.get_data(),
    )


def _prefers_later() -> bool:
    """Whether the header Prefer has ``respond-async`` (RFC 7240)."""
    preferences = ",".join(request.headers.getlist("Prefer")).split(",")
    return "respond-async" in {one.partition(";")[0].strip().lower() for one in preferences}


def _is_member(service: Service, project_id: str) -> bool:
    """Whether the caller may see a job; others are refused at once, and that is logged."""
    try:
        user = current_principal().acting_in(project_id)
        member_project(service.policies, user, project_id, service.now())
    except PolicyDeniedError:
        return False
    return True


def _again(service: Service, known: JobRecord, form: str, *, later: bool) -> Response | None:
    """Return what a request was told before; None if that has to be tried again."""
    asking = known.asking
    member_project(service.policies, asking.user, asking.project, service.now())
    if later:
        return accepted(service, known)
    outcome = service.jobs.outcome(known)
    return None if outcome is None else outcome_reply(service, asking, outcome, form)


def _question(service: Service, project_id: str) -> Request:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return question_of(
        parse_question(request.get_data()),
        service.policies,
        user=current_principal().acting_in(project_id),
        project_id=project_id,
        time=service.now(),
    )
