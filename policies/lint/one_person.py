"""APP-ONE-PERSON: what allows more, and what lets records leave, is never up to one person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.approvers import Approvals
from policies.declared import Declarations
from policies.documents import Document
from policies.errors import DeclarationError

__all__ = ["find_one_person"]

MIN_PEOPLE: Final = 2


def find_one_person(declarations: Declarations) -> Iterator[DeclarationError]:
    """Give each quorum for widening or release that one person, or the author, can make up."""
    if declarations.gateway is not None:
        gateway = declarations.gateway
        yield from _weak(gateway.document, gateway.policy.spec.approvals)
    for dataset in declarations.datasets:
        yield from _weak(dataset.document, dataset.policy.spec.approvals)


def _weak(document: Document, approvals: Approvals) -> Iterator[DeclarationError]:
    for name, quorum in (("widen", approvals.widen), ("release", approvals.release)):
        path = ("spec", "approvals", name)
        if quorum.min < MIN_PEOPLE:
            yield document.error(
                f"one person alone could {name}",
                code="APP-ONE-PERSON",
                remedy=f"write min: {MIN_PEOPLE}, or more",
                path=(*path, "min"),
            )
        if not quorum.distinct_from_author:
            yield document.error(
                f"whoever asks to {name} would count among those who agree",
                code="APP-ONE-PERSON",
                remedy="write distinct_from_author: true",
                path=(*path, "distinct_from_author"),
            )
