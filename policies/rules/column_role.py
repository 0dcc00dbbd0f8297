"""Direct identifiers, free text and columns without a declared use cannot be queried at all."""

from __future__ import annotations

from typing import Final

from policies.columns import Role
from policies.decisions import Allow, ColumnUse, Decision, Deny, QueryFacts
from policies.effective import KEY_WAYS
from policies.rules.standing import Standing

__all__ = ["decide_column_role"]

_KEYS: Final = (Role.PRIVACY_UNIT, Role.KEY)
_NEVER: Final = {Role.DIRECT_IDENTIFIER: "a direct identifier", Role.FREE_TEXT: "free text"}


def decide_column_role(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny a column whose role or missing use keeps it from the aggregate door."""
    return next(
        (denial for use in facts.uses if (denial := _denial(standing, use)) is not None), Allow()
    )


def _denial(standing: Standing, use: ColumnUse) -> Deny | None:
    column = standing.column(use.table, use.column)
    name = f"{use.table}.{use.column}"
    at: tuple[str, ...] = ("spec", "tables", use.table, "columns", use.column)
    if column is None:
        reason, at = f"the dataset declares no column {name}", at[:-1]
    elif column.role in _NEVER:
        reason, at = f"the column {name} is {_NEVER[column.role]}", (*at, "role")
    elif column.role in _KEYS and use.way in KEY_WAYS:
        return None
    elif column.use is None:
        reason, at = f"the column {name} is not open to queries in this way", (*at, "dp")
    else:
        return None
    return Deny(
        rule="column_role",
        code="PRJ-COLUMN" if column is None else "POL-COLUMN-ROLE",
        reason=reason,
        remedy=f"remove it; columns of {use.table} allowed here: {standing.usable(use.table)}",
        source=standing.of_dataset(*at),
    )
