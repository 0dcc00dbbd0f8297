"""Signing in and out at the pages; works without JavaScript."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, g, redirect, render_template, request

from gateway.errors import (
    AuthenticationError,
    ForbiddenError,
    NotFoundError,
    RequestError,
    SignInError,
    UnavailableError,
)
from gateway.identity.attempts import ATTEMPT_SECONDS, Attempt, local_path
from gateway.identity.principals import AccountRole
from gateway.identity.sessions import OpenedSession
from gateway.identity.settings import IdentitySettings
from gateway.identity.signing_in import OidcSignIn, Returned
from gateway.ports import Service
from gateway.problems import problem_of
from gateway.routes.gate import Gate
from gateway.routes.sessions import (
    PAGE_HEADERS,
    check_same_origin,
    current_form_token,
    current_session,
    open_reply,
    session_cookie,
    site_of,
)
from policies.errors import GatewayError

__all__ = ["auth"]


def auth(service: Service, gate: Gate) -> Blueprint:
    """Return the routes under ``/auth``."""
    routes = Blueprint("auth", __name__, url_prefix="/auth")
    _failures(routes)
    _with_key(routes, service, gate)
    _again(routes, service, gate)
    _with_oidc(routes, service, gate)
    _own_session(routes, service, gate)
    _sessions(routes, service, gate)
    return routes


def _failures(routes: Blueprint) -> None:
    @routes.errorhandler(RequestError)
    @routes.errorhandler(UnavailableError)
    def told(error: GatewayError) -> Response:
        problem = problem_of(error)
        reason = f"/{error.reason}" if isinstance(error, SignInError) else ""
        g.code = f"{error.code}{reason}"
        return _page("problem", problem.status, problem=problem.document)

    @routes.after_request
    def headed(reply: Response) -> Response:
        for name, value in PAGE_HEADERS.items():
            reply.headers[name] = value
        return reply


def _with_key(routes: Blueprint, service: Service, gate: Gate) -> None:
    settings = service.settings.identity

    @routes.get("/signin")
    def signin() -> Response:
        """Show how to sign in: with a key, and through the provider if there is one."""
        site_of(settings)
        return _signin_page(settings, request.args.get("next", ""))

    @routes.post("/signin")
    def signin_with_key() -> Response:
        """Open a session for whoever shows a key."""
        site, now = site_of(settings), service.now()
        check_same_origin(site)
        _check_keys_sign_in(settings)
        try:
            principal = service.accounts.authenticate(request.form.get("key"), now)
        except AuthenticationError:
            gate.journal.failed(now)
            return _signin_page(settings, request.form.get("next", ""), 401)
        opened = gate.sessions.open(
            principal, now, key_id=principal.key_id, before=session_cookie(site)
        )
        gate.journal.signed_in(opened.session, now)
        return open_reply(opened, site, request.form.get("next", ""))


def _again(routes: Blueprint, service: Service, gate: Gate) -> None:
    @routes.get("/stepup")
    def step_up() -> Response:
        """Show how to prove once more who one is."""
        return _step_up_page(request.args.get("next", ""))

    @routes.post("/stepup")
    def step_up_with_key() -> Response:
        """Renew the session for whoever shows a key of the same user and role again."""
        session, now = current_session(), service.now()
        _check_keys_sign_in(service.settings.identity)
        try:
            shown = service.accounts.authenticate(request.form.get("key"), now)
        except AuthenticationError:
            gate.journal.failed(now)
            return _step_up_page(request.form.get("next", ""), 401)
        if session.key_id is None or shown.key_id != session.key_id:
            gate.journal.failed(now)
            g.code = "AUTH-STEP-UP"
            return _step_up_page(request.form.get("next", ""), 403)
        opened = gate.sessions.renew(session, now)
        gate.journal.signed_in(opened.session, now)
        site = site_of(service.settings.identity)
        return open_reply(opened, site, request.form.get("next", ""))


def _with_oidc(routes: Blueprint, service: Service, gate: Gate) -> None:
    settings = service.settings.identity

    @routes.get("/oidc/start")
    def oidc_start() -> Response:
        """Send the browser to the identity provider; with ``again`` for a new proof."""
        oidc, site, now = _provider(gate), site_of(settings), service.now()
        role, session_id = request.args.get("role", ""), ""
        if "again" in request.args:
            session = gate.sessions.find(session_cookie(site), now)
            if session is None or session.key_id is not None:
                raise SignInError("no-session")
            role, session_id = session.principal.role.value, session.id
        if role not in {"", *(one.value for one in AccountRole)}:
            raise NotFoundError("there is no such role", remedy="leave the role out")
        target = request.args.get("next", "")
        attempt = Attempt.begin(now, target=target, role=role, session=session_id)
        reply = cast("Response", redirect(oidc.start(attempt, site.origin, now), 303))
        site.put(reply, "attempt", attempt.cookie(), ATTEMPT_SECONDS)
        return reply

    @routes.get("/oidc/callback")
    def oidc_callback() -> Response:
        """Open, or renew, a session for whom the provider says is there."""
        site, now = site_of(settings), service.now()
        attempt = Attempt.of_cookie(request.cookies.get(site.cookie("attempt")), now)
        try:
            opened = _opened(service, gate, attempt)
        except SignInError:
            gate.journal.failed(now)
            raise
        gate.journal.signed_in(opened.session, now)
        reply = open_reply(opened, site, attempt.target if attempt else "")
        site.take(reply, "attempt")
        return reply


def _opened(service: Service, gate: Gate, attempt: Attempt | None) -> OpenedSession:
    site, now = site_of(service.settings.identity), service.now()
    returned = Returned(
        state=request.args.get("state", ""),
        code=request.args.get("code"),
        issuer=request.args.get("iss"),
    )
    proved = _provider(gate).finish(attempt, returned, site.origin, now)
    principal, since = proved.principal, proved.authenticated
    before = session_cookie(site)
    if attempt is None or not attempt.session:
        return gate.sessions.open(principal, now, key_id=None, before=before, authenticated=since)
    session = gate.sessions.find(before, now)
    same = session is not None and (session.principal.user, session.principal.role) == (
        principal.user,
        principal.role,
    )
    if session is None or session.id != attempt.session or not same:
        raise SignInError("another-person")
    return gate.sessions.renew(session, now, authenticated=since)


def _own_session(routes: Blueprint, service: Service, gate: Gate) -> None:
    @routes.get("/session")
    def session() -> Response:
        """Show who is signed in."""
        own = current_session()
        return _page("session", session=own, form_token=current_form_token())

    @routes.post("/signout")
    def signout() -> Response:
        """End one's own session."""
        gate.sessions.end(current_session().id, service.now())
        reply = cast("Response", redirect("/auth/signin", 303))
        site_of(service.settings.identity).take(reply, "session")
        return reply


def _sessions(routes: Blueprint, service: Service, gate: Gate) -> None:
    @routes.get("/sessions")
    def sessions() -> Response:
        """List who is signed in, for administrators."""
        found = gate.sessions.all_open(service.now())
        return _page("sessions", sessions=found, form_token=current_form_token())

    @routes.post("/sessions/<session_id>/end")
    def end_session(session_id: str) -> Response:
        """End somebody's session, for administrators."""
        back = cast("Response", redirect("/auth/sessions", 303))
        try:
            gate.sessions.end(session_id, service.now())
        except NotFoundError:  # it ended by itself, or by another's hand: the list shows it
            return back
        gate.journal.ended(current_session().principal.user, session_id)
        return back


def _provider(gate: Gate) -> OidcSignIn:
    if gate.oidc is None:
        raise NotFoundError(
            "no identity provider is connected here", remedy="sign in with an API key"
        )
    return gate.oidc


def _check_keys_sign_in(settings: IdentitySettings) -> None:
    if not settings.keys_sign_in:
        raise ForbiddenError(
            "API keys are for programs here, and open no page",
            code="AUTH-KEY-SIGN-IN",
            remedy="sign in with your institution at /auth/signin",
        )


def _signin_page(settings: IdentitySettings, target: str, status: int = 200) -> Response:
    return _page(
        "signin",
        status,
        target=local_path(target),
        oidc=settings.oidc is not None,
        keys=settings.keys_sign_in,
        wrong=status != 200,  # noqa: PLR2004  HTTP
    )


def _step_up_page(target: str, status: int = 200) -> Response:
    return _page(
        "stepup",
        status,
        target=local_path(target),
        by_key=current_session().key_id is not None,
        form_token=current_form_token(),
        wrong=status,
    )


def _page(name: str, status: int = 200, **values: object) -> Response:
    return Response(
        render_template(f"auth/{name}.html", **values),
        status=status,
        content_type="text/html; charset=utf-8",
    )
