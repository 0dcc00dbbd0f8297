"""What a project is, what it may ask, and what is left to spend."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response

from gateway.activated import ActivatedSets
from gateway.catalog import catalog_document, project_document
from gateway.identity.principals import AccountRole
from gateway.membership import member_project
from gateway.ports import Service
from gateway.releases.listing import Approvers, audited_document, release_document
from gateway.routes.callers import current_principal
from gateway.routes.replies import document_reply
from query.losses import balance_document

__all__ = ["projects"]

_OVERSEEING: Final = frozenset({AccountRole.STEWARD, AccountRole.AUDITOR})
"""Who sees all releases of a project without being a member of it."""


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

    @routes.get("/releases")
    def releases(project_id: str) -> Response:
        """Tell what left as records: a member of what is theirs, stewards and auditors of all."""
        caller, now = current_principal(), service.now()
        user = caller.acting_in(project_id)
        states = [one for one in service.releases() if one.request.project == project_id]
        oversees = user == caller.user and caller.role in _OVERSEEING
        if oversees and project_id in service.policies.projects:
            approvers = Approvers(ActivatedSets(service.settings.activated))
            found = [audited_document(one, now, approvers) for one in states]
        else:
            member_project(service.policies, user, project_id, now)
            found = [
                release_document(one, now)
                for one in states
                if user in {one.request.recipient, one.request.actor}
            ]
        return document_reply({"project": project_id, "releases": found})

    return routes
