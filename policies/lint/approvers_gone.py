"""APP-NOBODY: keys of approvers have ended, and those that are left can approve nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from policies.approvals import ApprovalPolicy, able_persons
from policies.declared import Declarations
from policies.errors import DeclarationError

__all__ = ["find_gone_approvers"]


def find_gone_approvers(declarations: Declarations, today: date) -> Iterator[DeclarationError]:
    """Give each rule of approval that nobody could fulfil today.

    What nobody could fulfil on any day is refused when it is read. Of records that leave it is told
    only where somebody has a key: before the first, none can leave, and none is meant to.
    """
    policy, document = declarations.approvals, declarations.approvals_document
    if policy is None or document is None:
        return
    keys = {
        name: key
        for name, key in declarations.keys.items()
        if key.spec.not_before <= today <= key.spec.not_after
    }
    for name in _asked(policy, declarations):
        # An author may not approve what they wrote; of records there is none.
        bound = policy if name != "release" else _authorless(policy)
        demand = getattr(policy.spec, name)
        able = len(able_persons(bound, keys, demand))
        if able < demand.min:
            yield document.error(
                f"{demand.min} persons have to sign to {name}, and {able} may whose keys count"
                " today",
                code="APP-NOBODY",
                remedy="let others, or those whose keys have ended, make keys with 'gateway policy"
                " key create'",
                path=("spec", name),
            )


def _asked(policy: ApprovalPolicy, declarations: Declarations) -> Iterator[str]:
    if policy.required:
        yield from ("widen", "narrow", "suspend")
    grants = (grant for one in declarations.projects for grant in one.policy.spec.datasets)
    if declarations.keys and any(grant.releases == "allowed" for grant in grants):
        yield "release"


def _authorless(policy: ApprovalPolicy) -> ApprovalPolicy:
    return replace(policy, spec=replace(policy.spec, approvals="none", author=None))
