"""What a project is, what it may ask, and what is left to spend."""

from __future__ import annotations

import re
from datetime import date

from flask import Blueprint, Response, request

from gateway.catalog import catalog_document, project_document
from gateway.errors import NotFoundError, RequestError
from gateway.membership import member_project
from gateway.ports import Service
from gateway.practice import FileForm, practice_files, practice_zip
from gateway.routes.callers import current_principal
from gateway.routes.replies import document_reply
from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.projects import Grant, ProjectPolicy
from query.documents import balance_document
from query.practice import MAX_UNITS

__all__ = ["projects"]


def projects(service: Service) -> Blueprint:
    """Return the routes under ``/v1/projects/{project}`` that read; all are free."""
    routes = Blueprint("projects", __name__, url_prefix="/v1/projects/<project_id>")

    @routes.get("")
    def project(project_id: str) -> Response:
        """Tell a member about a project."""
        user = current_principal().acting_in(project_id)
        found = member_project(service.policies, user, project_id, service.now())
        return document_reply(project_document(found, user))

    @routes.get("/catalog")
    def catalog(project_id: str) -> Response:
        """Tell a member what may be asked."""
        active, now = service.policies, service.now()
        user = current_principal().acting_in(project_id)
        found = member_project(active, user, project_id, now)
        return document_reply(catalog_document(active, found, now.date()))

    @routes.get("/budget")
    def budget(project_id: str) -> Response:
        """Tell a member what is left to spend."""
        user = current_principal().acting_in(project_id)
        found = member_project(service.policies, user, project_id, service.now())
        datasets = [
            {
                "dataset": grant.id,
                "balances": [
                    balance_document(balance)
                    for balance in service.balances(project_id, grant.id, user)
                ],
            }
            for grant in found.spec.datasets
        ]
        return document_reply({"project": project_id, "datasets": datasets})

    @routes.get("/datasets/<dataset_id>/practice")
    def practice(project_id: str, dataset_id: str) -> Response:
        """Give a member made-up tables to try queries on; reads the declarations alone."""
        active, now = service.policies, service.now()
        user = current_principal().acting_in(project_id)
        found = member_project(active, user, project_id, now)
        dataset, grant = _granted(active, found, dataset_id, now.date())
        form, units = _practice_options()
        files = practice_files(dataset, active, form, grant=grant, units=units)
        return Response(practice_zip(files), mimetype="application/zip")

    return routes


def _granted(
    active: PolicySet, project: ProjectPolicy, dataset_id: str, today: date
) -> tuple[DatasetPolicy, Grant]:
    dataset, grant = active.datasets.get(dataset_id), project.grant(dataset_id)
    if dataset is None or grant is None or not dataset.metadata.in_force(today):
        raise NotFoundError(
            "this project has no such dataset in force",
            remedy="its catalog lists those that it has",
        )
    return dataset, grant


def _practice_options() -> tuple[FileForm, int]:
    form, units = request.args.get("format", "csv"), request.args.get("units", "200")
    if form not in {"csv", "parquet"}:
        raise RequestError("there is no such format of tables", remedy="ask for csv or parquet")
    if re.fullmatch("[0-9]{1,4}", units) is None or not 1 <= int(units) <= MAX_UNITS:
        raise RequestError(
            "the number of units is outside its range", remedy=f"ask for 1 to {MAX_UNITS}"
        )
    return "csv" if form == "csv" else "parquet", int(units)
