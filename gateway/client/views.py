"""Catalog and budget as dictionaries that a notebook shows as tables."""

from __future__ import annotations

from typing import Any, Final

from gateway.answers.explanations import html_table
from query.ports import Balance

__all__ = ["HEADER", "Budgets", "Catalog"]

HEADER: Final = ("dataset", "table", "column", "type", "domain", "may be used to")
"""Of the lines of ``Catalog.rows``."""

_SHOWN_CATEGORIES: Final = 6


class Catalog(dict[str, Any]):
    """What a project may ask, as ``GET …/catalog`` tells it."""

    def rows(self) -> list[list[str]]:
        """Return one line a column: dataset, table, column, type, public domain, uses."""
        return [
            [
                str(dataset["id"]),
                str(table["name"]),
                str(column["name"]),
                str(column["type"]),
                _domain(column.get("domain")),
                _uses(column),
            ]
            for dataset in self.get("datasets", ())
            for table in dataset.get("tables", ())
            for column in table.get("columns", ())
        ]

    def _repr_html_(self) -> str:
        return html_table(HEADER, self.rows())


class Budgets(dict[str, tuple[Balance, ...]]):
    """What pool, project and researcher have spent and may spend, by dataset."""

    def _repr_html_(self) -> str:
        rows = [
            [dataset, one.scope, one.name, one.cap.measure.symbol, *_amounts(one)]
            for dataset, balances in self.items()
            for one in balances
        ]
        header = ["dataset", "scope", "name", "measure", "spent", "left", "allowance"]
        return html_table(header, rows)


def _amounts(balance: Balance) -> list[str]:
    spent, cap = balance.spent.parameter, balance.cap.parameter
    return [f"{one.normalize():f}" for one in (spent, cap - spent, cap)]


def _domain(domain: Any) -> str:  # noqa: ANN401  JSON
    match domain:
        case {"categories": [*categories]}:
            named = [str(one) for one in categories[:_SHOWN_CATEGORIES]]
            more = len(categories) - len(named)
            return ", ".join([*named, f"… {more} more"] if more else named)
        case {"lower": lower, "upper": upper}:
            return f"{lower} to {upper}"
        case {"max_length": length}:
            return f"up to {length} characters"
        case _:
            return ""


def _uses(column: dict[str, Any]) -> str:
    uses = [name for name in ("join", "filter", "group_by") if column.get(name)]
    return ", ".join([*uses, *map(str, column.get("aggregates", ()))])
