"""Whether a change of the declarations allows more, or less.

Only what is plainly less counts as narrowing: projects or members that are gone, and nothing else
changed. Whatever cannot be told to be less counts as more.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from policies.active import PolicySet
from policies.projects import ProjectPolicy

__all__ = ["Change", "classify"]


class Change(Enum):
    """What a change does to what is allowed."""

    WIDENS = "widens"
    NARROWS = "narrows"
    NEUTRAL = "neutral"


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
    return _of_permissions(before, after)


def _of_permissions(before: PolicySet, after: PolicySet) -> Change:
    if before.datasets != after.datasets:
        return Change.WIDENS
    parts = (_is_part(before.projects.get(name), one) for name, one in after.projects.items())
    return Change.NARROWS if all(parts) else Change.WIDENS


def _rules(policies: PolicySet) -> tuple[object, ...]:
    """Return what is asked of approvals; who the author is changes with every change."""
    if policies.approvals is None:
        return ()
    spec = policies.approvals.spec
    return spec.approvals, spec.widen, spec.narrow, spec.suspend


def _is_part(before: ProjectPolicy | None, after: ProjectPolicy) -> bool:
    """Say whether a project is what it was, but for members that are gone."""
    if before is None:
        return False
    remaining = replace(after.spec, members=before.spec.members)
    same = replace(after, spec=remaining, metadata=before.metadata) == before
    dates = (after.metadata.effective_from, after.metadata.expires_at)
    was = (before.metadata.effective_from, before.metadata.expires_at)
    return same and dates == was and set(after.spec.members) <= set(before.spec.members)
