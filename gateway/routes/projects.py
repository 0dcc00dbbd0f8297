"""What a project is, what it may ask, and what is left to spend."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.catalog import catalog_document, project_document
from gateway.membership import member_project
from gateway.ports import Service
from gateway.routes.callers import current_principal
from gateway.routes.replies import document_reply
from query.losses import balance_document

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

    return routes
