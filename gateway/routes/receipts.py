"""Receipts: proof that the log says of a request what its caller was told."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from gateway.errors import NotFoundError
from gateway.identity.duties import Action, may
from gateway.openapi import described
from gateway.openapi.readings import RECEIPT_TEXT
from gateway.ports import Service
from gateway.receipts import receipt_of
from gateway.routes.callers import current_journal, current_principal

__all__ = ["receipts"]


def receipts(service: Service) -> Blueprint:
    """Return the route ``/v1/receipts/{index}``; it is free."""
    routes = Blueprint("receipts", __name__, url_prefix="/v1/receipts")

    @routes.get("/<index>")
    @described(RECEIPT_TEXT)
    def receipt(index: str) -> Response:
        """Give the receipt of an entry, as C2SP tlog-proof text."""
        if re.fullmatch(r"0|[1-9][0-9]{0,15}", index) is None:
            raise NotFoundError("the number of an entry has digits only", remedy="correct it")
        reader = current_principal()
        if may(reader, Action.READ_ENTRIES):
            current_journal().read(reader.user, service.now())  # it may be of anybody's entry
        text = receipt_of(service, reader, int(index))
        return Response(text, content_type="text/plain; charset=utf-8")

    return routes
