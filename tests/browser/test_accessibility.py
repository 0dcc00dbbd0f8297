"""What somebody hears, sees at 400 %, or sees in colors of their own: beyond what axe finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.asking import SQL, desk, type_sql
from tests.browser.demo_site import PROJECT, Site
from tests.browser.looks import overflowing
from tests.browser.test_pages import (
    PAGES,
    looking,
    reached,
)
from tests.browser.tree import tree_of, unheard
from tests.limits import PATIENCE

REFLOW = 320
"""CSS pixels: 1,280 at a zoom of 400 % (WCAG 2.2, 1.4.10)."""
ZOOMED = 640
"""1,280 at 200 % (1.4.4)."""
FAINT = """() => {
  const probe = document.body.appendChild(document.createElement("i"));
  const resolved = (name) => {
    probe.style.setProperty("color", name);
    return getComputedStyle(probe).color;
  };
  const known = ["CanvasText", "Highlight", "GrayText", "LinkText"].map(resolved);
  probe.remove();
  const seen = ["text", "line", "polyline", "rect.spent", "rect.value", "circle"]
    .flatMap((one) => [...document.querySelectorAll(`main svg ${one}`)]);
  return seen.filter((one) => {
    const style = getComputedStyle(one);
    const drawn = ["line", "polyline"].includes(one.tagName) ? style.stroke : style.fill;
    return !known.includes(drawn);
  }).map((one) => one.outerHTML.slice(0, 100));
}"""
"""Parts of charts whose color is none of those that the system set."""


@pytest.fixture
def page(
    browser: Browser, site: Site, people: dict[str, dict[str, object]], look: dict[str, Any]
) -> Iterator[Page]:
    state: Any = people["researcher"]
    context = browser.new_context(base_url=site.url, storage_state=state, **look)
    page = context.new_page()
    desk(page)
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_heard_zoomed_and_seen_in_colors_of_the_system(
    name: str,
    browser: Browser,
    site: Site,
    people: dict[str, dict[str, object]],
    answers: dict[str, str],
) -> None:
    context = looking(name, browser, site, people)
    page = context.new_page()
    reached(name, page, answers)
    missed = unheard(tree_of(page))
    for width in (ZOOMED, REFLOW):
        page.set_viewport_size({"width": width, "height": 512})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            missed.append(f"at {width}: {overflowing(page)}")
    for theme in ("light", "dark"):
        page.emulate_media(forced_colors="active", color_scheme=theme)
        missed += [f"in colors of the system, {theme}: {one}" for one in page.evaluate(FAINT)]
    context.close()

    assert missed == []


def test_the_look_at_the_tree_notices_what_is_missing(browser: Browser, site: Site) -> None:
    context = site.context(browser)
    page = context.new_page()
    page.goto("/register")
    assert unheard(tree_of(page)) == []
    page.evaluate(
        """() => {
          const main = document.querySelector("main");
          main.append(document.createElement("h1"), document.createElement("button"));
          main.querySelector("h1:last-of-type").textContent = "Twice";
          main.append(document.createElement("input"));
          main.insertAdjacentHTML("beforeend", "<table><tr><td>1</td></tr></table><h4>deep</h4>");
          document.querySelector("footer").remove();
        }"""
    )
    found = " ".join(unheard(tree_of(page)))

    for told in ("2 of them", "followed by h4", "one contentinfo", "a button has", "a textbox has"):
        assert told in found
    assert "neither a caption" in found
    assert "no heads of columns" in found
    context.close()


def test_a_price_and_a_refusal_are_said_while_one_types(page: Page) -> None:
    said = page.locator("#said[role=status]")
    type_sql(page, SQL)
    expect(said).to_have_text(re.compile(r"^Price: epsilon 0\.2; n ± \d+$"))
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("SELECT surname FROM patients")

    expect(said).not_to_have_text(re.compile("Price"))
    expect(said).not_to_be_empty()
    # What is said politely is not shouted a second time.
    expect(page.locator("#quote [role=alert]")).to_have_count(0)


@pytest.mark.parametrize("button", ["Price it", "Ask", "Run in the background"])
def test_what_was_refused_has_the_focus(page: Page, button: str) -> None:
    type_sql(page, "SELECT median_of(age) FROM patients")
    expect(page.locator("#quote .problem")).to_be_visible()
    with page.expect_navigation():
        page.click(f"button:has-text('{button}')")

    expect(page.locator("#quote .problem")).to_be_visible()
    expect(page.locator("#quote")).to_be_focused()
    expect(page.locator("#quote")).to_be_in_viewport()


def test_an_answer_has_the_focus_and_the_next_tab_is_in_it(page: Page) -> None:
    type_sql(page, "SELECT payer, COUNT(*) AS n FROM patients GROUP BY payer")
    page.click("button:has-text('Ask')")
    page.wait_for_url("**/answers/*")
    expect(page.locator("h1#answer")).to_be_focused()
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_question_in_the_background_leads_to_its_answer(page: Page) -> None:
    type_sql(page, "SELECT encounter_class, COUNT(*) AS n FROM encounters GROUP BY 1 ORDER BY 1")
    page.click("button:has-text('Run in the background')")
    page.wait_for_url(re.compile("/answers/"), timeout=PATIENCE * 1000)
    expect(page.locator("table.answer")).to_contain_text("encounter_class")
    page.goto(PROJECT)

    expect(page.locator(".past li", has_text="Answered").first).to_be_visible()
