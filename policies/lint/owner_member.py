"""PRJ-OWNER-MEMBER: who answers for a declaration is listed as a member, and may ask nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.rules.separate_duties import owners

__all__ = ["find_owners_among_members"]


def find_owners_among_members(
    declarations: Declarations, _today: date
) -> Iterator[DeclarationError]:
    """Give each member who owns their project, or a dataset that it is granted."""
    datasets = {one.policy.id: one.policy for one in declarations.datasets}
    for one in declarations.projects:
        granted = [datasets[grant.id] for grant in one.policy.spec.datasets]
        answering = frozenset[str]().union(*(owners(one.policy, each) for each in granted))
        for index, member in enumerate(one.policy.spec.members):
            if member.user in answering:
                yield one.document.error(
                    f"the member {member.user} answers for the project or its data,"
                    " and so may not ask",
                    code="PRJ-OWNER-MEMBER",
                    remedy="take the member out, or let another steward own the declaration",
                    path=("spec", "members", index, "user"),
                )
