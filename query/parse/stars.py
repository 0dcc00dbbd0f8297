"""``SELECT *``: the columns it stands for."""

from __future__ import annotations

from sqlglot import exp

from query.parse.items import Items
from query.parse.named import same_name
from query.parse.scopes import Scope, use_one_of
from query.parse.sqltext import only, refusal

__all__ = ["expanded"]


def expanded(items: Items, scope: Scope) -> Items:
    """Write out ``*`` and ``t.*``: the columns that may be asked, keys and units.

    Raises:
        UnsupportedQueryError: If it stands for nothing.
    """
    pairs: list[tuple[str, exp.Expr]] = []
    for name, node in items.pairs:
        star = isinstance(node, exp.Star)
        if not star and not (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
            pairs.append((name, node))
            continue
        mark = node if star else node.this
        only(mark, "except_", "replace", "rename")
        replaced = {one.alias.lower(): one.this for one in mark.args.get("replace") or ()}
        renamed = {one.this.name.lower(): one.alias for one in mark.args.get("rename") or ()}
        left_out = {column.name.lower() for column in mark.args.get("except_") or ()}
        of = "" if star else node.table  # type: ignore[attr-defined]  # a column has one
        taken = {other.lower() for other, _ in pairs}
        meant = [one for one in scope.sources if not of or same_name(one.name, of)]
        for source in meant:
            for column in source.shown:
                if column.lower() in left_out or column.lower() in taken:
                    continue
                taken.add(column.lower())
                plain = exp.column(column, table=source.name, quoted=True)
                called = renamed.get(column.lower(), column)
                pairs.append((called, replaced.get(column.lower(), plain)))
        if not meant or not pairs:
            known = use_one_of(f"{source.name}.*" for source in scope.sources)
            raise refusal(node, "* stands for no column here", known, "SQL-NAME")
    return Items(tuple(pairs))
