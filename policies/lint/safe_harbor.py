"""REL-SAFE-HARBOR: what claims Safe Harbor holds none of the eighteen identifiers.

Source: 45 CFR 164.514(b)(2)(i), (A) to (R). A shifted date is still an element of a date.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.columns import Column, IdentifierKind, Role
from policies.datasets import Table
from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.lint.release_columns import released
from policies.query_use import ValueType
from policies.stand_ins import Pseudonymize, ShiftDate
from policies.text_operators import Encrypt, Label, Surrogate
from policies.transforms import RESTRICTED_ZIP3, AgeAt, DeidentifyText, GeneralizeDate, Zip3

__all__ = ["find_unsafe_harbor"]

MAX_AGE: Final = 90
"""(C): ages of 90 and over may only be told as one category."""

_MOVES: Final = (Surrogate, ShiftDate)
"""Operators that write a date in the place of a date."""
_CODES: Final = (Encrypt, Pseudonymize)
"""Operators that write what is derived from the value, which (c)(1) does not except from (R)."""


def find_unsafe_harbor(declarations: Declarations) -> Iterator[DeclarationError]:
    """Give each column that may leave under a claim of Safe Harbor and does not meet it."""
    for dataset in declarations.datasets:
        if dataset.policy.spec.releases.standard != "hipaa_safe_harbor":
            continue
        for name, key, column in released(dataset.policy):
            problem = _problem(dataset.policy.tables[name], column)
            if problem is not None:
                found, remedy = problem
                yield dataset.document.error(
                    f"{name}.{key} {found}, which Safe Harbor does not allow",
                    code="REL-SAFE-HARBOR",
                    remedy=f"{remedy}, set release: none, or claim expert_determination",
                    path=("spec", "tables", name, "columns", key, "release"),
                    key=True,
                )


def _problem(table: Table, column: Column) -> tuple[str, str] | None:
    """Return what is wrong with a column that leaves, and what to do, or None."""
    transform, kind = column.effective_transform, _kind(table, column)
    if isinstance(transform, AgeAt | Zip3 | DeidentifyText):
        return _weak(transform)
    if isinstance(transform, GeneralizeDate) and transform.to == "year":
        return None
    if column.type in {ValueType.DATE, ValueType.TIMESTAMP} or kind is IdentifierKind.DATE:
        return "holds more of a date than its year", "generalize it to the year"
    if kind is IdentifierKind.POSTAL_CODE:
        return "holds more of a postal code than its area", "write transform: zip3"
    if column.role is Role.DIRECT_IDENTIFIER or kind is not None:
        return "stands for an identifier", "drop it"
    return None


def _weak(transform: AgeAt | Zip3 | DeidentifyText) -> tuple[str, str] | None:
    """Return what is wrong with a transform that is made for Safe Harbor, or None."""
    match transform:
        case AgeAt(top_code=top) if top > MAX_AGE:
            return "tells ages over 89", f"write top_code: {MAX_AGE}"
        case Zip3(restricted=restricted) if not set(RESTRICTED_ZIP3) <= set(restricted):
            return "tells small areas", "leave restricted out"
        case DeidentifyText() if isinstance(transform.operator_of(Label.DATE), _MOVES):
            return "holds dates that are only moved", "write operator: redact"
        case DeidentifyText() if any(
            isinstance(transform.operator_of(label), _CODES) for label in Label
        ):
            return "holds codes made of identifiers", "write operator: redact"
        case _:
            return None


def _kind(table: Table, column: Column) -> IdentifierKind | None:
    """Return what the column's source identifies, by its own word or by that of its origin."""
    origin = table.columns.get(column.derived_from or "")
    return column.identifies or (None if origin is None else origin.identifies)
