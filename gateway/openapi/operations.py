"""What a route says of itself: its parameters, its body, its replies and how it may fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar

__all__ = [
    "FAMILIES",
    "JSON",
    "MEMBERS",
    "PROBLEM",
    "Operation",
    "Parameter",
    "Reply",
    "described",
    "operation_of",
]

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"

FAMILIES: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {
        400: ("REQ",),
        401: ("AUTH",),
        403: ("AUTH", "BUD", "POL", "PRJ"),
        404: ("REQ",),
        406: ("REQ",),
        409: ("BUD", "JOB", "POL", "REQ", "SQL"),
        413: ("REQ",),
        415: ("REQ",),
        422: ("REQ", "SQL"),
        429: ("RATE",),
        500: ("SYS",),
        503: ("AUTH", "SYS"),
    }
)
"""From a status to the families of codes that come with it."""

EVERYWHERE: Final = (400, 401, 429, 500)
"""How any address that needs a key may fail."""
MEMBERS: Final = (403,)
"""How any address of a project may fail besides."""

_Route = TypeVar("_Route", bound=Callable[..., Any])
_ATTRIBUTE: Final = "__operation__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of an address, of its query or of its headers.

    Attributes:
        name: As it is written in the address.
        model: Its type; what reads the parameter reads this type.
        means: What it says.
        place: Where it stands.
        needed: Whether it must be given; those of the path must.
    """

    name: str
    model: Any
    means: str
    place: Literal["header", "path", "query"] = "path"
    needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One kind of reply.

    Attributes:
        means: What it says.
        media: From a media type to the model of its JSON; None for what is no JSON.
        status: HTTP status.
        headers: From a header of this reply to what it says.
    """

    means: str
    media: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address.

    Attributes:
        summary: What it does, in one line.
        replies: How it is answered.
        problems: Statuses of the problem documents that it may be answered with, beside
            ``EVERYWHERE``.
        parameters: What the address takes.
        body: The model that reads the body; None where there is none.
        examples: Bodies that are answered, by name.
        open_to_all: Whether no key is needed.
    """

    summary: str
    replies: tuple[Reply, ...]
    problems: tuple[int, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    examples: Mapping[str, object] = field(default_factory=dict)
    open_to_all: bool = False

    @property
    def statuses(self) -> frozenset[int]:
        """All statuses that it may be answered with."""
        known = {reply.status for reply in self.replies} | set(self.problems)
        return frozenset(known | set(EVERYWHERE) - ({401} if self.open_to_all else set()))


def described(operation: Operation) -> Callable[[_Route], _Route]:
    """Return a decorator that says what a route does; it goes below the route's own."""

    def say(route: _Route) -> _Route:
        setattr(route, _ATTRIBUTE, operation)
        return route

    return say


def operation_of(route: Callable[..., Any]) -> Operation | None:
    """Return what a route says of itself, or None."""
    found = getattr(route, _ATTRIBUTE, None)
    return found if isinstance(found, Operation) else None
