"""The description of the API, made from the routes that the running app has."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Flask, Response, current_app

from gateway.openapi import Address, described, openapi_document, operation_of
from gateway.openapi.readings import DESCRIPTION
from gateway.routes.replies import document_reply
from query.fields import Document

__all__ = ["addresses", "description"]

API: Final = ("/v1/", "/presidio/", "/livez", "/readyz")
"""How addresses of the API begin; what else there is are pages, which describe themselves."""
_VARIABLE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_IMPLIED = {"HEAD", "OPTIONS"}


def description() -> Blueprint:
    """Return the route ``/v1/openapi.json``."""
    routes = Blueprint("description", __name__, url_prefix="/v1")

    made: list[Document] = []  # once: the routes of an app do not change while it serves

    @routes.get("/openapi.json")
    @described(DESCRIPTION)
    def document() -> Response:
        """Give the description of every route of this app; holds nothing of the deployment."""
        if not made:
            made.append(openapi_document(addresses(current_app)))
        return document_reply(made[0])

    return routes


def addresses(app: Flask) -> list[Address]:
    """Return every method of every address of the API, with what it says of itself.

    Raises:
        LookupError: If a route says nothing of itself.
    """
    found: list[Address] = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(API):
            continue
        operation = operation_of(app.view_functions[rule.endpoint])
        if operation is None:
            raise LookupError(f"the route {rule.rule} is not described")
        path = _VARIABLE.sub(r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - _IMPLIED):
            name = rule.endpoint.replace(".", "_")
            found.append(Address(method=method.lower(), path=path, name=name, operation=operation))
    return found
