"""REL-TEXT-NO-EVIDENCE: notes leave only where it was measured that names are found in them."""

from __future__ import annotations

from collections.abc import Iterator

from policies.columns import Role
from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.lint.release_columns import released

__all__ = ["find_text_without_evidence"]


def find_text_without_evidence(declarations: Declarations) -> Iterator[DeclarationError]:
    """Give each column of free text that may leave although no measurement is named."""
    for dataset in declarations.datasets:
        if dataset.policy.spec.releases.text_evidence is not None:
            continue
        for name, key, column in released(dataset.policy):
            if column.role is Role.FREE_TEXT:
                yield dataset.document.error(
                    f"the text {name}.{key} would leave without evidence of its de-identification",
                    code="REL-TEXT-NO-EVIDENCE",
                    remedy="declare releases.text_evidence, or set release: none",
                    path=("spec", "tables", name, "columns", key, "release"),
                    key=True,
                )
