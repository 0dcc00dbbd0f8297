"""REL-STANDARD, REL-DETERMINATION: an open record door says on what its claim rests."""

from __future__ import annotations

from collections.abc import Iterator

from policies.declared import Declarations
from policies.errors import DeclarationError

__all__ = ["find_no_standard"]


def find_no_standard(declarations: Declarations) -> Iterator[DeclarationError]:
    """Give each open record door without a standard, or without the determination of its expert."""
    for dataset in declarations.datasets:
        releases = dataset.policy.spec.releases
        if releases.allowed != "allowed":
            continue
        if releases.standard is None:
            yield dataset.document.error(
                "records would leave, and nothing says why they are de-identified",
                code="REL-STANDARD",
                remedy="declare standard: hipaa_safe_harbor, or expert_determination",
                path=("spec", "releases", "standard"),
            )
        if releases.standard == "expert_determination" and releases.determination is None:
            yield dataset.document.error(
                "an expert determination is claimed and not named",
                code="REL-DETERMINATION",
                remedy="declare determination with expert, report and valid_until",
                path=("spec", "releases", "standard"),
            )
