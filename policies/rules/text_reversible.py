"""Encrypted text is brought back only from a granted column that was declared reversible."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny, RevealFacts
from policies.pointers import pointer
from policies.rules.standing import Standing
from policies.transforms import DeidentifyText

__all__ = ["decide_text_reversible"]


def decide_text_reversible(standing: Standing, facts: RevealFacts) -> Decision:
    """Deny a column that the project was not granted, or that does not encrypt the label."""
    name = f"{facts.table}.{facts.column}"
    column = standing.column(facts.table, facts.column)
    if column is None or facts.column not in standing.grant.tables.get(facts.table, ()):
        return Deny(
            rule="text_reversible",
            code="PRJ-COLUMN",
            reason=f"the project does not grant the column {name}",
            remedy="ask the data steward to grant the column of text itself",
            at=pointer(*standing.grant_at(), "tables"),
            policy=standing.project.id,
        )
    transform = column.effective_transform
    for label in facts.labels:
        if not isinstance(transform, DeidentifyText) or not transform.encrypts(label):
            return Deny(
                rule="text_reversible",
                code="POL-NOT-REVERSIBLE",
                reason=f"{label.value} of the column {name} was not declared reversible",
                remedy="name a label whose operator is encrypt",
                at=pointer("spec", "tables", facts.table, "columns", facts.column, "transform"),
                policy=standing.dataset.id,
            )
    return Allow()
