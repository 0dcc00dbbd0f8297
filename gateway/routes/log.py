"""The audit log, for those who want to hold the gateway to it."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request

from gateway.audit.tile_files import parse_place
from gateway.errors import NotFoundError
from gateway.identity.duties import Action, may
from gateway.openapi import described
from gateway.openapi.readings import CHECKPOINT, GROWTH, TILES
from gateway.ports import Service
from gateway.routes.callers import current_journal, current_principal

__all__ = ["log"]


def log(service: Service) -> Blueprint:
    """Return the routes under ``/v1/log``."""
    routes = Blueprint("log", __name__, url_prefix="/v1/log")

    @routes.get("/checkpoint")
    @described(CHECKPOINT)
    def checkpoint() -> Response:
        """Give the last signed checkpoint, as C2SP tlog-checkpoint text."""
        return Response(service.checkpoint(), content_type="text/plain; charset=utf-8")

    @routes.get("/proof")
    @described(GROWTH)
    def proof() -> Response:
        """Say why the log grew from the size in ``old``, as C2SP tlog-witness has it."""
        old = request.args.get("old", "")
        known = re.fullmatch(r"[1-9][0-9]{0,15}", old) is not None
        text = service.growth(int(old)) if known else None
        if text is None:
            raise NotFoundError(
                "the log never had such a size", remedy="give old=SIZE, of a head that you kept"
            )
        return Response(text, content_type="text/plain; charset=utf-8")

    @routes.get("/tile/<path:rest>")
    @described(TILES)
    def tile(rest: str) -> Response:
        """Give a tile of hashes to anybody with a key, a bundle of entries to auditors."""
        place, reader = parse_place(f"tile/{rest}"), current_principal()
        entries = place is not None and place.level is None
        allowed = not entries or may(reader, Action.READ_ENTRIES)
        if entries and allowed:
            current_journal().read(reader.user, service.now())  # before they are given
        blob = service.tile(place) if place is not None and allowed else None
        if blob is None:
            raise NotFoundError(
                "the log has no such tile, or it is not for this key",
                remedy="ask for tiles of a checkpoint; entries are for auditors",
            )
        return Response(blob, content_type="application/octet-stream")

    return routes
