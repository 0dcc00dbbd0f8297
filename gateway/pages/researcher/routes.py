"""Pages of the workbench; each works without a script, and the answer's page never charges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, request, url_for

from gateway.arrow import answer_arrow, answer_parquet
from gateway.bodies import QuestionBody, question_of
from gateway.catalog import catalog_document
from gateway.errors import BodyError, NotFoundError
from gateway.membership import member_project, visible_projects
from gateway.pages.charts import answer_charts
from gateway.pages.researcher.forms import Prices, prices_of, question_body
from gateway.pages.researcher.snippets import python_snippet
from gateway.pages.researcher.words import editor_words
from gateway.pages.site import page_blueprint, page_reply
from gateway.ports import Service
from gateway.practice import practice_files, practice_zip
from gateway.problems import problem_of
from gateway.receipts import receipt_of
from gateway.routes.callers import current_principal
from gateway.routes.practice import granted
from gateway.tabular import answer_csv, table_columns
from policies.errors import GatewayError, RefusalError
from policies.projects import ProjectPolicy
from query.answers import Answer, Request
from query.documents import answer_bytes
from query.fields import Document

__all__ = ["workbench"]

_QUERY_ID: Final = re.compile(r"[0-9a-f]{32}")
_FORMS: Final = {
    "csv": (answer_csv, "text/csv; charset=utf-8"),
    "json": (answer_bytes, "application/json"),
    "arrow": (answer_arrow, "application/vnd.apache.arrow.stream"),
    "parquet": (answer_parquet, "application/vnd.apache.parquet"),
}
_RECENT: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the pages of one project share.

    Attributes:
        project: The project in force that the person is a member of.
        user: As whom they act in it.
        now: When the page was asked for, UTC.
        catalog: What may be asked.
        prices: From dataset to the prices that the slider offers.
    """

    project: ProjectPolicy
    user: str
    now: datetime
    catalog: Document
    prices: Mapping[str, Prices]

    def prices_for(self, dataset: str) -> Prices:
        """Return the prices of a dataset; of the first one for an unknown or an empty name.

        Raises:
            NotFoundError: If the project has no dataset in force.
        """
        found = self.prices.get(dataset) or next(iter(self.prices.values()), None)
        if found is None:
            raise NotFoundError(
                "this project has no dataset in force", remedy="ask the data steward"
            )
        return found


def workbench(service: Service) -> Blueprint:
    """Return the pages under ``/projects``."""
    pages = page_blueprint("workbench")
    _asking(pages, service)
    _looking(pages, service)
    _files(pages, service)
    return pages


def _asking(pages: Blueprint, service: Service) -> None:
    @pages.get("/projects")
    def projects() -> Response:
        """List the projects in which the person may ask."""
        seen = visible_projects(service.policies, current_principal(), service.now())
        if len(seen) == 1:
            return _to(url_for("workbench.ask", project_id=seen[0].id))
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
        desk = _desk(service, project_id)
        try:
            answer = service.answer(_question(service, desk, request.form))
        except (RefusalError, BodyError) as error:
            return _desk_page(service, project_id, request.form, refused=error)
        return _to(url_for("workbench.answer", project_id=project_id, query_id=answer.query_id))


def _looking(pages: Blueprint, service: Service) -> None:
    @pages.get("/projects/<project_id>/answers/<query_id>")
    def answer(project_id: str, query_id: str) -> Response:
        """Show an answer that was given: table, charts, price, where it is recorded."""
        desk = _desk(service, project_id)
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
        _desk(service, project_id)
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
        desk, active = _desk(service, project_id), service.policies
        dataset, grant = granted(active, desk.project, dataset_id, desk.now.date())
        files = practice_files(dataset, active, "csv", grant=grant)
        return _file(practice_zip(files), "application/zip", f"practice-{dataset_id}.zip")

    @pages.get("/projects/<project_id>/receipts/<int:index>")
    def receipt(project_id: str, index: int) -> Response:
        """Give the receipt of an entry as a file."""
        _desk(service, project_id)
        text = receipt_of(service, current_principal(), index)
        return _file(text.encode(), "text/plain; charset=utf-8", f"receipt-{index}.tlog-proof")


def _desk(service: Service, project_id: str) -> Desk:
    active, now = service.policies, service.now()
    user = current_principal().acting_in(project_id)
    project = member_project(active, user, project_id, now)
    catalog = catalog_document(active, project, now.date())
    prices = {
        dataset["id"]: prices_of(active.datasets[dataset["id"]]) for dataset in catalog["datasets"]
    }
    return Desk(project=project, user=user, now=now, catalog=catalog, prices=prices)


def _question(service: Service, desk: Desk, form: Mapping[str, str]) -> Request:
    return question_of(
        _body(desk, form),
        service.policies,
        user=desk.user,
        project_id=desk.project.id,
        time=desk.now,
    )


def _body(desk: Desk, form: Mapping[str, str]) -> QuestionBody:
    return question_body(form, desk.prices_for(form.get("dataset", "")))


def _desk_page(
    service: Service,
    project_id: str,
    form: Mapping[str, str],
    *,
    quoted: bool = False,
    refused: GatewayError | None = None,
) -> Response:
    desk = _desk(service, project_id)
    offer = snippet = None
    if quoted and form.get("sql", "").strip():
        try:
            offer = service.quote(_question(service, desk, form))
            snippet = python_snippet(request.host_url, project_id, _body(desk, form))
        except (RefusalError, BodyError) as error:
            refused = error
    problem = None if refused is None else problem_of(refused)
    return page_reply(
        "researcher/desk.html",
        status=200 if problem is None else problem.status,
        desk=desk,
        form=form,
        prices=desk.prices_for(form.get("dataset", "")),
        quote=offer,
        snippet=snippet,
        problem=None if problem is None else problem.document,
        budgets={name: service.balances(project_id, name, desk.user) for name in desk.prices},
        past=service.past(project_id, desk.user)[:_RECENT],
        words=editor_words(desk.catalog),
    )


def _stored(service: Service, project_id: str, query_id: str) -> Answer:
    found = service.stored_answer(project_id, query_id) if _QUERY_ID.fullmatch(query_id) else None
    if found is None:
        raise NotFoundError(
            "this project has no answer of this id", remedy="look for it among those asked before"
        )
    return found


def _to(url: str) -> Response:
    return Response(status=303, headers={"Location": url})


def _file(body: bytes, kind: str, name: str) -> Response:
    return Response(
        body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
