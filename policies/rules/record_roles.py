"""A release treats each column at least as its declaration does: identifiers are a floor."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.record_facts import RecordRole, ReleaseFacts
from policies.record_limits import only_role
from policies.rules.standing import Standing

__all__ = ["decide_record_roles"]


_FREE = (RecordRole.QUASI_IDENTIFIER, RecordRole.SENSITIVE, RecordRole.AS_STORED)
_UNIT = (RecordRole.PRIVACY_UNIT, RecordRole.COUNTED_UNIT)
"""Either counts people; the second tells less, so it does wherever the first does."""


def decide_record_roles(standing: Standing, facts: ReleaseFacts) -> Decision:
    """Deny a column that would leave as something else than its declaration lets it."""
    for name, role in facts.columns.items():
        asked = only_role(standing.dataset, facts.table, name)
        if role is asked or (asked is None and role in _FREE) or (asked in _UNIT and role in _UNIT):
            continue
        wanted = "quasi_identifier, sensitive or as_stored" if asked is None else asked.value
        return Deny(
            rule="record_roles",
            code="REL-ROLE",
            reason=f"{facts.table}.{name} would leave as {role.value}",
            remedy=f"let it leave as {wanted}, or leave it out",
            source=standing.of_dataset("spec", "releases", "quasi_identifiers"),
        )
    if not set(_UNIT) & set(facts.columns.values()):
        return Deny(
            rule="record_roles",
            code="REL-ROLE",
            reason="the plan names no privacy unit, so rows would be counted in place of people",
            remedy=f"give the column {_unit(standing, facts.table)}",
            source=standing.of_dataset("spec", "tables", facts.table, "columns"),
        )
    return Allow()


def _unit(standing: Standing, table: str) -> str:
    declared = standing.table(table)
    assert declared is not None  # noqa: S101  REL-TABLE: a table that leaves is declared
    assert declared.unit_column is not None  # noqa: S101  the same
    role = only_role(standing.dataset, table, declared.unit_column)
    assert role is not None  # noqa: S101  a unit has one
    return f"{declared.unit_column} the role {role.value}"
