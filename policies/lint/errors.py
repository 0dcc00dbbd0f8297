"""The rules that keep declarations from being in force, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from policies.declared import Declarations
from policies.errors import DeclarationError

__all__ = ["ERRORS"]

ERRORS: Final[tuple[Callable[[Declarations], Iterator[DeclarationError]], ...]] = ()
"""Asked only of declarations that are each valid by itself."""
