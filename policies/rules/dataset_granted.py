"""A project reaches only the datasets that it was granted."""

from __future__ import annotations

from policies.active import PolicySet
from policies.decisions import Deny
from policies.effective import meet
from policies.rules.standing import Seat, Standing

__all__ = ["find_standing"]


def find_standing(seat: Seat, active: PolicySet) -> Standing | Deny:
    """Return what the project may use of the dataset, or a denial.

    The denial is equal whether or not the dataset exists.
    """
    grant = seat.project.grant(seat.access.dataset)
    dataset = active.datasets.get(seat.access.dataset)
    if grant is None or dataset is None:
        granted = (one.id for one in seat.project.spec.datasets if one.id in active.datasets)
        return Deny(
            rule="dataset_granted",
            code="PRJ-DATASET",
            reason="the project does not grant this dataset",
            remedy=f"granted: {', '.join(granted) or 'none'}",
            source=seat.of_project("spec", "datasets"),
        )
    return Standing(
        access=seat.access,
        project=seat.project,
        grant=grant,
        dataset=dataset,
        effective=meet(active.gateway, dataset, seat.project, grant, seat.member),
        suspended=active.suspended,
    )
