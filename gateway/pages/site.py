"""What all pages share: who looks at them, what they may load, how failures look."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, g, render_template, request

from gateway.explanations import loss_text, number_text
from gateway.pages.assets import Asset
from gateway.pages.charts.answers import key_text
from gateway.pages.words import amount_text, day_text, interval_text, moment_text, sentence
from gateway.ports import Service
from gateway.problems import problem_of
from policies.errors import GatewayError

__all__ = ["page_blueprint", "page_reply"]

_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_WORDS: Final = {
    "amount": amount_text,
    "day": day_text,
    "interval": interval_text,
    "key": key_text,
    "loss": loss_text,
    "moment": moment_text,
    "number": number_text,
}


def page_blueprint(name: str, service: Service, files: Mapping[str, Asset]) -> Blueprint:
    """Return an empty set of pages, to which routes are added.

    Args:
        name: Of the blueprint; also the name of the part of the navigation that is marked.
        service: The deployment.
        files: What pages load.
    """
    pages = Blueprint(name, __name__, template_folder="templates")
    pages.errorhandler(GatewayError)(failure_page)
    pages.add_app_template_filter(sentence)
    for word, said in _WORDS.items():
        pages.add_app_template_global(said, f"{word}_text")

    @pages.context_processor
    def shared() -> dict[str, Any]:
        return {
            "asset": lambda one: files[one].url,
            "deployment": service.settings.id,
            "nonce": _nonce(),
            "part": name,
        }

    @pages.after_request
    def restricted(reply: Response) -> Response:
        if reply.mimetype == "text/html":
            reply.headers["Content-Security-Policy"] = _CSP.format(nonce=_nonce())
        return reply

    return pages


def page_reply(template: str, *, status: int = 200, **context: Any) -> Response:  # noqa: ANN401  templates take anything
    """Return a page; only the part that changes where a script asked for it."""
    partial = request.headers.get("HX-Request") == "true"
    body = render_template(template, partial=partial, **context)
    # A refused question is no failure of the page: a script shows what a browser would.
    return Response(body, status=200 if partial else status, mimetype="text/html")


def failure_page(error: GatewayError) -> Response:
    """Return what went wrong as a page, in the words of the interface."""
    problem = problem_of(error)
    g.code = problem.document["code"]
    return page_reply("failure.html", status=problem.status, problem=problem.document)


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)
