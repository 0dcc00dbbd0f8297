"""Pages of the auditor's room; none of them changes anything."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Final

from flask import Blueprint, Response, request

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.overview import LogOverview, Overview
from gateway.audit.proofs import InclusionProof, parse_proof
from gateway.audit.tlog import leaf_hash
from gateway.errors import NotFoundError
from gateway.pages.auditor.entries import Filter, Row, search
from gateway.pages.charts import Spending, Step, spending_of
from gateway.pages.site import page_blueprint, page_reply
from gateway.ports import Service
from gateway.receipts import receipt_of
from gateway.routes.callers import current_principal

__all__ = ["auditors_room"]

_ROWS: Final = 50
_WEEKS: Final = 12


def auditors_room(service: Service) -> Blueprint:
    """Return the pages under ``/audit``."""
    pages = page_blueprint("audit")
    overview = LogOverview(service.leaves)
    _room(pages, service, overview)
    _entries(pages, service, overview)
    return pages


def _room(pages: Blueprint, service: Service, overview: LogOverview) -> None:
    @pages.get("/audit")
    def room() -> Response:
        """Show the state of the log, what was spent, what was refused, and the newest entries."""
        known = overview.read()
        return page_reply(
            "auditor/room.html",
            head=parse_checkpoint(service.checkpoint()),
            witnesses=service.witness_status(),
            overview=known,
            spending=_spending(service, known),
            weeks=_weeks(known),
            found=search(service.leaves, Filter(), before=known.size, limit=12),
        )

    @pages.get("/audit/entries")
    def entries() -> Response:
        """List the entries that are looked for, the newest first."""
        known = overview.read()
        wanted = Filter(**{name: request.args.get(name, "") for name in asdict(Filter())})
        before = min(request.args.get("before", known.size, type=int), known.size)
        return page_reply(
            "auditor/entries.html",
            found=search(service.leaves, wanted, before=before, limit=_ROWS),
            wanted=wanted,
            search_fields={name: said for name, said in asdict(wanted).items() if said},
            kinds=sorted(known.kinds),
        )


def _entries(pages: Blueprint, service: Service, overview: LogOverview) -> None:
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


def _spending(service: Service, overview: Overview) -> dict[str, tuple[str, Spending]]:
    """Return, by pool, the symbol of its measure and how it was spent."""
    return {
        pool: (
            charges[0].measure.symbol,
            spending_of(
                [Step(charge.time, float(charge.amount)) for charge in charges],
                overview.changes,
                cap=float(overview.caps.get(pool, 0)),
                until=overview.last or service.now(),
            ),
        )
        for pool, charges in overview.spent_by_pool().items()
    }


def _weeks(overview: Overview) -> list[tuple[str, dict[str, int]]]:
    """Return how often each code was told in the last weeks, the newest week first."""
    weeks = sorted({monday for monday, _ in overview.denials}, reverse=True)[:_WEEKS]
    return [
        (
            monday.isoformat(),
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
