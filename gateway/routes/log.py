"""The audit log, for those who want to hold the gateway to it."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.ports import Service

__all__ = ["log"]


def log(service: Service) -> Blueprint:
    """Return the routes under ``/v1/log``."""
    routes = Blueprint("log", __name__, url_prefix="/v1/log")

    @routes.get("/checkpoint")
    def checkpoint() -> Response:
        """Give the last signed checkpoint, as C2SP tlog-checkpoint text."""
        return Response(service.checkpoint(), content_type="text/plain; charset=utf-8")

    return routes
