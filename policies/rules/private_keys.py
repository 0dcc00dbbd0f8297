"""Keys without a public domain need the leave of all layers and of the column."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny, QueryFacts
from policies.lattice import Source
from policies.rules.standing import Standing

__all__ = ["decide_private_keys"]


def decide_private_keys(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny a private key where a layer or a column under it does not allow one."""
    uses = [use for use in facts.uses if use.way == "private_key"]
    if not (facts.private_keys or uses):
        return Allow()
    allowed = standing.effective.private_keys.binding
    if not allowed.value:
        return _deny(f"the {allowed.source.layer.value}", allowed.source)
    for use in uses:
        column = standing.column(use.table, use.column)
        declared = None if column is None else column.use
        if declared is None or declared.private_keys == "denied":
            path = ("tables", use.table, "columns", use.column, "dp", "private_keys")
            return _deny(
                f"the column {use.table}.{use.column}",
                standing.of_dataset("spec", *path),
                _remedy(standing, use.table),
            )
    return Allow()


def _deny(who: str, source: Source, remedy: str = "") -> Deny:
    return Deny(
        rule="private_keys",
        code="POL-PRIVATE-KEYS",
        reason=f"{who} does not allow group keys without a public domain",
        remedy=remedy or "group by columns with declared categories or bounds",
        source=source,
    )


def _remedy(standing: Standing, table: str) -> str:
    names = [
        name
        for name in standing.grant.tables.get(table, ())
        if (column := standing.column(table, name)) is not None
        and column.use is not None
        and column.use.private_keys == "allowed"
    ]
    listed = ", ".join(names) or "none"
    return f"group by a key with a public domain; private keys of {table} allowed here: {listed}"
