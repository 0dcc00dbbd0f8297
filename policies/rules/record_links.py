"""Rows of one privacy unit leave without anything that says that they are of one."""

from __future__ import annotations

from policies.columns import Role
from policies.decisions import Allow, Decision, Deny
from policies.record_facts import RecordRole, ReleaseFacts
from policies.record_limits import links_rows
from policies.rules.standing import Standing

__all__ = ["decide_record_links"]


def decide_record_links(standing: Standing, facts: ReleaseFacts) -> Decision:
    """Deny what would link rows: k is counted class by class, and a set of classes is rarer."""
    table = standing.table(facts.table)
    if table is None:
        return Allow()
    for name, role in facts.columns.items():
        column, is_unit = table.columns.get(name), name == table.unit_column
        counted = is_unit and role is RecordRole.COUNTED_UNIT
        if column is None or counted or not links_rows(table, name):
            continue
        remedy = "leave it out; what joins tables is asked in SQL"
        if is_unit:
            remedy = f"give {name} the role counted_unit, which counts units and links no rows"
        elif column.role is Role.FREE_TEXT:
            remedy = (
                "leave it out, or ask the data steward for operators of its text that write the "
                "same for everybody: redact, replace or generalize"
            )
        return Deny(
            rule="record_links",
            code="REL-LINK",
            reason=f"{facts.table}.{name} would link rows, and k is counted of each row alone",
            remedy=remedy,
            source=standing.of_dataset("spec", "tables", facts.table, "columns", name),
        )
    return Allow()
