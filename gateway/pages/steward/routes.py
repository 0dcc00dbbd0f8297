"""Pages of the studio; nothing is put in force but by ``activate``, under the rules of approval."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final, cast

from flask import Blueprint, Response, redirect, request, url_for

from gateway.errors import NotFoundError, OperatorError
from gateway.governing.declaration_files import check_name
from gateway.governing.suspension import REASONS
from gateway.pages.releases import releases_page
from gateway.pages.site import page_blueprint, page_reply
from gateway.pages.steward.matrix import matrix_rows
from gateway.pages.steward.oversight import add_oversight
from gateway.pages.steward.projects import add_projects
from gateway.pages.steward.words import declaration_words
from gateway.ports import Service
from gateway.routes.callers import current_principal
from policies.dsse import Envelope, Signature
from policies.errors import ApprovalError, DeclarationError, GatewayError
from policies.signatures import PAYLOAD_TYPE, Statement

__all__ = ["studio"]

_HISTORY_DAYS: Final = 30


def studio(service: Service) -> Blueprint:
    """Return the pages under ``/studio``."""
    pages = page_blueprint("studio")
    _reading(pages, service)
    add_oversight(pages, service)
    _trying(pages, service)
    add_projects(pages, service)
    _deciding(pages, service)
    return pages


def _reading(pages: Blueprint, service: Service) -> None:
    @pages.get("/studio")
    def overview() -> Response:
        """Show what is in force, and what the folder of declarations would change."""
        return _overview(service)

    @pages.get("/studio/releases")
    def releases() -> Response:
        """List what left as records."""
        return releases_page(service)

    @pages.get("/studio/datasets/<dataset_id>")
    def dataset(dataset_id: str) -> Response:
        """Show what each column of a dataset in force is for, at each door."""
        active = service.policies
        found = active.datasets.get(dataset_id)
        if found is None:
            raise NotFoundError("no such dataset is in force", remedy="see the studio's start")
        projects = [one for one in active.projects.values() if one.grant(dataset_id)]
        return page_reply(
            "steward/dataset.html",
            dataset=found,
            rows=matrix_rows(found),
            projects=projects,
            suspended=active.suspended,
        )


def _trying(pages: Blueprint, service: Service) -> None:
    stewards = service.stewardship

    @pages.get("/studio/file")
    def file() -> Response:
        """Show a declaration, to be written otherwise."""
        name = request.args.get("name", "")
        check_name(name)
        text = stewards.files().get(name)
        if text is None:
            raise NotFoundError("there is no such declaration", remedy="choose one of the list")
        return page_reply(
            "steward/file.html",
            name=name,
            text=text,
            trial=stewards.try_out(name, text, service.now()),
            words=declaration_words(),
        )

    @pages.post("/studio/trial")
    def trial() -> Response:
        """Tell what would come of a declaration as it stands in the form; nothing is kept."""
        name, text = request.form.get("name", ""), request.form.get("text", "")
        days = _HISTORY_DAYS if "history" in request.form else None
        # A form sends lines as RFC 7578 has them; declarations are kept with plain line feeds.
        tried = stewards.try_out(name, text.replace("\r\n", "\n"), service.now(), days=days)
        return page_reply(
            "steward/file.html", name=name, text=text, trial=tried, words=declaration_words()
        )


def _deciding(pages: Blueprint, service: Service) -> None:
    stewards = service.stewardship

    @pages.post("/studio/signatures")
    def sign() -> Response:
        """Keep a signature over the pending change, made here or pasted as an envelope."""
        try:
            stewards.keep_approval(_envelope(), service.now())
        except ApprovalError as error:
            return _overview(service, error)
        return _back()

    @pages.post("/studio/activation")
    def activate() -> Response:
        """Put the folder of declarations in force, if those approve who have to."""
        try:
            stewards.activate(service.now(), current_principal().user)
        except (ApprovalError, DeclarationError, OperatorError) as error:
            return _overview(service, error)
        return _back()

    @pages.post("/studio/suspensions")
    def suspend() -> Response:
        """Stop a dataset or a project at once; where somebody has to sign for it, ask them to."""
        subject, reason = request.form.get("subject", ""), request.form.get("reason", "")
        if reason not in REASONS:
            raise NotFoundError("there is no such reason", remedy=f"one of: {', '.join(REASONS)}")
        signed = any(request.form.get(name) for name in ("envelope", "signature"))
        try:
            if signed or stewards.stop_to_sign(subject, reason) is None:
                raw = _envelope() if signed else None
                stewards.suspend(subject, reason, service.now(), current_principal().user, raw)
                return _back()
            return _stop(service, subject, reason)
        except ApprovalError as error:
            return _stop(service, subject, reason, error)
        except OperatorError as error:
            return _overview(service, error)


def _stop(
    service: Service, subject: str, reason: str, error: ApprovalError | None = None
) -> Response:
    """Ask for a signature, anew where the one that came does not count."""
    try:
        statement = service.stewardship.stop_to_sign(subject, reason)
    except OperatorError as other:  # stopped by somebody else in the meantime
        return _overview(service, other)
    if statement is None:  # approvals are not asked for any more
        return _overview(service, error)
    return page_reply(
        "steward/stop.html",
        status=200 if error is None else 409,
        subject=subject,
        reason=reason,
        to_sign=_to_sign(statement, service.now()),
        error=error,
    )


def _overview(service: Service, error: GatewayError | None = None) -> Response:
    now = service.now()
    pending = service.stewardship.pending(now)
    statement = pending.statement
    return page_reply(
        "steward/studio.html",
        status=200 if error is None else 409,
        pending=pending,
        active=service.policies,
        to_sign=None if statement is None else _to_sign(statement, now),
        files=sorted(service.stewardship.files()),
        reasons=REASONS,
        error=error,
        today=now.date(),
    )


def _envelope() -> bytes:
    """Return what was sent: a whole envelope, or the parts of one that a script has signed."""
    pasted = request.form.get("envelope", "").strip()
    if pasted:
        return pasted.encode()
    if not request.form.get("signature"):
        raise ApprovalError(
            "nothing was signed, and the field for the envelope is empty",
            code="APP-ENVELOPE",
            remedy="choose the file of your key, or paste the whole envelope",
        )
    try:
        payload, value = (
            base64.b64decode(request.form.get(name, ""), validate=True)
            for name in ("payload", "signature")
        )
    except ValueError:
        payload = value = b""
    signature = Signature(request.form.get("key", "")[:64], value)
    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=payload, signatures=(signature,))
    return envelope.to_bytes()


def _to_sign(statement: Statement, now: datetime) -> dict[str, str]:
    """Return the values of a form that a script signs."""
    payload = base64.b64encode(statement.payload(now)).decode("ascii")
    return {"payload": payload, "payload_type": PAYLOAD_TYPE}


def _back() -> Response:
    return cast("Response", redirect(url_for("studio.overview"), 303))
