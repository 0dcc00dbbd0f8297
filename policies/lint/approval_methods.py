"""APP-METHOD: a way to approve is listed by which nothing is approved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.gateway import SignatureMethod

__all__ = ["find_no_methods"]


def find_no_methods(declarations: Declarations, _today: date) -> Iterator[DeclarationError]:
    """Give the list of methods if it has more than keys, by which alone approvals are given."""
    gateway = declarations.gateway
    if gateway is not None and set(gateway.policy.spec.signatures) != {SignatureMethod.KEY}:
        yield gateway.document.error(
            "approvals are given by key alone; a session in a browser never counted as one",
            code="APP-METHOD",
            remedy="write signatures: [key]",
            path=("spec", "signatures"),
        )
