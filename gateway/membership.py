"""Which projects a caller may see, by the very rules that decide upon questions."""

from __future__ import annotations

from datetime import datetime

from gateway.identity.principals import Principal
from policies.active import PolicySet
from policies.decide import SEAT_RULES
from policies.decisions import Access, Allow, Decision, Deny, combine, require
from policies.projects import ProjectPolicy
from policies.rules.project_member import find_seat

__all__ = ["member_project", "visible_projects"]


def member_project(active: PolicySet, user: str, project_id: str, time: datetime) -> ProjectPolicy:
    """Return a project in force that the user is a member of at that time.

    Raises:
        PolicyDeniedError: If there is none; the same for an unknown project.
    """
    require(_seat_decision(active, user, project_id, time))
    return active.projects[project_id]


def visible_projects(
    active: PolicySet, principal: Principal, time: datetime
) -> tuple[ProjectPolicy, ...]:
    """Return the projects that a caller may ask in, by name."""
    return tuple(
        project
        for name, project in sorted(active.projects.items())
        if isinstance(_seat_decision(active, principal.acting_in(name), name, time), Allow)
    )


def _seat_decision(active: PolicySet, user: str, project_id: str, time: datetime) -> Decision:
    # No dataset and no purpose: the rules about the seat look at neither.
    access = Access(principal=user, project=project_id, dataset="", purpose="", time=time)
    seat = find_seat(access, active)
    return seat if isinstance(seat, Deny) else combine([rule(seat) for rule in SEAT_RULES])
