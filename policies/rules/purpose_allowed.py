"""Every question has a purpose that project and dataset list and that no layer forbids."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.rules.standing import Standing

__all__ = ["decide_purpose_allowed"]


def decide_purpose_allowed(standing: Standing) -> Decision:
    """Deny a purpose that a layer forbids, or that the project or the dataset does not list."""
    purposes = standing.effective.purposes
    denier = purposes.denier(standing.access.purpose)
    if denier is None:
        return Allow()
    return Deny(
        rule="purpose_allowed",
        code="POL-PURPOSE",
        reason=f"the {denier.layer.value} does not allow this purpose",
        remedy=f"purposes allowed here: {', '.join(purposes.value) or 'none'}",
        source=denier,
    )
