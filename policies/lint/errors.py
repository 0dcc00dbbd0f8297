"""The rules that keep declarations from being in force, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.lint.audit_retention import find_short_retention
from policies.lint.no_contribution import find_no_contribution
from policies.lint.release_columns import find_release_columns
from policies.lint.release_k import find_low_k
from policies.lint.release_standard import find_no_standard
from policies.lint.release_text import find_text_without_evidence
from policies.lint.safe_harbor import find_unsafe_harbor

__all__ = ["ERRORS"]

ERRORS: Final[tuple[Callable[[Declarations], Iterator[DeclarationError]], ...]] = (
    find_no_contribution,
    find_release_columns,
    find_low_k,
    find_no_standard,
    find_text_without_evidence,
    find_unsafe_harbor,
    find_short_retention,
)
"""Asked only of declarations that are each valid by itself."""
