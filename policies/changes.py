"""Whether a change of the declarations allows more, or less.

What may be asked is compared cell by cell (``policies.diff``). Who may approve is compared as it
is written: any change of it counts as more, since it is never for one person to decide.
"""

from __future__ import annotations

from dataclasses import fields, replace

from policies.active import PolicySet
from policies.diff.held import Change
from policies.diff.semantic import classify as classify_permissions

__all__ = ["Change", "classify"]


def classify(before: PolicySet | None, after: PolicySet) -> Change:
    """Return what changes from one set to another; what is undecided widens.

    Args:
        before: In force; None where nothing is.
        after: To be put in force.
    """
    if before is None:
        return Change.WIDENS
    if before.digest == after.digest:
        return Change.NEUTRAL
    if before.keys != after.keys or _rules(before) != _rules(after):
        return Change.WIDENS  # who may approve is never for one person to decide
    # the rules are the same: who the author is allows nothing
    return classify_permissions(before, replace(after, approvals=before.approvals))


def _rules(policies: PolicySet) -> tuple[object, ...]:
    """Return what is asked of approvals; who the author is changes with every change."""
    if policies.approvals is None:
        return ()
    spec = policies.approvals.spec
    return tuple(getattr(spec, one.name) for one in fields(spec) if one.name != "author")
