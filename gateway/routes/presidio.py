"""The addresses of Presidio's REST services, for programs that speak to them today."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, request
from pydantic import TypeAdapter
from werkzeug.exceptions import UnsupportedMediaType

from gateway.bodies import parse_body
from gateway.openapi import described
from gateway.presidio.bodies import ENTITY_NAMES, AnalyzeBody, AnonymizeBody
from gateway.presidio.operations import (
    ANALYZE,
    ANONYMIZE,
    ANONYMIZERS,
    HEALTH,
    LANGUAGE,
    RECOGNIZERS,
    SUPPORTED,
)
from gateway.presidio.service import OPERATORS, TextService
from gateway.routes.arguments import read_argument
from gateway.routes.callers import current_principal
from query.fields import json_bytes

__all__ = ["presidio"]

_ANALYZE: Final = TypeAdapter(AnalyzeBody)
_ANONYMIZE: Final = TypeAdapter(AnonymizeBody)
_RECOGNIZERS: Final = ("known formats", "model", "rules")


def presidio(service: TextService) -> Blueprint:
    """Return the routes under ``/presidio``; the app has them where the settings say so."""
    routes = Blueprint("presidio", __name__, url_prefix="/presidio")

    @routes.before_request
    def check() -> None:
        service.check(current_principal())

    @routes.post("/analyze")
    @described(ANALYZE)
    def analyze() -> Response:
        """Find what identifies somebody in one text or in several."""
        body = parse_body(_ANALYZE, _json())
        found = service.analyze(body)
        return _reply(found[0] if isinstance(body.text, str) else found)

    @routes.post("/anonymize")
    @described(ANONYMIZE)
    def anonymize() -> Response:
        """Replace what the caller found in a text."""
        return _reply(service.anonymize(parse_body(_ANONYMIZE, _json())))

    _lists(routes, service)
    return routes


def _lists(routes: Blueprint, service: TextService) -> None:
    @routes.get("/supportedentities")
    @described(SUPPORTED)
    def supported() -> Response:
        """List kinds of entities."""
        return _reply(ENTITY_NAMES if _is_read(service) else ())

    @routes.get("/recognizers")
    @described(RECOGNIZERS)
    def recognizers() -> Response:
        """List what looks for them."""
        return _reply(_RECOGNIZERS if _is_read(service) else ())

    @routes.get("/anonymizers")
    @described(ANONYMIZERS)
    def anonymizers() -> Response:
        """List operators."""
        return _reply(OPERATORS)

    @routes.get("/health")
    @described(HEALTH)
    def health() -> Response:
        """Say that texts would be read."""
        return Response("texts are read\n", content_type="text/plain; charset=utf-8")


def _is_read(service: TextService) -> bool:
    languages = service.languages()
    return read_argument(LANGUAGE, languages[0]) in languages


def _json() -> bytes:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return request.get_data(cache=False)


def _reply(value: object) -> Response:
    return Response(json_bytes(value), mimetype="application/json")
