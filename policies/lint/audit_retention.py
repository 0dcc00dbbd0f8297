"""RET-AUDIT-SHORT: the audit log is kept for six years at least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.declared import Declarations
from policies.errors import DeclarationError

__all__ = ["find_short_retention"]

MIN_YEARS: Final = 6
"""45 CFR 164.316(b)(2)(i): documentation is retained for six years."""


def find_short_retention(declarations: Declarations) -> Iterator[DeclarationError]:
    """Give each dataset whose audit log may be deleted too early."""
    for dataset in declarations.datasets:
        years = dataset.policy.spec.retention.audit_years
        if years < MIN_YEARS:
            yield dataset.document.error(
                f"the audit log is kept for {years} years only",
                code="RET-AUDIT-SHORT",
                remedy=f"write {MIN_YEARS} or more",
                path=("spec", "retention", "audit_years"),
            )
