"""What left by the record door, for those who answer for it: stewards and auditors."""

from __future__ import annotations

from flask import Response

from gateway.governing.activated import ActivatedSets
from gateway.pages.site import page_reply
from gateway.ports import Service
from gateway.releases.listing import Approvers, audited_document

__all__ = ["releases_page"]


def releases_page(service: Service) -> Response:
    """Return all releases, the newest first, as the audit log tells of them."""
    now, approvers = service.now(), Approvers(ActivatedSets(service.settings.activated))
    found = [audited_document(one, now, approvers) for one in reversed(service.releases())]
    return page_reply("releases.html", releases=found)
