"""The WSGI application: authentication, admission, headers and failures of every route."""

from __future__ import annotations

from typing import Any, Final, cast

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from gateway.admission import Admission
from gateway.bodies import MAX_BODY_BYTES
from gateway.identity.principals import Principal
from gateway.operations_log import operations_log, place_of
from gateway.ports import Service
from gateway.problems import http_problem, new_incident, problem_of
from gateway.routes.auth import auth
from gateway.routes.callers import find_principal, set_principal
from gateway.routes.gate import Gate
from gateway.routes.log import log as log_routes
from gateway.routes.me import me
from gateway.routes.practice import practice
from gateway.routes.probes import probes
from gateway.routes.projects import projects
from gateway.routes.queries import queries
from gateway.routes.receipts import receipts
from gateway.routes.replies import problem_reply
from policies.errors import GatewayError, InternalError

__all__ = ["SECURITY_HEADERS", "create_app"]

SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every reply, also of failures."""


def create_app(service: Service, *, log: Any = None) -> Flask:  # noqa: ANN401  structlog's logger has no type
    """Return the application of one deployment.

    Args:
        service: The deployment.
        log: The operator's log; standard error if None.
    """
    app = Flask("gateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    for routes in (probes, me, projects, practice, queries, receipts, log_routes):
        app.register_blueprint(routes(service))
    gate = Gate(service)
    app.register_blueprint(auth(service, gate))
    operator_log = log or operations_log()
    _failures(app, operator_log)
    _callers(app, gate, Admission(service.settings.service.requests_per_key))
    _headers(app, operator_log)
    return app


def _callers(app: Flask, gate: Gate, admission: Admission) -> None:
    @app.before_request
    def authenticate() -> Response | None:
        entered = gate.enter()
        if not isinstance(entered, Principal):
            return entered
        admission.enter(entered.key_id)
        g.admitted = entered.key_id
        set_principal(entered)
        return None

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        key_id = g.pop("admitted", None)
        if key_id is not None:
            admission.leave(key_id)


def _failures(app: Flask, log: Any) -> None:  # noqa: ANN401  structlog's logger has no type
    @app.errorhandler(GatewayError)
    def told(error: GatewayError) -> Response:
        problem = problem_of(error)
        incident = problem.document.get("incident")
        if incident is not None:
            _log_incident(log, str(incident), error)
        g.code = problem.document["code"]
        return problem_reply(problem)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        problem = http_problem(error.code or 400)
        g.code = problem.document["code"]
        reply = problem_reply(problem)
        allowed = cast("list[str] | None", getattr(error, "valid_methods", None))
        if allowed:
            reply.headers["Allow"] = ", ".join(sorted(allowed))
        return reply

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        hidden = InternalError(new_incident())
        _log_incident(log, hidden.incident, error)
        g.code = hidden.code
        return problem_reply(problem_of(hidden))


def _log_incident(log: Any, incident: str, error: Exception) -> None:  # noqa: ANN401  the same
    cause = error.__cause__ or error
    log.error(
        "incident",
        incident=incident,
        error=type(cause).__name__,
        code=error.code if isinstance(error, GatewayError) else "SYS-INTERNAL",
        place=place_of(cause),
    )


def _headers(app: Flask, log: Any) -> None:  # noqa: ANN401  the same
    @app.after_request
    def finish(reply: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            reply.headers.setdefault(name, value)  # pages have some of their own
        principal = find_principal()
        log.info(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else "",
            status=reply.status_code,
            code=g.get("code", ""),
            key=principal.key_id if principal else "",
        )
        return reply
