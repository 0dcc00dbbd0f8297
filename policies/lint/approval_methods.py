"""APP-METHOD: approvals are asked for, and none of the methods that are allowed can be given."""

from __future__ import annotations

from collections.abc import Iterator

from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.gateway import SignatureMethod

__all__ = ["find_no_method"]


def find_no_method(declarations: Declarations) -> Iterator[DeclarationError]:
    """Give the list of methods if it leaves out keys, by which alone approvals are given so far."""
    gateway, approvals = declarations.gateway, declarations.approvals
    if gateway is None or approvals is None or not approvals.required:
        return
    if SignatureMethod.KEY not in gateway.policy.spec.signatures:
        yield gateway.document.error(
            "approvals are asked for, and by key none counts: nothing could ever be approved",
            code="APP-METHOD",
            remedy="add key to signatures",
            path=("spec", "signatures"),
        )
