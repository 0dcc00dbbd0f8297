"""REV-OVERDUE: somebody was to look at a declaration again, and the day has passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.declared import Declarations
from policies.errors import DeclarationError

__all__ = ["find_overdue_reviews"]


def find_overdue_reviews(declarations: Declarations, today: date) -> Iterator[DeclarationError]:
    """Give each declaration whose ``review_by`` is before today."""
    for document, metadata in declarations.dated():
        due = metadata.review_by
        if due is not None and due < today:
            yield document.error(
                f"a review was due by {due}",
                code="REV-OVERDUE",
                remedy="look whether it is still right, and write the next day",
                path=("metadata", "review_by"),
            )
