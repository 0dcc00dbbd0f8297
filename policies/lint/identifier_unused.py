"""COL-QI-UNUSED: what could identify patients is stored, and nobody needs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.columns import Role
from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.lint.release_columns import released

__all__ = ["find_unused_identifiers"]


def find_unused_identifiers(declarations: Declarations, _today: date) -> Iterator[DeclarationError]:
    """Give each stored quasi-identifier that no project is granted and no record holds.

    Datasets that no project is granted at all are passed over: they may only be new.
    """
    for dataset in declarations.datasets:
        policy = dataset.policy
        grants = [project.policy.grant(policy.id) for project in declarations.projects]
        tables = [grant.tables for grant in grants if grant is not None]
        if not tables:
            continue
        needed = {(name, key) for one in tables for name, keys in one.items() for key in keys}
        needed |= {(name, key) for name, key, _ in released(policy)}
        for name, table in policy.tables.items():
            for key, column in table.stored_columns.items():
                if column.role is Role.QUASI_IDENTIFIER and (name, key) not in needed:
                    yield dataset.document.error(
                        f"the quasi-identifier {name}.{key} is stored, and no project may use it",
                        code="COL-QI-UNUSED",
                        remedy="set dp: none so that it is not stored, or grant it",
                        path=("spec", "tables", name, "columns", key),
                        key=True,
                    )
