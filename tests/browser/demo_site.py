"""One demo, served by the command that a newcomer types, and asked what its pages are to show."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests.limits import PATIENCE

__all__ = ["ANSWERS", "PROJECT", "Site", "be", "serving_again", "serving_demo"]

PROJECT = "/projects/demo-diabetes-care"
ANSWERS = {
    "bars": "SELECT encounter_class, COUNT(*) AS visits FROM encounters GROUP BY encounter_class",
    "line": "SELECT age_band(age, 10) AS band, COUNT(*) AS patients FROM patients GROUP BY band",
    "heat": (
        "SELECT sex, age_band(age, 20) AS band, COUNT(*) AS patients FROM patients GROUP BY ALL"
    ),
}
"""From the chart that it gets to a question that the demo's project may ask."""
_PRICE = "0.1"
_URL = re.compile(r"Open (http://127\.0\.0\.1:\d+)/demo")


@dataclass(frozen=True)
class Site:
    """A demo that is being served.

    Attributes:
        url: Where; without a path.
    """

    url: str

    def context(self, browser: Browser, role: str = "", *, script: bool = True) -> BrowserContext:
        """Return a fresh browser, in which one of the demo's people is signed in."""
        context = browser.new_context(
            base_url=self.url, java_script_enabled=script, reduced_motion="reduce"
        )
        if role:
            be(context, role)
        return context


def be(context: BrowserContext, role: str) -> None:
    """Sign one of the demo's people in, with the click that the page offers."""
    page = context.new_page()
    page.goto("/demo")
    page.click(f"text=Be the {role}")
    page.wait_for_selector("form.person")
    page.close()


def ask(page: Page, sql: str, *, price: str = _PRICE) -> str:
    """Ask through the form, without a script; return the address of the answer."""
    page.goto(PROJECT)
    page.fill("textarea[name=sql]", sql)
    page.click("summary:has-text('More')")
    page.fill("input[name=amount]", price)
    page.click("button:has-text('Ask')")
    page.wait_for_url("**/answers/*")
    return page.url


@contextmanager
def serving_demo(folder: Path, patients: int = 150) -> Iterator[Site]:
    """Run ``gateway demo --serve`` in a process of its own, for a block."""
    command = [sys.executable, "-m", "gateway", "demo", "--serve", "--port", "0"]
    command += ["--patients", str(patients), "--folder", str(folder)]
    with _serving(command, folder) as site:
        yield site


@contextmanager
def serving_again(folder: Path) -> Iterator[Site]:
    """Serve a demo that was made before, with new keys for its people, for a block."""
    with _serving([sys.executable, "-m", "tests.browser.demo_again", str(folder)], folder) as site:
        yield site


@contextmanager
def _serving(command: list[str], folder: Path) -> Iterator[Site]:
    with (folder.parent / "demo.err").open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert process.stdout is not None
        told = (_URL.search(line) for line in process.stdout)
        url = next((found[1] for found in told if found), None)
        assert url is not None, (folder.parent / "demo.err").read_text("utf-8")
        yield Site(url)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
        assert process.stdout is not None
        process.stdout.close()
