"""META-ENDED: the last day of a declaration has passed, and nothing is answered by it any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.declared import Declarations
from policies.errors import DeclarationError

__all__ = ["find_ended"]


def find_ended(declarations: Declarations, today: date) -> Iterator[DeclarationError]:
    """Give each dataset and each project whose ``expires_at`` is before today."""
    for document, metadata in declarations.dated():
        if metadata.expires_at < today:
            yield document.error(
                f"the last day was {metadata.expires_at}, and nothing is answered since",
                code="META-ENDED",
                remedy="write a later day, or take the file out",
                path=("metadata", "expires_at"),
            )
