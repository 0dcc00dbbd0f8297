"""The WSGI application: authentication, admission, headers and failures of every route."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from flask import Flask, Request, Response, g, request
from werkzeug.exceptions import HTTPException

from gateway.admission import Admission
from gateway.bodies import MAX_BODY_BYTES
from gateway.errors import AuthenticationError, ForbiddenError
from gateway.identity.principals import Principal
from gateway.metrics import Metrics
from gateway.openapi import openapi_document, operation_of
from gateway.operations_log import log_incident, operations_log
from gateway.pages import DemoAccount, lost_page, register_pages
from gateway.ports import Service
from gateway.presidio.service import TextService
from gateway.problems import Problem, http_problem, new_incident, problem_of
from gateway.rates import Rates, Standing, network_of
from gateway.routes.arguments import check_arguments
from gateway.routes.auth import auth
from gateway.routes.callers import find_principal, is_for_people, set_principal
from gateway.routes.description import addresses, description
from gateway.routes.gate import Gate
from gateway.routes.jobs import jobs
from gateway.routes.log import log as log_routes
from gateway.routes.me import me
from gateway.routes.practice import practice
from gateway.routes.presidio import presidio
from gateway.routes.probes import probes
from gateway.routes.projects import projects
from gateway.routes.queries import queries
from gateway.routes.receipts import receipts
from gateway.routes.releases import releases
from gateway.routes.replies import problem_reply
from gateway.security_headers import SECURITY_HEADERS, transport_headers
from gateway.serving_settings import HttpSettings
from policies.errors import GatewayError, InternalError
from query.fields import Document

__all__ = ["SECURITY_HEADERS", "api_document", "create_app"]

_ROUTES: Final = (
    *(probes, me, projects, releases, practice, queries, jobs, receipts),
    log_routes,
)
"""Routes for programs; pages for people come beside them."""
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""Those that are logged by name; any word may stand in a request line."""


def create_app(
    service: Service,
    *,
    log: Any = None,  # noqa: ANN401  structlog's logger has no type
    metrics: Metrics | None = None,
    demo: Sequence[DemoAccount] = (),
) -> Flask:
    """Return the application of one deployment.

    Args:
        service: The deployment.
        log: The operator's log; standard error if None.
        metrics: Where requests are counted.
        demo: Accounts of made-up people that anybody may use; none outside of a demo.
    """
    settings = service.settings
    gate = Gate(service)
    app = _routed(service, TextService(settings) if settings.presidio.enabled else None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.logger.disabled = True  # it would write tracebacks, with values, to standard error
    app.register_blueprint(auth(service, gate))
    register_pages(app, service, demo)
    operator_log = log or operations_log()
    counted = metrics or Metrics(settings.service.time_bucket_ms)
    _failures(app, operator_log)
    _counting(app, counted)
    _callers(app, gate, settings.http, Admission(settings.service.requests_per_key))
    _headers(app, operator_log, transport_headers(settings.http.hsts_seconds))
    return app


def api_document() -> Document:
    """Return the description of every address that an app may have; opens no deployment."""
    unasked: Any = object()  # routes look at the deployment when they are asked
    return openapi_document(addresses(_routed(unasked, unasked)))


def _routed(service: Service, texts: TextService | None) -> Flask:
    app = Flask("gateway", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    for routes in _ROUTES:
        app.register_blueprint(routes(service))
    app.register_blueprint(description())
    if texts is not None:
        app.register_blueprint(presidio(texts))
    return app


class _TimedRequest(Request):
    """A request that knows when it came, once it is counted."""

    came: float | None = None


def _counting(app: Flask, metrics: Metrics) -> None:
    app.request_class = _TimedRequest

    @app.before_request
    def begin() -> None:
        cast("_TimedRequest", request).came = time.monotonic()
        metrics.begin()

    @app.after_request
    def answered(reply: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else ""
        seconds = time.monotonic() - (cast("_TimedRequest", request).came or 0)
        metrics.answered(route, reply.status_code, g.get("code", ""), seconds)
        if request.endpoint == "probes.readyz":
            metrics.readiness(ready=reply.status_code == 200)  # noqa: PLR2004  HTTP's
        return reply

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if cast("_TimedRequest", request).came is not None:
            metrics.end()


def _callers(app: Flask, gate: Gate, limits: HttpSettings, admission: Admission) -> None:
    by_key = Rates("key", limits.requests_per_minute)
    # Apart, so that nobody who guesses keys makes a probe fail.
    strangers = Rates("address", limits.unknown_per_minute)
    probing = Rates("address", limits.unknown_per_minute)

    def spend(rates: Rates, caller: str) -> None:
        standing = rates.spend(caller)
        g.standing = standing
        standing.check()

    @app.before_request
    def authenticate() -> Response | None:
        address = network_of(request.remote_addr)
        try:
            entered = gate.enter()
        except (AuthenticationError, ForbiddenError):
            spend(strangers, address)
            raise
        if isinstance(entered, Principal):
            # Somebody's sessions count together: each sign-in would begin a fresh count.
            caller = entered.key_id if g.get("session") is None else f"session of {entered.user}"
            spend(by_key, caller)
            admission.enter(caller)
            g.admitted = caller
            set_principal(entered)
        elif request.endpoint != "assets.asset":
            spend(probing, address)
        _check_arguments(app)
        return entered if isinstance(entered, Response) else None

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        key_id = g.pop("admitted", None)
        if key_id is not None:
            admission.leave(key_id)


def _check_arguments(app: Flask) -> None:
    operation = operation_of(app.view_functions[request.endpoint]) if request.endpoint else None
    if operation is not None:
        check_arguments(operation)


def _failures(app: Flask, log: Any) -> None:  # noqa: ANN401  structlog's logger has no type
    @app.after_request
    def shown(reply: Response) -> Response:
        failure = cast("tuple[Problem, GatewayError] | None", g.pop("failure", None))
        if failure is not None:
            _log_told(log, *failure)
        return reply

    @app.errorhandler(GatewayError)
    def told(error: GatewayError) -> Response:
        problem = problem_of(error)
        _log_told(log, problem, error)
        return _failed_reply(problem)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        problem = http_problem(error.code or 400)
        reply = _failed_reply(problem)
        allowed = cast("list[str] | None", getattr(error, "valid_methods", None))
        if allowed:
            reply.headers["Allow"] = ", ".join(sorted(allowed))
        return reply

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        hidden = InternalError(new_incident())
        log_incident(log, hidden.incident, error)
        return _failed_reply(problem_of(hidden))


def _failed_reply(problem: Problem) -> Response:
    g.code = problem.document["code"]
    return lost_page(problem) if is_for_people() else problem_reply(problem)


def _log_told(log: Any, problem: Problem, error: GatewayError) -> None:  # noqa: ANN401  the same
    incident = problem.document.get("incident")
    if incident is not None:
        log_incident(log, str(incident), error)


def _headers(app: Flask, log: Any, transport: Mapping[str, str]) -> None:  # noqa: ANN401  the same
    @app.after_request
    def finish(reply: Response) -> Response:
        standing = cast("Standing | None", g.get("standing"))
        limits = standing.headers() if standing else {}
        for name, value in {**SECURITY_HEADERS, **transport, **limits}.items():
            reply.headers.setdefault(name, value)  # pages have some of their own
        principal = find_principal()
        log.info(
            "request",
            method=request.method if request.method in _METHODS else "other",
            route=request.url_rule.rule if request.url_rule else "",
            status=reply.status_code,
            code=g.get("code", ""),
            key=principal.key_id if principal else "",
        )
        return reply
