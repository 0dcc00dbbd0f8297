"""Probes for whoever watches the process; open to anybody."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.ports import Service
from gateway.routes.replies import document_reply

__all__ = ["probes"]


def probes(service: Service) -> Blueprint:
    """Return the routes ``/livez`` and ``/readyz``."""
    routes = Blueprint("probes", __name__)

    @routes.get("/livez")
    def livez() -> Response:
        """Say that the process serves."""
        return document_reply({"live": True})

    @routes.get("/readyz")
    def readyz() -> Response:
        """Say whether questions would be answered: 200, or 503 with what is missing."""
        checks = dict(service.readiness())
        ready = bool(checks) and all(checks.values())
        age = service.witness_status().age_seconds
        body = {"ready": ready, "checks": checks, "witness_age_seconds": age}
        return document_reply(body, 200 if ready else 503)

    return routes
