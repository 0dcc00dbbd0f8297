"""The researcher's desk, as one types at it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.demo_site import PROJECT

__all__ = ["EDITOR", "PRICE", "SQL", "desk", "type_sql"]

SQL = "SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex"
EDITOR = ".cm-content"
PRICE = "#quote .quote h2"


def desk(page: Page) -> None:
    """Go there, and wait for the editor."""
    page.goto(PROJECT)
    expect(page.locator(EDITOR)).to_be_visible()


def type_sql(page: Page, sql: str) -> None:
    """Put a question into the editor."""
    page.click(EDITOR)
    page.keyboard.insert_text(sql)
