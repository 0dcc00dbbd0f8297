"""Made-up tables to try queries on; the declarations are all that is read."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Blueprint, Response

from gateway.errors import NotFoundError
from gateway.membership import member_project
from gateway.openapi import described
from gateway.openapi.parameters import FORMAT, UNITS
from gateway.openapi.readings import PRACTICE
from gateway.ports import Service
from gateway.practice import FileForm, practice_files, practice_zip
from gateway.routes.arguments import read_argument
from gateway.routes.callers import current_principal
from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.projects import Grant, ProjectPolicy

__all__ = ["granted", "practice"]

_FORM: Final[FileForm] = "csv"
_UNITS: Final = 200


def practice(service: Service) -> Blueprint:
    """Return the route of practice data; it is free."""
    routes = Blueprint("practice", __name__, url_prefix="/v1/projects/<project_id>")

    @routes.get("/datasets/<dataset_id>/practice")
    @described(PRACTICE)
    def tables(project_id: str, dataset_id: str) -> Response:
        """Give a member made-up tables to try queries on; reads the declarations alone."""
        active, now = service.policies, service.now()
        user = current_principal().acting_in(project_id)
        found = member_project(active, user, project_id, now)
        dataset, grant = granted(active, found, dataset_id, now.date())
        form = read_argument(FORMAT, _FORM)
        units = read_argument(UNITS, _UNITS)
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
