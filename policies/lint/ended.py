"""META-ENDED: the last day of a declaration has passed, and nothing is answered by it any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.declared import Declarations
from policies.documents import Document
from policies.errors import DeclarationError
from policies.model import Metadata

__all__ = ["find_ended"]


def find_ended(declarations: Declarations, today: date) -> Iterator[DeclarationError]:
    """Give each dataset and each project whose ``expires_at`` is before today."""
    for one in declarations.datasets:
        yield from _ended(one.document, one.policy.metadata, today)
    for project in declarations.projects:
        yield from _ended(project.document, project.policy.metadata, today)


def _ended(document: Document, metadata: Metadata, today: date) -> Iterator[DeclarationError]:
    if metadata.expires_at < today:
        yield document.error(
            f"the last day was {metadata.expires_at}, and nothing is answered since",
            code="META-ENDED",
            remedy="write a later day, or take the file out",
            path=("metadata", "expires_at"),
        )
