"""Questions: their price, their answers, and answers that were given before."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from gateway.bodies import parse_question, question_of
from gateway.errors import NotFoundError
from gateway.membership import member_project
from gateway.openapi import described
from gateway.openapi.questions import EXPLAIN, PRICE, RUN, STORED
from gateway.ports import Service
from gateway.routes.callers import current_principal
from gateway.routes.replies import (
    answer_form,
    answer_reply,
    document_reply,
    explanation_reply,
)
from query.answers import Request
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
        """Answer a question, at its price."""
        form = answer_form()
        return answer_reply(service.answer(_question(service, project_id)), form)

    @routes.get("/queries/<query_id>")
    @described(STORED)
    def stored(project_id: str, query_id: str) -> Response:
        """Give an answer again, byte for byte; free."""
        form = answer_form()
        user = current_principal().acting_in(project_id)
        member_project(service.policies, user, project_id, service.now())
        known = _QUERY_ID.fullmatch(query_id) is not None
        answer = service.stored_answer(project_id, query_id) if known else None
        if answer is None:
            raise NotFoundError(
                "this project has no answer of this id",
                remedy="an answer's id is in its field query_id; ask the question anew otherwise",
            )
        return answer_reply(answer, form)

    return routes


def _question(service: Service, project_id: str) -> Request:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return question_of(
        parse_question(request.get_data(cache=False)),
        service.policies,
        user=current_principal().acting_in(project_id),
        project_id=project_id,
        time=service.now(),
    )
