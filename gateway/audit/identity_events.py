"""What is logged of who signed in, and of who read the log.

Requests with a key are told by what they did. What nobody has to prove anything for is counted and
logged once a minute at most, so that a flood cannot grow the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

__all__ = ["AuthenticationFailed", "IdentityEvent", "LogRead", "SessionEnded", "SignedIn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person proved who they are at the pages: signed in, or stepped up in the same session."""

    kind: ClassVar[str] = "auth.ok"

    actor: str
    role: str
    method: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationFailed:
    """Keys, sessions or sign-ins were refused since the last such entry of the same process."""

    kind: ClassVar[str] = "auth.fail"

    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """An administrator ended somebody's session."""

    kind: ClassVar[str] = "session.end"

    actor: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRead:
    """An auditor read entries of this log; told once a minute at most."""

    kind: ClassVar[str] = "log.read"

    actor: str


IdentityEvent: TypeAlias = SignedIn | AuthenticationFailed | SessionEnded | LogRead
"""Facts of who came and who looked."""
