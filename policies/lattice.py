"""What several layers say of one thing, and what holds: the least of caps, the greatest of floors.

Each layer's word is kept beside its place in the declarations, so that whoever reads what holds
can also tell who decided it. Another word can only lower a cap, raise a floor or shorten a choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Generic, TypeVar

from policies.documents import TreePath
from policies.pointers import pointer

__all__ = ["Cap", "Choice", "Floor", "Layer", "Source", "Word"]

Value = TypeVar("Value", bound=int | Decimal | date)


class Layer(Enum):
    """Whose declaration it is; the outermost first."""

    GATEWAY = "gateway"
    DATASET = "dataset"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Source:
    """A place in the declarations.

    Attributes:
        layer: Kind of the declaration.
        policy: Its id.
        path: Where in it, whether or not the key is written there.
    """

    layer: Layer
    policy: str
    path: TreePath

    @property
    def at(self) -> str:
        """The path as a JSON Pointer (RFC 6901)."""
        return pointer(*self.path)


Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class Word(Generic[Said]):
    """What one layer says, and where."""

    value: Said
    source: Source


@dataclass(frozen=True, slots=True)
class Cap(Generic[Value]):
    """At most: the least of all words; a permission is a cap of False or True."""

    words: tuple[Word[Value], ...]

    @property
    def binding(self) -> Word[Value]:
        """The word that holds: the least, and of equal ones the outermost layer's."""
        return min(self.words, key=lambda word: word.value)

    @property
    def value(self) -> Value:
        """The most that is allowed."""
        return self.binding.value


@dataclass(frozen=True, slots=True)
class Floor(Generic[Value]):
    """At least: the greatest of all words."""

    words: tuple[Word[Value], ...]

    @property
    def binding(self) -> Word[Value]:
        """The word that holds: the greatest, and of equal ones the outermost layer's."""
        return max(self.words, key=lambda word: word.value)

    @property
    def value(self) -> Value:
        """The least that is allowed."""
        return self.binding.value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these names: what all words list and no prohibition names.

    Attributes:
        words: What layers list, the outermost first.
        forbidden: What layers prohibit.
    """

    words: tuple[Word[tuple[str, ...]], ...]
    forbidden: tuple[Word[tuple[str, ...]], ...] = ()

    @property
    def value(self) -> tuple[str, ...]:
        """What may be chosen, in the order of the innermost layer."""
        return tuple(name for name in self.words[-1].value if self.denier(name) is None)

    def denier(self, name: str) -> Source | None:
        """Return the place that keeps a name out: a prohibition, or the innermost short list."""
        for word in self.forbidden:
            if name in word.value:
                return word.source
        short = (word.source for word in reversed(self.words) if name not in word.value)
        return next(short, None)
