"""Pages of the workbench; each works without a script, and the answer's page never charges."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, request, url_for

from gateway.answers.arrow import answer_arrow, answer_parquet
from gateway.answers.tabular import answer_csv, table_columns
from gateway.errors import BodyError, NotFoundError, TooManyRequestsError
from gateway.jobs.asked import Asked
from gateway.jobs.claims import Claim, form_claim
from gateway.membership import visible_projects
from gateway.pages.charts import answer_charts
from gateway.pages.researcher.background import (
    add_background,
    answer_address,
    job_address,
    jobs_shown,
)
from gateway.pages.researcher.desk import desk_of
from gateway.pages.researcher.forms import told_at_form
from gateway.pages.researcher.snippets import python_snippet
from gateway.pages.researcher.words import editor_words
from gateway.pages.site import page_blueprint, page_reply, see_other
from gateway.ports import Service
from gateway.practice import practice_files, practice_zip
from gateway.problems import Problem, problem_of
from gateway.receipts import receipt_of
from gateway.routes.callers import asked_by_script, current_principal
from gateway.routes.practice import granted
from gateway.turns import Turns
from policies.errors import GatewayError, RefusalError
from query.answers import Answer
from query.documents import answer_bytes
from query.fields import Document, json_bytes

__all__ = ["workbench"]

_QUERY_ID: Final = re.compile(r"[0-9a-f]{32}")
_FORMS: Final = {
    "csv": (answer_csv, "text/csv; charset=utf-8"),
    "json": (answer_bytes, "application/json"),
    "arrow": (answer_arrow, "application/vnd.apache.arrow.stream"),
    "parquet": (answer_parquet, "application/vnd.apache.parquet"),
}
_RECENT: Final = 12


def workbench(service: Service) -> Blueprint:
    """Return the pages under ``/projects``."""
    pages = page_blueprint("workbench")
    _asking(pages, service)
    add_background(pages, service)
    _looking(pages, service)
    _files(pages, service)
    return pages


def _asking(pages: Blueprint, service: Service) -> None:
    turns = Turns()

    @pages.get("/projects")
    def projects() -> Response:
        """List the projects in which the person may ask."""
        seen = visible_projects(service.policies, current_principal(), service.now())
        if len(seen) == 1:
            return see_other(url_for("workbench.ask", project_id=seen[0].id))
        return page_reply("researcher/projects.html", projects=seen)

    @pages.get("/projects/<project_id>")
    def ask(project_id: str) -> Response:
        """Show the desk: editor, catalog, budget, what was asked before."""
        return _desk_page(service, project_id, request.args)

    @pages.post("/projects/<project_id>/quote")
    def quote(project_id: str) -> Response:
        """Tell the price of what stands in the form; free."""
        return _desk_page(service, project_id, request.form, quoted=True)

    @pages.post("/projects/<project_id>/answers")
    def answers(project_id: str) -> Response:
        """Ask; the answer has a page of its own, so that loading it again charges nothing."""
        user = current_principal().acting_in(project_id)
        with turns.taken((user, project_id, _question_bytes())):  # of two clicks, one pays
            return _answered(service, project_id)

    @pages.post("/projects/<project_id>/jobs")
    def background(project_id: str) -> Response:
        """Leave a question to be answered later; a refusal comes, and is logged, at once."""
        return _left(service, project_id)


def _looking(pages: Blueprint, service: Service) -> None:
    @pages.get("/projects/<project_id>/answers/<query_id>")
    def answer(project_id: str, query_id: str) -> Response:
        """Show an answer that was given: table, charts, price, where it is recorded."""
        desk = desk_of(service, project_id)
        found = _stored(service, project_id, query_id)
        known = service.past(project_id, desk.user)
        past = next((one for one in known if one.query_id == query_id), None)
        return page_reply(
            "researcher/answer.html",
            desk=desk,
            answer=found,
            charts=answer_charts(found),
            past=past,
            receipt=past.entry if past else None,
            noisy={column.source for column in table_columns(found) if column.part is not None},
        )

    @pages.get("/projects/<project_id>/answers/<query_id>.<form>")
    def download(project_id: str, query_id: str, form: str) -> Response:
        """Give an answer that was given as a file."""
        desk_of(service, project_id)
        found = _stored(service, project_id, query_id)
        if form not in _FORMS:
            raise NotFoundError(
                "answers have no such form", remedy=f"take one of: {', '.join(_FORMS)}"
            )
        written, kind = _FORMS[form]
        return _file(written(found), kind, f"answer-{query_id[:8]}.{form}")


def _files(pages: Blueprint, service: Service) -> None:
    @pages.get("/projects/<project_id>/datasets/<dataset_id>/practice.zip")
    def practice(project_id: str, dataset_id: str) -> Response:
        """Give made-up tables to try questions on."""
        desk, active = desk_of(service, project_id), service.policies
        dataset, grant = granted(active, desk.project, dataset_id, desk.now.date())
        files = practice_files(dataset, active, "csv", grant=grant)
        return _file(practice_zip(files), "application/zip", f"practice-{dataset_id}.zip")

    @pages.get("/projects/<project_id>/receipts/<int:index>")
    def receipt(project_id: str, index: int) -> Response:
        """Give the receipt of an entry as a file."""
        desk_of(service, project_id)
        text = receipt_of(service, current_principal(), index)
        return _file(text.encode(), "text/plain; charset=utf-8", f"receipt-{index}.tlog-proof")


def _answered(service: Service, project_id: str) -> Response:
    desk = desk_of(service, project_id)
    try:
        answer = service.answer(desk.question(service.policies, request.form))
    except (RefusalError, BodyError) as error:
        return _desk_page(service, project_id, request.form, refused=error)
    return answer_address(project_id, answer.query_id)


def _left(service: Service, project_id: str) -> Response:
    desk = desk_of(service, project_id)
    try:
        question = desk.question(service.policies, request.form)
        asked = Asked(request=question, key_id=current_principal().key_id, claim=_claim(project_id))
        sent_before = service.jobs.replayed(asked.claim)
        if sent_before is not None:
            return job_address(sent_before)
        service.quote(question)
    except (RefusalError, BodyError):
        return _answered(service, project_id)
    try:
        return job_address(service.jobs.submit(asked))
    except TooManyRequestsError as error:
        return _desk_page(service, project_id, request.form, refused=error)


def _claim(project_id: str) -> Claim | None:
    """Return what makes a form that is sent twice one request."""
    return form_claim(
        request.form.get("once", ""),
        key_id=current_principal().key_id,
        project=project_id,
        body=_question_bytes(),
    )


def _question_bytes() -> bytes:
    """Return what a form asks, whichever page it was sent from."""
    return json_bytes(
        sorted(pair for pair in request.form.items() if pair[0] not in {"form_token", "once"})
    )


def _desk_page(
    service: Service,
    project_id: str,
    form: Mapping[str, str],
    *,
    quoted: bool = False,
    refused: GatewayError | None = None,
) -> Response:
    desk = desk_of(service, project_id)
    form = desk.priced(form)
    offer = snippet = None
    if quoted and form.get("sql", "").strip():
        try:
            offer = service.quote(desk.question(service.policies, form))
            snippet = python_snippet(request.host_url, project_id, desk.body(form))
        except (RefusalError, BodyError) as error:
            refused = error
    problem = None if refused is None else problem_of(refused)
    return page_reply(
        "researcher/desk.html",
        # A price refused while one types is no failure of the page, nor one for the console.
        status=200 if problem is None or asked_by_script() else problem.status,
        desk=desk,
        form=form,
        once=secrets.token_hex(16),
        prices=desk.prices_for(form.get("dataset", "")),
        repriced=form.get("priced") == "",
        quote=offer,
        snippet=snippet,
        problem=_told(problem, refused),
        budgets={name: service.balances(project_id, name, desk.user) for name in desk.prices},
        past=service.past(project_id, desk.user)[:_RECENT],
        jobs=jobs_shown(service, desk),
        words=editor_words(desk.catalog),
    )


def _told(problem: Problem | None, refused: GatewayError | None) -> Document | None:
    if problem is None:
        return None
    return told_at_form(problem.document) if isinstance(refused, BodyError) else problem.document


def _stored(service: Service, project_id: str, query_id: str) -> Answer:
    found = service.stored_answer(project_id, query_id) if _QUERY_ID.fullmatch(query_id) else None
    if found is None:
        raise NotFoundError(
            "this project has no answer of this id",
            remedy="look for it among those asked before; one that is older than its dataset lets"
            " answers be given has to be asked anew",
        )
    return found


def _file(body: bytes, kind: str, name: str) -> Response:
    return Response(
        body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
