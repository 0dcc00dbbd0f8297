"""Each page in both themes and two widths, and what people do on them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.asking import EDITOR, PRICE, SQL, desk, type_sql
from tests.browser.demo_site import PROJECT, Site
from tests.browser.looks import faults, overflowing, serious
from tests.browser.watching import Watch

MAX_BYTES = 300_000
READING = "/studio/readings/demo-hospital/notes/text"


def quoted(page: Page) -> None:
    desk(page)
    type_sql(page, SQL)
    expect(page.locator(PRICE)).to_contain_text("epsilon")
    for summary in page.locator("#quote summary, .table-of summary").all():
        summary.click()


def refused(page: Page) -> None:
    desk(page)
    type_sql(page, "SELECT median_of(age) FROM patients")
    expect(page.locator("#quote .problem")).to_be_visible()


def job(page: Page) -> None:
    """A question in the background, stopped in its tracks: nobody tells the page that it ended."""
    page.route("**/jobs/*?seen=*", lambda route: route.fulfill(status=204))
    for column in ("department", "reason_code", "readmission"):  # in case one is too quick
        desk(page)
        page.click("summary:has-text('More')")
        page.fill("input[name=amount]", "0.01")
        type_sql(page, f"SELECT {column}, COUNT(*) AS n FROM encounters GROUP BY {column}")
        page.click("button:has-text('Run in the background')")
        page.wait_for_url(re.compile("/(jobs|answers)/"))
        if "/jobs/" in page.url:
            break
    page.click("summary:has-text('Cancel the question')")
    expect(page.locator("button.danger")).to_be_visible()


def searches(page: Page) -> None:
    page.goto("/audit/entries?kind=query.deny&since=2026-01-01")
    page.fill("#kept input:not([type=hidden])", "Refusals-of-this-year-" + 36 * "w")
    page.click("text=Keep this search")
    expect(page.locator("#kept li a").first).to_be_visible()


def entry(page: Page) -> None:
    page.goto("/audit/entries?kind=query.release")
    page.locator("tbody a").first.click()
    expect(page.locator("[data-verdict]")).to_contain_text("Checked in this browser")
    page.locator("#proof summary").click()


def declaration(page: Page) -> None:
    page.goto("/studio")
    page.click("a:has-text('demo-diabetes-care')")
    expect(page.locator(EDITOR)).to_be_visible()


def drafted(page: Page) -> None:
    page.goto("/studio/projects/demo-diabetes-care/members")
    row = page.locator("fieldset:has(> div input[name=user])").nth(1)
    row.locator("input[name=user]").fill("demo|colleague")
    row.locator("input[name=until]").fill("2030-01-31")
    page.click("text=Show the declaration")
    expect(page.locator("#trial")).to_contain_text("demo|colleague")


def trial(page: Page) -> None:
    declaration(page)
    page.click(EDITOR)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("kind: Nothing")
    expect(page.locator("[data-problem-line]").first).to_be_visible()


def first_of(path: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(path)
        page.locator("tbody th a").first.click()
        expect(page.locator("h1")).to_be_visible()

    return go


def at(path: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(path)

    return go


PAGES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "start": ("", at("/")),
    "register": ("", at("/register")),
    "demo": ("", at("/demo")),
    "signin": ("", at("/auth/signin")),
    "session": ("researcher", at("/auth/session")),
    "step up": ("steward", at("/auth/stepup?next=/studio")),
    "desk": ("researcher", desk),
    "quote": ("researcher", quoted),
    "refusal": ("researcher", refused),
    "lost": ("researcher", at("/nothing")),
    "only sent to": ("", at(f"{PROJECT}/answers")),
    "unknown entries": ("auditor", at("/audit/entries?kind=x&actor=y")),
    "nowhere": ("researcher", at(f"{PROJECT}/answers/{'0' * 32}")),
    "job": ("researcher", job),
    "bars": ("researcher", desk),
    "line": ("researcher", desk),
    "heat": ("researcher", desk),
    "audit room": ("auditor", at("/audit")),
    "flags": ("auditor", at("/audit/flags")),
    "spending": ("auditor", at("/audit?level=researcher&since=2026-01-01")),
    "left records": ("auditor", at("/audit/releases")),
    "entries": ("auditor", at("/audit/entries")),
    "searches": ("auditor", searches),
    "entry": ("auditor", entry),
    "studio": ("steward", at("/studio")),
    "matrix": ("steward", at("/studio/datasets/demo-hospital")),
    "releases": ("steward", at("/studio/releases")),
    "release": ("steward", first_of("/studio/releases")),
    "ingests": ("steward", at("/studio/ingests")),
    "ingest": ("steward", first_of("/studio/ingests")),
    "readings": ("steward", at("/studio/readings")),
    "reading": ("steward", at(f"{READING}?text=3")),
    "new project": ("steward", at("/studio/projects/new")),
    "members": ("steward", at("/studio/projects/demo-diabetes-care/members")),
    "drafted": ("steward", drafted),
    "declaration": ("steward", declaration),
    "trial": ("steward", trial),
}
"""From what is looked at to who looks, and how it is reached."""
FAILING = {"refusal": 422, "nowhere": 404, "lost": 404, "only sent to": 405}


def looking(
    name: str, browser: Browser, site: Site, people: dict[str, dict[str, object]]
) -> BrowserContext:
    """Return a fresh browser of whoever looks at a page."""
    return browser.new_context(
        base_url=site.url,
        storage_state=people.get(PAGES[name][0]),  # type: ignore[arg-type]  # as it came
        reduced_motion="reduce",
    )


def reached(name: str, page: Page, answers: dict[str, str]) -> None:
    """Go to a page, and wait until it is there."""
    if name in answers:
        page.goto(answers[name])
        expect(page.locator("figure.chart")).to_have_count(1)
    else:
        PAGES[name][1](page)
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_works_in_both_themes_and_on_a_telephone(
    name: str,
    browser: Browser,
    site: Site,
    people: dict[str, dict[str, object]],
    answers: dict[str, str],
) -> None:
    context = looking(name, browser, site, people)
    watch = Watch.over(context)
    page = context.new_page()
    watch.weigh(page)
    reached(name, page, answers)
    watch.errors = [one for one in watch.errors if f"status of {FAILING.get(name)} " not in one]
    watch.check(page)
    assert 0 < watch.carried <= MAX_BYTES
    found = faults(page)
    context.close()

    assert found == {}, json.dumps(found, indent=1)


@pytest.mark.parametrize(
    "broken",
    ["<p style='color:red'>x</p>", "<script>alert(1)</script>", "<img src='https://x.example/'>"],
)
def test_the_watch_notices_what_a_page_may_not_do(
    browser: Browser, site: Site, broken: str
) -> None:
    context = site.context(browser)
    watch = Watch.over(context)
    page = context.new_page()

    def spoil(route: object) -> None:
        reply = route.fetch()  # type: ignore[attr-defined]  # Playwright's Route
        body = reply.text().replace("</main>", f"{broken}</main>")
        route.fulfill(response=reply, body=body)  # type: ignore[attr-defined]  # the same

    page.route("**/register", spoil)
    page.goto("/register")
    page.wait_for_load_state("networkidle")

    with pytest.raises(AssertionError):
        watch.check(page)
    assert page.evaluate("window.violations") != []
    context.close()


def test_the_looks_at_a_page_notice_faint_text_and_overflow(browser: Browser, site: Site) -> None:
    context = site.context(browser)
    page = context.new_page()
    page.goto("/register")
    assert serious(page) == {}
    page.evaluate("document.querySelector('main p').style.color = '#e8e8e8'")
    page.evaluate("document.querySelector('main').style.width = '3000px'")

    assert set(serious(page)) == {"color-contrast"}
    assert page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert overflowing(page) != []
    context.close()
