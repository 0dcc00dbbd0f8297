"""Who may have the receipt of which entry: it shows the entry, and entries name other people."""

from __future__ import annotations

from gateway.audit.entries import Entry
from gateway.audit.fields import MAX_INTEGER
from gateway.errors import NotFoundError
from gateway.identity.duties import Action, may
from gateway.identity.principals import Principal
from gateway.ports import Service

__all__ = ["receipt_of"]


def receipt_of(service: Service, principal: Principal, index: int) -> str:
    """Return the receipt of an entry that is about the caller's own request, or any to an auditor.

    Raises:
        NotFoundError: If there is no such entry, or it is not for this caller: the same words.
    """
    chain = service.entries(index) if index <= MAX_INTEGER else ()
    allowed = may(principal, Action.READ_ENTRIES) or _is_own(principal, chain)
    text = service.proof(index) if chain and allowed else None
    if text is None:
        raise NotFoundError(
            "there is no entry of this number about a request of yours",
            remedy="take the number from the receipt of an answer or of a refusal",
        )
    return text


def _is_own(principal: Principal, chain: tuple[Entry, ...]) -> bool:
    """Whether the first entry of the chain that names somebody names the caller.

    An answer's entry names nobody, and refers to the charge, which does.
    """
    for entry in chain:
        actor = getattr(entry.event, "actor", None)
        if actor is not None:
            project = getattr(entry.event, "project", getattr(entry.event, "named_project", None))
            return project is not None and actor == principal.acting_in(project)
    return False
