"""Whether a unit can have several rows in one group of a question."""

from __future__ import annotations

from collections.abc import Iterable

from query.expressions import ColumnRef, Expression
from query.relations import Derived, Filter, Grouped, Join, Relation

__all__ = ["one_row_each"]


def one_row_each(relation: Relation, keys: Iterable[Expression]) -> bool:
    """Say whether each unit has at most one row in a group, whatever the rows are.

    It has where rows that are one for each group of a unit's rows are grouped by all that told
    those groups apart, as in ``SELECT class, AVG(n) FROM (SELECT patient_id, class, COUNT(*) AS n
    FROM visits GROUP BY ALL) GROUP BY class``. What is filtered is no more, and a join that finds
    at most one partner repeats nothing.

    Args:
        relation: The rows that are grouped.
        keys: By what, over the relation.
    """
    shown = [key for key in keys if isinstance(key, ColumnRef)]
    while True:
        match relation:
            case Filter():
                relation = relation.source
            case Join() if relation.repeats_none:
                relation = relation.left
            case Derived():
                shown = _beneath(relation, shown)
                relation = relation.source
            case Grouped(single=False):
                names = {key.column for key in shown if key.alias == relation.alias}
                return all(
                    key.name in names or key.expression.domain.unit_constant
                    for key in relation.keys
                )
            case _:
                return False


def _beneath(relation: Derived, keys: Iterable[ColumnRef]) -> list[ColumnRef]:
    """Return the columns of the source that keys pass on as they are."""
    names = {key.column for key in keys if key.alias == relation.alias}
    passed = (field.expression for field in relation.fields if field.name in names)
    return [one for one in passed if isinstance(one, ColumnRef)]
