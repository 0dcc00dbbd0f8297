"""Made-up people of a demo, whom anybody may be with one click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Response

from gateway.identity.principals import AccountRole
from gateway.pages.site import HOMES, page_blueprint, page_reply

__all__ = ["DemoAccount", "demo_pages"]


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
