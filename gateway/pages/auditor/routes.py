"""Pages of the auditor's room; all that changes is which flags are settled, and own searches."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final, cast

from flask import Blueprint, Response, redirect, request, url_for

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.entries import parse_entry
from gateway.audit.flags import RULES, SETTLED
from gateway.audit.overview import Level, LogOverview, Overview
from gateway.audit.proofs import InclusionProof, parse_proof
from gateway.audit.review_events import FlagSignedOff
from gateway.audit.tlog import leaf_hash
from gateway.errors import NotFoundError, RequestError
from gateway.exports.fhir import fhir_lines
from gateway.exports.plain import csv_lines, ndjson_lines
from gateway.exports.reading import LoggedEntry
from gateway.pages.auditor.entries import Filter, Row, search
from gateway.pages.auditor.searching import add_search
from gateway.pages.auditor.spending import Timeline, Wanted, timeline_of
from gateway.pages.releases import releases_page
from gateway.pages.site import page_blueprint, page_reply
from gateway.pages.words import ago_text
from gateway.ports import Service
from gateway.problems import problem_of
from gateway.receipts import receipt_of
from gateway.routes.callers import current_journal, current_principal

__all__ = ["auditors_room"]

_WEEKS: Final = 12
_MOST_FLAGS: Final = 200
_BATCH: Final = 500
_EXPORTS: Final[Mapping[str, tuple[Callable[..., Iterator[bytes]], str]]] = {
    "ndjson": (lambda entries, _: ndjson_lines(entries), "application/x-ndjson"),
    "csv": (lambda entries, _: csv_lines(entries), "text/csv; charset=utf-8"),
    "fhir": (fhir_lines, "application/fhir+ndjson"),
}
"""From the ending of the file to how it is written, and its media type."""


def auditors_room(service: Service) -> Blueprint:
    """Return the pages under ``/audit``."""
    pages = page_blueprint("audit")
    overview = LogOverview(service.leaves)

    @pages.before_request
    def reading() -> None:
        current_journal().read(current_principal().user, service.now())  # before it is shown

    _glances(pages, service, overview)
    _reviews(pages, service, overview)
    add_search(pages, service, overview)
    _evidence(pages, service, overview)
    _files(pages, service)
    return pages


def _glances(pages: Blueprint, service: Service, overview: LogOverview) -> None:
    @pages.get("/audit")
    def room() -> Response:
        """Show the state of the log, what was spent, what was refused, and the newest entries."""
        known, refused = overview.read(), None
        try:
            wanted = Wanted.of(request.args)
            timeline = timeline_of(known, wanted, service.now())
        except RequestError as error:
            wanted, refused = Wanted.typed(request.args), error
            timeline = Timeline(budgets=(), left_out=0, changes=())
        return page_reply(
            "auditor/room.html",
            status=200 if refused is None else problem_of(refused).status,
            refused=refused,
            head=parse_checkpoint(service.checkpoint()),
            witnesses=service.witness_status(),
            read_whole=service.read_whole(),
            now=service.now(),
            ago_text=ago_text,
            overview=known,
            wanted=wanted,
            charged=known.charged_names(),
            levels=[level.value for level in Level],
            timeline=timeline,
            weeks=_weeks(known),
            found=search(service.leaves, Filter(), before=known.size, limit=12),
            open_flags=sum(not one.settled for one in known.flags.found.values()),
        )


def _reviews(pages: Blueprint, service: Service, overview: LogOverview) -> None:
    @pages.get("/audit/flags")
    def flags() -> Response:
        """List what the rules found, the newest first; settled ones where they are asked for."""
        settled = "settled" in request.args
        found = [
            one for one in overview.read().flags.found.values() if bool(one.settled) == settled
        ]
        return page_reply(
            "auditor/flags.html",
            flags=found[: -_MOST_FLAGS - 1 : -1],
            settled=settled,
            rules=RULES,
            answers=SETTLED,
        )

    @pages.post("/audit/flags")
    def settle() -> Response:
        """Settle a flag, which is an entry of the log."""
        rule, index = request.form.get("flag", ""), request.form.get("entry", -1, type=int)
        answer = request.form.get("settled", "")
        known = overview.read().flags.found
        place = (index, rule)
        if place not in known or answer not in SETTLED:
            raise NotFoundError("there is no such flag", remedy="choose one of the list")
        actor = current_principal().user
        service.record(FlagSignedOff(actor=actor, flag=rule, ref=place[0], settled=answer))
        return cast("Response", redirect(url_for("audit.flags"), 303))


def _evidence(pages: Blueprint, service: Service, overview: LogOverview) -> None:
    @pages.get("/audit/entries/<int:index>")
    def entry(index: int) -> Response:
        """Show an entry, what it refers to, and the proof that it stands in the signed log."""
        leaves = service.leaves(index, index + 1) if index < overview.read().size else ()
        text = service.proof(index) if leaves else None
        if text is None:
            raise NotFoundError("the log has no entry of this number", remedy="see the list")
        proof = parse_proof(text)
        head = parse_checkpoint(proof.checkpoint)
        return page_reply(
            "auditor/entry.html",
            row=Row.of(leaves[0]),
            leaf=base64.b64encode(leaves[0]).decode(),
            leaf_hash=leaf_hash(leaves[0]).hex(),
            proof=_shown(proof),
            head=head,
            charged=next((one for one in overview.read().charges if one.entry == index), None),
        )


def _files(pages: Blueprint, service: Service) -> None:
    @pages.get("/audit/releases")
    def releases() -> Response:
        """List what left as records."""
        return releases_page(service)

    @pages.get("/audit/export.<form>")
    def export(form: str) -> Response:
        """Give all entries as a file."""
        if form not in _EXPORTS:
            raise NotFoundError("there is no such export", remedy=f"one of: {', '.join(_EXPORTS)}")
        written, kind = _EXPORTS[form]
        body = b"".join(written(_logged(service), service.settings.id))
        name = f"audit-{service.settings.id}.{form}"
        return Response(
            body,
            content_type=kind,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @pages.get("/audit/entries/<int:index>/receipt")
    def receipt(index: int) -> Response:
        """Give the receipt of an entry as a file."""
        text = receipt_of(service, current_principal(), index)
        return Response(
            text,
            content_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="receipt-{index}.tlog-proof"'},
        )


def _logged(service: Service) -> Iterator[LoggedEntry]:
    """Yield all entries of the log, each with those that it refers to."""
    size = parse_checkpoint(service.checkpoint()).size
    for start in range(0, size, _BATCH):
        for index, leaf in enumerate(service.leaves(start, min(start + _BATCH, size)), start):
            entry = parse_entry(leaf)
            refers = getattr(entry.event, "ref", None) is not None
            references = service.entries(index)[1:] if refers else ()
            yield LoggedEntry(index=index, leaf=leaf, entry=entry, references=references)


def _weeks(overview: Overview) -> list[tuple[str, str, dict[str, int]]]:
    """Return how often each code was told in the last weeks, the newest first, with their ends."""
    weeks = sorted({monday for monday, _ in overview.denials}, reverse=True)[:_WEEKS]
    return [
        (
            monday.isoformat(),
            (monday + timedelta(days=6)).isoformat(),
            {code: n for (week, code), n in sorted(overview.denials.items()) if week == monday},
        )
        for monday in weeks
    ]


def _shown(proof: InclusionProof) -> dict[str, object]:
    return {
        "index": proof.index,
        "hashes": [one.hex() for one in proof.hashes],
        "checkpoint": proof.checkpoint,
    }
