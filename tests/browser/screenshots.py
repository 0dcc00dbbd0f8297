"""Pictures of the pages for the documentation: ``python -m tests.browser.screenshots FOLDER``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from gateway.identity.principals import AccountRole
from tests.browser.chromium import ARGUMENTS, chromium_path
from tests.browser.demo_site import ANSWERS, PROJECT, Site, ask, serving_demo
from tests.browser.office_site import serving_office

SQL = """SELECT p.sex, age_band(p.age, 20) AS age, COUNT(DISTINCT c.patient_id) AS patients
FROM conditions c JOIN patients p USING (patient_id)
WHERE c.code LIKE 'E11%'
GROUP BY ALL"""
WIDTH, HEIGHT = 1120, 700
FURTHER_DOWN = {"desk": 170, "refusal": 170}
"""Pages whose point is so many pixels below."""
THEMES = ("light", "dark")
MAX_BYTES = 150_000
"""Of one picture."""


def _desk(page: Page) -> None:
    page.goto(PROJECT)
    page.click(".cm-content")
    page.keyboard.insert_text(SQL)
    page.wait_for_selector("#quote .quote")
    page.evaluate("document.activeElement.blur()")


def _refusal(page: Page) -> None:
    page.goto(PROJECT)
    page.click(".cm-content")
    page.keyboard.insert_text("SELECT zip3, COUNT(*) AS n\nFROM patients\nGROUP BY zip3")
    page.wait_for_selector("#quote .problem")
    page.evaluate("document.activeElement.blur()")


def _entry(page: Page) -> None:
    page.goto("/audit/entries?kind=query.reserve")
    page.locator("tbody a").first.click()
    page.wait_for_selector("[data-verdict].good")


def _declaration(page: Page) -> None:
    page.goto("/studio")
    page.click("a:has-text('demo-diabetes-care')")
    page.wait_for_selector(".cm-content")


def _first_of(path: str) -> Callable[[Page], object]:
    def go(page: Page) -> None:
        page.goto(path)
        page.locator("tbody th a").first.click()
        page.wait_for_selector("h1")

    return go


def _job(page: Page) -> None:
    page.route("**/jobs/*?seen=*", lambda route: route.fulfill(status=204))
    page.goto(PROJECT)
    page.click(".cm-content")
    page.keyboard.insert_text(SQL)
    page.wait_for_selector("#quote .quote")
    page.click("button:has-text('Run in the background')")
    page.click("summary:has-text('Cancel the question')")


def _members(page: Page) -> None:
    page.goto("/studio/projects/demo-diabetes-care/members")
    row = page.locator("fieldset:has(> div input[name=user])").nth(1)
    row.locator("input[name=user]").fill("demo|colleague")
    row.locator("input[name=until]").fill("2030-01-31")


def _searches(page: Page) -> None:
    for name, query in (("Refusals", "kind=query.deny"), ("Changes", "kind=policy.")):
        page.goto(f"/audit/entries?{query}")
        page.fill("#kept input:not([type=hidden])", name)
        page.click("text=Keep this search")


def _reading(page: Page) -> None:
    page.goto("/studio/readings/demo-hospital/notes/text?text=46")
    while page.locator("a:has-text('Look again')").count():  # a model may take its time
        page.wait_for_timeout(1000)
        page.click("a:has-text('Look again')")


def _at(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


PAGES: dict[str, tuple[str, Callable[[Page], object], tuple[str, ...]]] = {
    "start": ("", _at("/"), ("light",)),
    "register": ("", _at("/register"), ("light",)),
    "demo": ("", _at("/demo"), ("light",)),
    "signin": ("", _at("/auth/signin"), ("light",)),
    "session": ("researcher", _at("/auth/session"), ("light",)),
    "desk": ("researcher", _desk, THEMES),
    "refusal": ("researcher", _refusal, ("light",)),
    "job": ("researcher", _job, ("light",)),
    "spending": ("auditor", _at("/audit?level=researcher#spent"), ("light",)),
    "searches": ("auditor", _searches, ("light",)),
    "flags": ("auditor", _at("/audit/flags"), ("light",)),
    "records": ("auditor", _at("/audit/releases"), ("light",)),
    "project": ("steward", _at("/studio/projects/new"), ("light",)),
    "members": ("steward", _members, ("light",)),
    "audit": ("auditor", _at("/audit"), THEMES),
    "entry": ("auditor", _entry, ("light",)),
    "studio": ("steward", _at("/studio"), ("light",)),
    "declaration": ("steward", _declaration, ("light",)),
    "matrix": ("steward", _at("/studio/datasets/demo-hospital"), ("light",)),
    "ingests": ("steward", _at("/studio/ingests"), ("light",)),
    "releases": ("steward", _at("/studio/releases"), ("light",)),
    "readings": ("steward", _at("/studio/readings"), ("light",)),
    "ingest": ("steward", _first_of("/studio/ingests"), ("light",)),
    "release": ("steward", _first_of("/studio/releases"), ("light",)),
    "reading": ("steward", _reading, ("light",)),
}
"""From a picture's name to who looks, how the page is reached, and in which themes."""


def main(folder: Path) -> None:
    """Write all pictures, as PNG; says how large each is."""
    path = chromium_path()
    if path is None:
        sys.exit("there is no Chromium here; install it, or name one in GATEWAY_CHROMIUM")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as temporary,
        serving_demo(Path(temporary) / "kept", patients=2000) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        _signing(browser, Path(temporary), folder)
        pages = PAGES | _answers(browser, site)
        for name, (role, reach, themes) in pages.items():
            context = site.context(browser, role)
            page = context.new_page()
            below = FURTHER_DOWN.get(name, 0)
            page.set_viewport_size({"width": WIDTH, "height": HEIGHT + below // 2})
            reach(page)
            page.wait_for_load_state("networkidle")
            page.evaluate(f"scrollTo(0, {below})")
            for theme in themes:
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of the two
                _take(page, folder / f"{name}{'' if theme == 'light' else '-dark'}.png")
            context.close()
        browser.close()


def _signing(browser: Browser, temporary: Path, folder: Path) -> None:
    """Take what only a deployment shows that asks for approvals, and for administrators."""
    with serving_office(temporary) as site:
        for role in (AccountRole.STEWARD, AccountRole.ADMINISTRATOR):
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            site.sign_in(page, role)
            if role is AccountRole.STEWARD:
                site.stop(page)
                _take(page, folder / "stop.png")
                site.change()
                page.goto(f"{site.url}/studio")
                site.sign(page, "bea")
                page.wait_for_selector("li:has-text('bea ')")
                page.locator("h2:text('Signatures')").evaluate("(one) => one.scrollIntoView()")
                _take(page, folder / "change.png")
            else:
                page.goto(f"{site.url}/auth/sessions")
                _take(page, folder / "sessions.png")


def _take(page: Page, file: Path) -> None:
    size = len(page.screenshot(path=file))
    sys.stdout.write(f"{file.name}: {size:,} bytes\n")
    assert size <= MAX_BYTES, "too large for a picture of the documentation"


def _answers(
    browser: Browser, site: Site
) -> dict[str, tuple[str, Callable[[Page], object], tuple[str, ...]]]:
    context = site.context(browser, "researcher", script=False)
    page = context.new_page()
    found = {chart: ask(page, sql, price="0.3") for chart, sql in ANSWERS.items()}
    context.close()
    return {
        f"answer-{chart}": ("researcher", _at(url), THEMES if chart == "bars" else ("light",))
        for chart, url in found.items()
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/screenshots"))
