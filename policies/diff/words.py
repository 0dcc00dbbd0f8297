"""What stands in force beside datasets and projects, in words for the difference of two sets."""

from __future__ import annotations

from collections.abc import Mapping

from policies.approvals import ApprovalKey, ApprovalPolicy, Demand

__all__ = ["in_words"]


def in_words(value: object) -> str:
    """Return the rules of approval, public keys or names of what is stopped, as people say them."""
    match value:
        case None:
            return "nothing"
        case ApprovalPolicy():
            return _approvals(value)
        case ApprovalKey():
            roles = " and ".join(role.value for role in value.spec.roles)
            days = f"{value.spec.not_before} to {value.spec.not_after}"
            return f"{value.id} of {value.spec.person} ({roles}, {days})"
        case Mapping():
            return ", ".join(in_words(one) for one in value.values()) or "none"
        case frozenset() | tuple():
            return ", ".join(sorted(map(str, value))) or "none"
        case _:
            return str(value)


def _approvals(policy: ApprovalPolicy) -> str:
    rules = policy.spec
    demands = {
        "widen": rules.widen,
        "narrow": rules.narrow,
        "suspend": rules.suspend,
        "release": rules.release,
    }
    told = "; ".join(f"{what}: {_demand(demand)}" for what, demand in demands.items())
    author = f", author {rules.author}" if rules.author else ""
    return f"{rules.approvals}{author}; {told}"


def _demand(demand: Demand) -> str:
    return f"{demand.min} of {' or '.join(role.value for role in demand.roles)}"
