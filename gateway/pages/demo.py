"""Made-up people of a demo, whom anybody may be with one click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flask import Blueprint, Response

from gateway.errors import OperatorError
from gateway.identity.principals import AccountRole
from gateway.pages.site import HOMES, page_blueprint, page_reply
from gateway.settings import Settings

__all__ = ["DemoAccount", "check_on_loopback", "demo_pages"]

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """One made-up person.

    Attributes:
        role: What they are.
        user: Under which name the policies know them.
        does: What one can do as them, a sentence.
        key: Their API key, which the page shows to anybody.
    """

    role: AccountRole
    user: str
    does: str
    key: str = field(repr=False)

    @property
    def start(self) -> str:
        """Where they begin."""
        return HOMES[self.role][1]


def demo_pages(accounts: Sequence[DemoAccount]) -> Blueprint:
    """Return the page ``/demo``."""
    pages = page_blueprint("demo")

    @pages.get("/demo")
    def choose() -> Response:
        """Show who one can be."""
        return page_reply("public/demo.html", accounts=accounts)

    return pages


def check_on_loopback(settings: Settings) -> None:
    """Refuse people whom everybody may be, where others than this machine's users come in.

    Raises:
        OperatorError: ``CFG-DEMO-HOST``.
    """
    if settings.service.host not in _LOOPBACK or settings.identity.public_url:
        raise OperatorError(
            "the demo's people may be anybody's on this machine only",
            code="CFG-DEMO-HOST",
            remedy="keep service.host at 127.0.0.1 and leave identity.public_url out",
        )
