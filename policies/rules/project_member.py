"""Only a member of an existing project may ask anything."""

from __future__ import annotations

from policies.active import PolicySet
from policies.decisions import Access, Deny
from policies.rules.standing import Seat

__all__ = ["find_seat"]


def find_seat(access: Access, active: PolicySet) -> Seat | Deny:
    """Return the person's place in the project, or one and the same denial for all others.

    The denial is equal whether or not the project or the dataset exists, so that nobody learns
    from it what others work on.
    """
    project = active.projects.get(access.project)
    member = None if project is None else project.member(access.principal)
    if project is None or member is None:
        return Deny(
            rule="project_member",
            code="PRJ-NOT-MEMBER",
            reason="you are not a member of this project",
            remedy="name a project that lists you, or ask the data steward to add you",
        )
    return Seat(access=access, project=project, member=member, suspended=active.suspended)
