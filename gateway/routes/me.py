"""Who the caller is, to the gateway."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.membership import visible_projects
from gateway.openapi import described
from gateway.openapi.readings import ME
from gateway.ports import Service
from gateway.routes.callers import current_principal
from gateway.routes.replies import document_reply

__all__ = ["me"]


def me(service: Service) -> Blueprint:
    """Return the route ``/v1/me``."""
    routes = Blueprint("me", __name__, url_prefix="/v1")

    @routes.get("/me")
    @described(ME)
    def show() -> Response:
        """Tell the caller who they are, and where they may ask."""
        principal = current_principal()
        seen = visible_projects(service.policies, principal, service.now())
        return document_reply(
            {
                "user": principal.user,
                "role": principal.role.value,
                "key": principal.key_id,
                "key_expires": principal.expires.isoformat(),
                "projects": [
                    {"id": project.id, "title": project.metadata.title} for project in seen
                ],
            }
        )

    return routes
