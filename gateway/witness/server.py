"""The HTTP service of a witness."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from gateway.audit.growth import MAX_REQUEST_BYTES
from gateway.witness.cosigning import Reply, Witness

__all__ = ["create_witness_app"]


def create_witness_app(witness: Witness) -> Flask:
    """Return the application of one witness; whoever asks need not say who they are.

    Submission and monitoring prefix are the root.
    """
    app = Flask("gateway-witness", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False

    @app.post("/add-checkpoint")
    def add_checkpoint() -> Response:
        return _response(witness.add_checkpoint(request.get_data(cache=False)))

    @app.get("/<origin_hash>/checkpoint")
    def monitored(origin_hash: str) -> Response:
        return _response(witness.monitored(origin_hash))

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        return _response(Reply(error.code or 400))

    @app.errorhandler(Exception)
    def failed(_: Exception) -> Response:
        return _response(Reply(500))

    return app


def _response(reply: Reply) -> Response:
    response = Response(reply.body, status=reply.status, content_type=reply.media_type)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
