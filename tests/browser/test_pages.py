"""Each page in both themes and two widths, and what people do on them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.demo_site import PROJECT, Site
from tests.browser.looks import faults, overflowing, serious
from tests.browser.watching import Watch

MAX_BYTES = 300_000
SQL = "SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex"
EDITOR = ".cm-content"
READING = "/studio/readings/demo-hospital/notes/text"
PRICE = "#quote .quote h2"


def type_sql(page: Page, sql: str) -> None:
    page.click(EDITOR)
    page.keyboard.insert_text(sql)


def desk(page: Page) -> None:
    page.goto(PROJECT)
    expect(page.locator(EDITOR)).to_be_visible()


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
FAILING = {"refusal": 422, "nowhere": 404}


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


def test_one_goes_through_notes_without_scripts_and_nothing_is_told_by_color_alone(
    browser: Browser, site: Site
) -> None:
    context = site.context(browser, "steward", script=False)
    page = context.new_page()
    page.goto("/studio")
    page.click("text=Notes before and after")
    page.click("text=On made-up notes")
    page.click("text=Next")
    expect(page.locator("nav strong.num")).to_have_text("2")
    page.click("text=Next")
    missed = page.locator("main .pair mark.missed").first

    expect(missed).to_contain_text("missed")
    expect(page.locator("main .pair mark.found").first).to_contain_text("found")
    assert missed.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
    context.close()


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


@pytest.fixture
def page(researcher: BrowserContext) -> Iterator[Page]:
    watch = Watch.over(researcher)
    opened = researcher.new_page()
    desk(opened)
    yield opened
    watch.check(opened)


def test_the_price_follows_what_is_typed(page: Page) -> None:
    expect(page.locator("#quote")).to_contain_text("What it would cost")
    type_sql(page, SQL)
    expect(page.locator(PRICE)).to_have_text("Price: epsilon 0.2")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("SELECT COUNT(*) AS everybody FROM patients")

    expect(page.locator("#quote tbody th")).to_have_text("everybody")


def test_the_slider_changes_the_price(page: Page) -> None:
    type_sql(page, SQL)
    expect(page.locator(PRICE)).to_have_text("Price: epsilon 0.2")
    before = page.locator("#quote td.num").inner_text()
    page.focus("input[type=range]")
    page.keyboard.press("End")

    expect(page.locator("output")).to_have_text("epsilon 1")
    expect(page.locator(PRICE)).to_have_text("Price: epsilon 1")
    assert page.locator("input[type=range]").get_attribute("aria-valuetext") == "epsilon 1"
    assert page.locator("#quote td.num").inner_text() != before


def test_an_accuracy_has_its_price(page: Page) -> None:
    type_sql(page, SQL)
    page.click("text=I choose the accuracy")
    page.fill("input[name=within]", "30")

    expect(page.locator("#quote td.num")).to_have_text(re.compile(r"± (30|2\d)"))


def test_tables_and_columns_are_completed(page: Page) -> None:
    page.click(EDITOR)
    page.keyboard.type("SELECT COUNT(*) FROM enc")
    options = page.locator(".cm-tooltip-autocomplete li")
    expect(options.first).to_contain_text("encounters")
    page.wait_for_timeout(100)  # CodeMirror heeds no key in the first 75 ms of a list
    page.keyboard.press("Enter")

    expect(page.locator(EDITOR)).to_contain_text("FROM encounters")


def test_a_refusal_is_marked_where_it_is(page: Page) -> None:
    type_sql(page, "SELECT COUNT(*) AS n\nFROM patients\nWHERE surname = 'X'")
    expect(page.locator("#quote .problem")).to_contain_text("Line 3, column 7")
    marked = page.locator(".cm-lintRange-error")

    expect(marked).to_have_text("surname")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(SQL)
    expect(marked).to_have_count(0)


def test_asking_shows_the_answer_and_loading_it_again_charges_nothing(page: Page) -> None:
    type_sql(page, "SELECT vital_status, COUNT(*) AS n FROM patients GROUP BY vital_status")
    page.click("button:has-text('Ask')")
    page.wait_for_url("**/answers/*")
    shown = page.locator("table.answer").inner_text()
    page.reload()
    again = page.locator("table.answer").inner_text()
    page.goto(PROJECT)
    left = page.locator(".gauge").first.inner_text()
    page.goto(PROJECT)

    assert shown == again
    assert page.locator(".gauge").first.inner_text() == left
    asked = page.locator("section", has_text="Asked before").locator(".past li")
    expect(asked.first).to_contain_text("vital_status")


def test_the_desk_is_used_with_the_keyboard_alone(page: Page) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches('{EDITOR}')"):
            break
    page.keyboard.type("SELECT payer, COUNT(*) AS n FROM patients GROUP BY payer ")
    expect(page.locator(PRICE)).to_be_visible()
    page.keyboard.press("Tab")
    assert not page.evaluate(f"document.activeElement.matches('{EDITOR}')")
    for _ in range(12):
        if page.evaluate("document.activeElement.textContent.trim() === 'Ask'"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/answers/*")

    expect(page.locator("table.answer")).to_contain_text("payer")


def test_the_first_tab_leads_past_the_header(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_a_program_is_copied(page: Page, researcher: BrowserContext) -> None:
    researcher.grant_permissions(["clipboard-read", "clipboard-write"])
    type_sql(page, SQL)
    page.click("text=The same in Python")
    page.click("#quote [data-copy]")
    expect(page.locator("#quote [data-copy]")).to_have_text("Copied")

    copied = page.evaluate("navigator.clipboard.readText()")
    assert SQL in copied
    assert compile(copied, "snippet", "exec")


def test_without_scripts_one_prices_and_asks_all_the_same(browser: Browser, site: Site) -> None:
    context = site.context(browser, "researcher", script=False)
    page = context.new_page()
    page.goto(PROJECT)
    page.fill("textarea[name=sql]", "SELECT ethnicity, COUNT(*) AS n FROM patients GROUP BY 1")
    page.click("button:has-text('Price it')")
    expect(page.locator(PRICE)).to_have_text("Price: epsilon 0.2")
    page.click("button:has-text('Ask')")
    page.wait_for_url("**/answers/*")
    expect(page.locator("table.answer")).to_contain_text("ethnicity")
    page.click("text=Change the question")
    expect(page.locator("textarea[name=sql]")).to_have_value(re.compile("ethnicity"))
    page.click("text=Sign out")

    expect(page).to_have_url(re.compile("/auth/signin"))
    context.close()


def test_a_tampered_entry_is_found_out_in_the_browser(
    browser: Browser, site: Site, people: dict[str, dict[str, object]]
) -> None:
    context = browser.new_context(base_url=site.url, storage_state=people["auditor"])  # type: ignore[arg-type]  # as it came
    page = context.new_page()

    def spoil(route: object) -> None:
        reply = route.fetch()  # type: ignore[attr-defined]  # Playwright's Route
        body = re.sub(r'data-leaf="....', 'data-leaf="AAAA', reply.text())
        route.fulfill(response=reply, body=body)  # type: ignore[attr-defined]  # the same

    page.route("**/audit/entries/3", spoil)
    page.goto("/audit/entries/3")
    expect(page.locator("[data-verdict]")).to_contain_text("NOT proved")
    page.goto("/audit/entries/4")
    expect(page.locator("[data-verdict]")).to_contain_text("Checked in this browser")
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
