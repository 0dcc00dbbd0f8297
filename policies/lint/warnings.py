"""The rules about what is allowed and mostly not meant, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.lint.approval_methods import find_no_methods
from policies.lint.approvers_gone import find_gone_approvers
from policies.lint.contract_only import find_contract_only
from policies.lint.delta_high import find_high_delta
from policies.lint.ended import find_ended
from policies.lint.epsilon_high import find_high_epsilon
from policies.lint.identifier_unused import find_unused_identifiers
from policies.lint.owner_member import find_owners_among_members
from policies.lint.release_links import find_linking_columns
from policies.lint.review_overdue import find_overdue_reviews
from policies.lint.too_many_cells import find_too_many_cells

__all__ = ["WARNINGS"]

WARNINGS: Final[tuple[Callable[[Declarations, date], Iterator[DeclarationError]], ...]] = (
    find_high_epsilon,
    find_high_delta,
    find_unused_identifiers,
    find_overdue_reviews,
    find_contract_only,
    find_too_many_cells,
    find_linking_columns,
    find_owners_among_members,
    find_no_methods,
    find_gone_approvers,
    find_ended,
)
"""Asked of declarations that no rule of ``ERRORS`` objects to, on a given day."""
