"""GROUP BY of the released SELECT: keys and the sets of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.parse.items import Items
from query.parse.keys import group_key
from query.parse.leaves import row_leaf
from query.parse.scalars import scalar
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal
from query.question import GroupKey

__all__ = ["grouping_of"]

MAX_SETS = 64
"""Grouping sets of one question."""
Sets = tuple[tuple[int, ...], ...]


def grouping_of(
    group: exp.Group | None, items: Items, scope: Scope
) -> tuple[tuple[GroupKey, ...], Sets]:
    """Read columns, expressions, ordinals, names of the SELECT, ALL, ROLLUP, CUBE, GROUPING SETS.

    Returns:
        The keys, and the places of the keys of each set; no sets where there is only one.
    """
    if group is None:
        return (), ()
    only(group, "expressions", "all")
    keys = _Keys(items=items, scope=scope)
    plain: list[int] = []
    choices: list[list[tuple[int, ...]]] = []
    for node in items.keys(group, scope):
        sets = keys.sets(node)
        if sets is None:
            plain.append(keys.place(node))
        else:
            choices.append(sets)
    found: list[tuple[int, ...]] = [tuple(plain)]
    for choice in choices:
        found = [(*one, *other) for one in found for other in choice]
        if len(found) > MAX_SETS:
            raise _too_many(group)
    ordered = tuple(tuple(sorted(set(one))) for one in found)
    return tuple(keys.found), ordered if choices else ()


@dataclass(slots=True, kw_only=True)
class _Keys:
    """Group keys, each once."""

    items: Items
    scope: Scope
    found: list[GroupKey] = field(default_factory=list)

    def sets(self, node: exp.Expr) -> list[tuple[int, ...]] | None:
        """Return the sets that one item of GROUP BY stands for, or None where it is one key."""
        match node:
            case exp.Rollup():
                places = [self.place(one) for one in node.expressions]
                return [tuple(places[:n]) for n in range(len(places), -1, -1)]
            case exp.Cube():
                if 2 ** len(node.expressions) > MAX_SETS:  # before they are all written out
                    raise _too_many(node)
                places = [self.place(one) for one in node.expressions]
                sizes = range(len(places), -1, -1)
                return [one for n in sizes for one in combinations(places, n)]
            case exp.GroupingSets():
                return [self._set(one) for one in node.expressions]
            case _:
                return None

    def place(self, node: exp.Expr) -> int:
        """Return the place of a key, adding it where it is new."""
        meant = self.items.meant(node, self.scope)
        narrowed = self.scope.narrowing.of(scalar(meant, row_leaf(self.scope)))
        key = group_key(narrowed, meant)
        if key not in self.found:
            self.found.append(key)
        return self.found.index(key)

    def _set(self, node: exp.Expr) -> tuple[int, ...]:
        listed = node.expressions if isinstance(node, exp.Tuple) else [node.unnest()]
        return tuple(self.place(one) for one in listed)


def _too_many(node: exp.Expr) -> UnsupportedQueryError:
    return refusal(
        node, f"there are more than {MAX_SETS} grouping sets", "ask for fewer", "SQL-GROUP"
    )
