"""What all pages share: who looks at them, what they may load, how failures look."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, g, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from gateway.answers.explanations import loss_text, number_text
from gateway.errors import SessionEndedError
from gateway.identity.attempts import local_path
from gateway.identity.principals import AccountRole
from gateway.pages.assets import Asset
from gateway.pages.charts.answers import key_text
from gateway.pages.words import amount_text, day_text, interval_text, moment_text, sentence
from gateway.ports import Service
from gateway.problems import Problem, problem_of
from gateway.routes.callers import asked_by_script
from gateway.routes.sessions import current_form_token
from policies.errors import GatewayError

__all__ = ["HOMES", "lost_page", "page_blueprint", "page_reply", "see_other", "share"]

_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HOMES: Final[Mapping[AccountRole, tuple[str, str, str]]] = {
    AccountRole.RESEARCHER: ("workbench", "/projects", "Projects"),
    AccountRole.STEWARD: ("studio", "/studio", "Studio"),
    AccountRole.AUDITOR: ("audit", "/audit", "Audit"),
    AccountRole.ADMINISTRATOR: ("auth", "/auth/sessions", "Sessions"),
}
"""From role to the part of the pages that is for it: blueprint, address and name."""
_LOST: Final[Mapping[int, Mapping[str, str]]] = {
    HTTPStatus.NOT_FOUND: {
        "title": "There is no such page",
        "detail": "nothing is at this address",
        "remedy": "look whether it is written as it was meant, or go on from here",
    },
    HTTPStatus.METHOD_NOT_ALLOWED: {
        "title": "There is no page at this address",
        "detail": "forms are sent to it, and nothing was sent",
        "remedy": "open the page that has the form, and send it from there",
    },
}
"""How pages tell what is told to programs with the headers and documents of programs."""
_WORDS: Final[Mapping[str, Callable[..., str]]] = {
    "amount": amount_text,
    "day": day_text,
    "interval": interval_text,
    "key": key_text,
    "loss": loss_text,
    "moment": moment_text,
    "number": number_text,
}


def share(app: Flask, service: Service, files: Mapping[str, Asset], *, is_demo: bool) -> None:
    """Give all templates what they have in common.

    Args:
        app: The application.
        service: The deployment.
        files: What pages load.
        is_demo: Whether all patients are made up.
    """
    app.add_template_filter(sentence)
    for word, said in _WORDS.items():
        app.add_template_global(said, f"{word}_text")

    @app.context_processor
    def shared() -> dict[str, Any]:
        session = g.get("session")
        person = None if session is None else session.principal
        return {
            "asset": lambda one: files[one].url,
            "deployment": service.settings.id,
            "form_token": current_form_token() if session is not None else "",
            "home": None if person is None else HOMES[person.role],
            "is_demo": is_demo,
            "nonce": _nonce(),
            "part": request.blueprint,
            "person": person,
        }


def page_blueprint(name: str) -> Blueprint:
    """Return an empty set of pages, to which routes are added."""
    pages = Blueprint(name, __name__, template_folder="templates")
    pages.errorhandler(GatewayError)(failure_page)

    pages.after_request(_restricted)
    return pages


def _restricted(reply: Response) -> Response:
    if reply.mimetype == "text/html":
        reply.headers["Content-Security-Policy"] = _CSP.format(nonce=_nonce())
        # With no-referrer, browsers send forms with "Origin: null".
        reply.headers["Referrer-Policy"] = "same-origin"
    return reply


def page_reply(template: str, *, status: int = 200, **context: Any) -> Response:  # noqa: ANN401  templates take anything
    """Return a page; only the part that changes where a script asked for it."""
    body = render_template(template, partial=asked_by_script(), **context)
    return Response(body, status=status, mimetype="text/html")


def see_other(address: str) -> Response:
    """Lead on to another page, which is then loaded with GET."""
    return Response(status=303, headers={"Location": address})


def failure_page(error: GatewayError) -> Response:
    """Return what went wrong as a page, in the words of the interface."""
    problem = problem_of(error)
    g.code = problem.document["code"]
    g.failure = problem, error  # the application logs what an incident id stands for
    told = dict(problem.document)
    if request.blueprint != "workbench" and told.get("charged") == "0":
        del told["charged"]  # nothing could have been
    signin = None
    if isinstance(error, SessionEndedError):
        told["title"] = "Your session has ended"
        told["detail"] = "what was sent was not looked at"
        signin = url_for("auth.signin", next=_page_of_form())
    return page_reply(
        "failure.html", status=problem.status, problem=told, signin=signin, typed=_typed()
    )


def lost_page(problem: Problem) -> Response:
    """Return what the application itself refuses, or fails at, as a page."""
    told = {name: said for name, said in problem.document.items() if name != "charged"}
    above = None
    if request.endpoint is None and request.method in {"GET", "HEAD"}:
        told |= _LOST.get(problem.status, {})
        above = _page_of_form()
    # A body that is too large cannot be read now, either.
    typed = "" if problem.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else _typed()
    reply = page_reply(
        "failure.html", status=problem.status, problem=told, above=above, typed=typed
    )
    reply.headers.extend(problem.headers)
    return _restricted(reply)


def _typed() -> str:
    """Return what somebody wrote in the form that failed, so that they have not lost it.

    A form of another site is not shown back: its words would stand on a page of ours.
    """
    if not g.get("is_own_form", False):
        return ""
    return request.form.get("sql", "") or request.form.get("text", "")


def _page_of_form() -> str:
    """Return the page that a form was on: the nearest address above its own that can be loaded."""
    routes, path = current_app.create_url_adapter(request), request.path
    while routes is not None and path:
        try:
            routes.match(path, method="GET")
        except (HTTPException, RequestRedirect):
            path = path.rpartition("/")[0]
        else:
            return local_path(path)
    return "/home"


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)
