"""What left a project's record door, to be seen beside its budget."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response

from gateway.governing.activated import ActivatedSets
from gateway.identity.principals import AccountRole
from gateway.membership import member_project
from gateway.openapi import described
from gateway.openapi.releases import RELEASES
from gateway.ports import Service
from gateway.releases.listing import Approvers, audited_document, release_document
from gateway.routes.callers import current_principal
from gateway.routes.replies import document_reply

__all__ = ["releases"]

_OVERSEEING: Final = frozenset({AccountRole.STEWARD, AccountRole.AUDITOR})
"""Who sees all releases of a project without being a member of it."""


def releases(service: Service) -> Blueprint:
    """Return the route that lists the releases of a project; it reads the log alone."""
    routes = Blueprint("releases", __name__, url_prefix="/v1/projects/<project_id>")

    @routes.get("/releases")
    @described(RELEASES)
    def listed(project_id: str) -> Response:
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
