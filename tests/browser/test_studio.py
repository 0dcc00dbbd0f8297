"""What stewards do in the studio; signing has its own tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.asking import EDITOR
from tests.browser.demo_site import Site

PROJECT_FILE = "projects/demo-diabetes-care.yaml"


@pytest.fixture
def page(opened: Callable[[str], Page]) -> Page:
    page = opened("steward")
    page.goto("/studio")
    return page


def edited(page: Page, changes: dict[str, str]) -> None:
    """Open a declaration, and write places of it otherwise."""
    page.click(f"a:has-text('{PROJECT_FILE}')")
    expect(page.locator(EDITOR)).to_be_visible()
    text = page.locator("textarea[name=text]").input_value()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    page.click(EDITOR)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_a_mistake_is_marked_at_its_line_and_told(page: Page) -> None:
    edited(page, {"  purposes:": "  purpose:"})
    expect(page.locator("#trial")).to_contain_text("KEY-UNKNOWN")
    expect(page.locator("#trial")).to_contain_text("nothing of this can be put in force")

    expect(page.locator(".cm-lint-marker-error").first).to_be_visible()


def test_words_of_the_schema_are_completed(page: Page) -> None:
    edited(page, {})
    page.keyboard.press("Control+End")
    page.keyboard.type("\nper_res")

    expect(page.locator(".cm-tooltip-autocomplete li").first).to_contain_text("per_researcher")


def test_what_a_change_widens_breaks_and_would_have_answered(page: Page) -> None:
    edited(page, {"version: 1": "version: 2", "payer, vital_status]": "payer, vital_status, race]"})
    trial = page.locator("#trial")
    expect(trial.locator(".tag.wide").first).to_have_text("widens")
    expect(trial).to_contain_text("notices it: demo|researcher")
    expect(trial.locator(".problem")).to_contain_text(re.compile(r"Tests: \d+ of \d+ are as"))
    page.click("button:has-text('Try it on the questions of 30 days')")

    expect(trial).to_contain_text(re.compile(r"Asked again: \d+ of \d+ questions would end"))
    expect(trial).to_contain_text("columns, aggregates and purposes are looked at")


def test_the_editor_gives_what_it_holds(page: Page) -> None:
    edited(page, {"version: 1": "version: 2"})
    with page.expect_download() as download:
        page.click("button:has-text('Download')")

    assert "version: 2" in Path(download.value.path()).read_text("utf-8")


def test_each_column_stands_beside_what_each_door_lets_out(page: Page) -> None:
    page.click("a:has-text('Northlake')")
    row = page.locator("table.matrix tr", has=page.locator("code:text-is('birth_date')"))

    expect(row.first).to_contain_text("direct identifier (date)")
    expect(page.locator("table.matrix thead")).to_contain_text("Questions may")
    expect(page.locator("table.matrix .tag.wide").first).to_have_text("may leave")


def test_a_project_is_declared_through_a_form(page: Page) -> None:
    page.click("text=New project")
    page.fill("label:has-text('Id, such as') input", "heart-failure-2027")
    page.fill("label:has-text('Title, for people') input", "Heart failure")
    page.fill("label:has-text('Its number or words') input", "EC 2027/4")
    page.check("label:has-text('service planning') input")
    page.check("label:has(code:text-is('sex')) input >> nth=0")
    page.fill("label:has-text('Epsilon of all members') input", "2")
    page.fill("input[name=user] >> nth=0", "demo|colleague")
    page.fill("input[name=until] >> nth=0", "2027-06-30")
    page.click("button:has-text('Show the declaration')")

    expect(page.locator("h1")).to_have_text("projects/heart-failure-2027.yaml")
    expect(page.locator("#trial")).to_contain_text("Well declared")
    expect(page.locator("#trial .tag.wide").first).to_have_text("widens")


def test_members_are_changed_through_a_form(page: Page) -> None:
    page.click("a[aria-label='Change the members of Care of people with diabetes']")
    row = page.locator("fieldset:has(> div input[name=user])").nth(1)
    row.locator("input[name=user]").fill("demo|colleague")
    row.locator("input[name=until]").fill("2030-01-31")
    page.click("text=Show the declaration")

    expect(page.locator("h1")).to_have_text(PROJECT_FILE)
    expect(page.locator("#trial")).to_contain_text("demo|colleague")


def test_the_report_of_an_ingest_is_read(page: Page) -> None:
    page.click("text=Ingests and their reports")
    page.locator("tbody th a").first.click()

    expect(page.locator("main")).to_contain_text("150 privacy units")
    expect(page.locator("main")).to_contain_text("notes withheld")


def test_the_risk_of_a_release_is_read(page: Page) -> None:
    page.click("text=What left, or waits to")
    page.locator("tbody th a").first.click()

    expect(page.locator("#figures")).to_have_text("Before and after")
    expect(page.locator("table", has_text="As it leaves").locator("tbody tr").first).to_be_visible()
    expect(page.locator("figure.chart rect.value").first).to_be_attached()


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
