"""The session of a request to the pages: its cookie, its forms, and who it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from flask import Response, g, redirect, request, url_for

from gateway.errors import ForbiddenError, SessionEndedError
from gateway.identity.attempts import local_path
from gateway.identity.duties import RECENT, Action, check_duty
from gateway.identity.sessions import OpenedSession, Session, Sessions, form_token, is_form_token
from gateway.identity.settings import IdentitySettings

__all__ = [
    "FORM_FIELD",
    "PAGE_HEADERS",
    "Site",
    "check_same_origin",
    "current_form_token",
    "current_session",
    "note_session",
    "open_reply",
    "require_session",
    "session_cookie",
    "site_of",
]

FORM_FIELD: Final = "form_token"
"""Field in which every form of a session carries what no other site knows."""
PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    # With no-referrer, which all other replies have, browsers send forms with "Origin: null".
    "Referrer-Policy": "same-origin",
}
_LOOPBACK: Final = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?")
_READING: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Site:
    """The origin under which a browser reaches the pages.

    Attributes:
        origin: Scheme, host and port.
    """

    origin: str

    @property
    def secure(self) -> bool:
        """Whether it is reached by https; it is not only where all is on one machine."""
        return self.origin.startswith("https://")

    def cookie(self, purpose: str) -> str:
        """Return the name of a cookie; with https no other host can set it (RFC 6265bis)."""
        return f"__Host-gateway-{purpose}" if self.secure else f"gateway-{purpose}"

    def put(self, reply: Response, purpose: str, value: str, seconds: int | None = None) -> None:
        """Give a cookie to the browser, until it is closed if not for less; no script reads it."""
        reply.set_cookie(
            self.cookie(purpose),
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="Lax",
        )

    def take(self, reply: Response, purpose: str) -> None:
        """Take a cookie away from the browser."""
        reply.delete_cookie(
            self.cookie(purpose), path="/", secure=self.secure, httponly=True, samesite="Lax"
        )


def site_of(settings: IdentitySettings) -> Site:
    """Return the origin of this request's pages; no header of a proxy is believed.

    Raises:
        ForbiddenError: ``AUTH-ADDRESS`` where the settings name none, and it is not this machine.
    """
    if settings.public_url:
        return Site(settings.public_url)
    if _LOOPBACK.fullmatch(request.host):
        return Site(f"http://{request.host}")
    raise ForbiddenError(
        "there are no pages under this address",
        code="AUTH-ADDRESS",
        remedy="the operator names their address in identity.public_url of gateway.toml",
    )


def session_cookie(site: Site) -> str | None:
    """Return the name of the session that the browser shows; None if it shows none."""
    return request.cookies.get(site.cookie("session"))


def require_session(
    sessions: Sessions, settings: IdentitySettings, action: Action, now: datetime
) -> Session | Response:
    """Return the session of this request, if it may do the action; or where to sign in.

    Every request that is not just a look has to come from a form of the session's own pages.

    Raises:
        SessionEndedError: If a form comes without an open session.
        ForbiddenError: If the form is another site's, or the role may not do it.
    """
    site = site_of(settings)
    name = session_cookie(site)
    session = sessions.find(name, now)
    if request.method not in _READING:
        check_same_origin(site)
        g.is_own_form = True
    if session is None or name is None:
        if request.method in _READING:
            return redirect(url_for("auth.signin", next=_looked_at()), 303)  # type: ignore[return-value]  # Flask's is werkzeug's
        raise SessionEndedError
    g.session, g.session_name = session, name  # a refusal, too, is told to whom it is of
    if request.method not in _READING and not is_form_token(name, request.form.get(FORM_FIELD, "")):
        raise _foreign_form()
    check_duty(session.principal, action)
    if action in RECENT and not session.is_recent(now, settings.recent_seconds):
        reading = request.method in _READING
        back = _looked_at() if reading else local_path(request.form.get("next", ""))
        return redirect(url_for("auth.step_up", next=back), 303)  # type: ignore[return-value]  # the same
    return session


def note_session(sessions: Sessions, settings: IdentitySettings, now: datetime) -> None:
    """Remember who is signed in, if anybody is, at a page that anybody may see."""
    try:
        name = session_cookie(site_of(settings))
    except ForbiddenError:  # nobody signs in under this address
        return
    session = sessions.find(name, now)
    if session is not None:
        g.session, g.session_name = session, name


def current_session() -> Session:
    """Return the session of this request.

    Raises:
        RuntimeError: If the route is not entered by a session; fails closed.
    """
    session = cast("Session | None", g.get("session"))
    if session is None:
        raise RuntimeError("a page ran without a session")
    return session


def current_form_token() -> str:
    """Return what each form of the page has to carry in ``FORM_FIELD``."""
    current_session()
    return form_token(cast("str", g.session_name))


def check_same_origin(site: Site) -> None:
    """Refuse a form that a browser sends from another site, or that says nothing of it.

    Raises:
        ForbiddenError: ``AUTH-FORM``.
    """
    origin, fetched = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin is None and fetched is None:
        raise _foreign_form()
    if origin not in {None, site.origin} or fetched not in {None, "same-origin"}:
        raise _foreign_form()


def open_reply(opened: OpenedSession, site: Site, target: str) -> Response:
    """Return the reply that gives a browser its session, and sends it on."""
    reply = cast("Response", redirect(local_path(target), 303))
    site.put(reply, "session", opened.name)
    return reply


def _looked_at() -> str:
    """Return where a look leads back to: with its query, or without where that cannot be kept."""
    query = request.query_string.decode("latin-1")
    whole = f"{request.path}?{query}"
    kept = bool(query) and local_path(whole) == whole
    return whole if kept else local_path(request.path)


def _foreign_form() -> ForbiddenError:
    return ForbiddenError(
        "this form does not come from a page of the gateway",
        code="AUTH-FORM",
        remedy="open the page anew and send it from there",
    )
