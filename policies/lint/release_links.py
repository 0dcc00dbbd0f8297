"""REL-LINK: what is declared to leave in records, and does not, since it would link rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.lint.release_columns import released
from policies.record_limits import links_rows

__all__ = ["find_linking_columns"]


def find_linking_columns(declarations: Declarations, _today: date) -> Iterator[DeclarationError]:
    """Give each column that may leave and holds the same in several rows of one unit.

    The unit's own column is none of them: it is counted, and only its stand-in stays.
    """
    for dataset in declarations.datasets:
        for name, key, _ in released(dataset.policy):
            table = dataset.policy.tables[name]
            if key != table.unit_column and links_rows(table, key):
                yield dataset.document.error(
                    f"{name}.{key} would link rows in records, and so does not leave",
                    code="REL-LINK",
                    remedy="set release: none; of texts, write operator: redact",
                    path=("spec", "tables", name, "columns", key, "release"),
                    key=True,
                )
