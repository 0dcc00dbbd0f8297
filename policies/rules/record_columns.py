"""Only columns leave that are declared to, and that the project was granted."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.record_facts import ReleaseFacts
from policies.record_limits import leaving
from policies.rules.standing import Standing

__all__ = ["decide_record_columns"]


def decide_record_columns(standing: Standing, facts: ReleaseFacts) -> Decision:
    """Deny a table or a column that may not leave to the project."""
    allowed = leaving(standing.dataset, standing.grant, facts.table)
    if not allowed:
        return Deny(
            rule="record_columns",
            code="REL-TABLE",
            reason="the project is given no records of this table",
            remedy=f"name one of: {_tables(standing)}",
            source=standing.of_grant("tables"),
        )
    for name in facts.columns:
        if name not in allowed:
            declared = standing.column(facts.table, name)
            path = ("spec", "tables", facts.table, "columns")
            kept = declared is not None and declared.release == "keep"
            return Deny(
                rule="record_columns",
                code="REL-COLUMN",
                reason=f"a column of {facts.table} may not leave to this project",
                remedy=f"columns of {facts.table} that may leave: {', '.join(allowed)}",
                source=standing.of_grant("tables", facts.table)
                if kept
                else standing.of_dataset(*path, *([] if declared is None else [name, "release"])),
            )
    return Allow()


def _tables(standing: Standing) -> str:
    names = [
        name for name in standing.dataset.tables if leaving(standing.dataset, standing.grant, name)
    ]
    return ", ".join(names) or "none"
