"""Made-up tables to try queries on; the declarations are all that is read."""

from __future__ import annotations

import re
from datetime import date

from flask import Blueprint, Response, request

from gateway.errors import NotFoundError, RequestError
from gateway.membership import member_project
from gateway.ports import Service
from gateway.practice import FileForm, practice_files, practice_zip
from gateway.routes.callers import current_principal
from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.projects import Grant, ProjectPolicy
from query.practice import MAX_UNITS

__all__ = ["granted", "practice"]


def practice(service: Service) -> Blueprint:
    """Return the route of practice data; it is free."""
    routes = Blueprint("practice", __name__, url_prefix="/v1/projects/<project_id>")

    @routes.get("/datasets/<dataset_id>/practice")
    def tables(project_id: str, dataset_id: str) -> Response:
        """Give a member made-up tables to try queries on; reads the declarations alone."""
        active, now = service.policies, service.now()
        user = current_principal().acting_in(project_id)
        found = member_project(active, user, project_id, now)
        dataset, grant = granted(active, found, dataset_id, now.date())
        form, units = _practice_options()
        files = practice_files(dataset, active, form, grant=grant, units=units)
        return Response(practice_zip(files), mimetype="application/zip")

    return routes


def granted(
    active: PolicySet, project: ProjectPolicy, dataset_id: str, today: date
) -> tuple[DatasetPolicy, Grant]:
    """Return a dataset of a project, and what the project is granted of it.

    Raises:
        NotFoundError: If the project has no such dataset in force.
    """
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
