"""What researchers do at the desk, at a desk by day and on a telephone at night."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.ipc
import pyarrow.parquet
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.asking import EDITOR, PRICE, SQL, desk, type_sql
from tests.browser.demo_site import PROJECT, Site

INTERVAL = re.compile(r"\d to \d")


@pytest.fixture
def page(opened: Callable[[str], Page]) -> Page:
    page = opened("researcher")
    desk(page)
    return page


def taken(page: Page, words: str) -> bytes:
    """Click something that gives a file; return what is in it."""
    with page.expect_download() as download:
        page.locator("main a", has_text=re.compile(f"^{words}$")).first.click()
    return Path(download.value.path()).read_bytes()


def test_the_catalog_tells_what_each_column_is_for(page: Page) -> None:
    page.click("summary:has-text('encounters')")
    table = page.locator("details.table-of[open]")
    column = table.locator("dt:has(code:text-is('encounter_class')) + dd")

    expect(column.locator(".use")).to_contain_text(["filter", "group"])
    expect(column).to_contain_text("emergency")
    expect(table.locator("dt:has(code:text-is('patient_id'))")).to_contain_text("privacy unit")
    codes = table.locator("dt:has(code:text-is('reason_code')) + dd")
    codes.locator("summary", has_text="88 values").click()
    expect(codes.locator("details")).to_contain_text("Z34.90")
    page.click("summary:has-text('observations')")
    value = page.locator("details.table-of[open] dt:has(code:text-is('value')) + dd")
    expect(value).to_contain_text(INTERVAL)
    expect(value.locator(".use", has_text="mean")).to_be_visible()


def test_columns_are_completed_before_their_table_is_named(page: Page) -> None:
    page.click(EDITOR)
    page.keyboard.type("SELECT enc")
    offered = page.locator(".cm-tooltip-autocomplete li")

    expect(offered.filter(has_text="encounter_class")).to_contain_text("encounters")
    expect(offered.filter(has_text=re.compile("^encounters$"))).to_have_count(1)
    expect(page.locator(".cm-completionIcon")).to_have_count(0)
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT c.cod FROM conditions c")
    for _ in range(len(" FROM conditions c")):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Space")
    expect(offered.filter(has_text=re.compile("^code"))).to_have_count(1)


def test_an_answer_is_a_table_and_a_chart_that_say_what_is_withheld(page: Page) -> None:
    type_sql(
        page,
        "SELECT payer, age_band(age, 5) AS band, AVG(CLAMP(age, 0, 100)) AS mean_age"
        " FROM patients GROUP BY 1, 2",
    )
    page.click("button:has-text('Ask')")
    page.wait_for_url("**/answers/*")

    expect(page.locator("table.heat td[class^=tint]").first).to_have_attribute("title", INTERVAL)
    expect(page.locator("table.heat td.withheld").first).to_have_text("withheld")
    expect(page.locator("table.answer td.withheld").first).to_have_text("withheld")
    expect(page.locator("table.answer td.muted").first).to_have_text(INTERVAL)


def test_an_answer_is_taken_along_in_four_forms_with_its_receipt(
    page: Page, answers: dict[str, str]
) -> None:
    page.goto(answers["bars"])
    shown = page.locator("table.answer tbody tr").count()
    lines = list(csv.DictReader(io.StringIO(taken(page, "csv").decode())))
    columns = ["encounter_class", "visits"]

    assert len(lines) == shown
    assert set(columns) <= set(lines[0])
    assert pyarrow.parquet.read_table(io.BytesIO(taken(page, "parquet"))).num_rows == shown
    assert pyarrow.ipc.open_stream(taken(page, "arrow")).read_all().num_rows == shown
    assert len(json.loads(taken(page, "json"))["rows"]) == shown
    assert taken(page, "Receipt").startswith(b"c2sp.org/tlog-proof@v1\n")


def test_questions_are_tried_on_made_up_tables(page: Page) -> None:
    with zipfile.ZipFile(io.BytesIO(taken(page, "Practice data"))) as tables:
        assert "patients.csv" in tables.namelist()


def test_the_same_question_costs_nothing_the_second_time(page: Page) -> None:
    sql = "SELECT sex, vital_status, COUNT(*) AS n FROM patients GROUP BY ALL"
    type_sql(page, sql)
    page.click("button:has-text('Ask')")
    page.wait_for_url("**/answers/*")
    first = page.locator("table.answer").inner_text()
    desk(page)
    left = page.locator(".gauge").all_inner_texts()
    type_sql(page, sql)
    expect(page.locator(PRICE)).to_have_text("Price: nothing")
    page.click("button:has-text('Ask')")
    page.wait_for_url("**/answers/*")

    assert page.locator("table.answer").inner_text() == first
    desk(page)
    assert page.locator(".gauge").all_inner_texts() == left


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
    page.fill("input[name=within]", "30")  # which also chooses it
    expect(page.locator("#quote td.num")).to_have_text(re.compile(r"± (30|2\d)"))
    page.focus("input[type=range]")
    page.keyboard.press("End")

    expect(page.locator(PRICE)).to_have_text("Price: epsilon 1")


def test_of_slider_and_exact_price_what_was_set_last_is_shown_and_asked(page: Page) -> None:
    type_sql(page, SQL)
    page.click("summary:text-is('More')")
    page.fill("input[name=amount]", "0.1")
    expect(page.locator("output")).to_have_text("epsilon 0.1")
    expect(page.locator(PRICE)).to_have_text("Price: epsilon 0.1")
    page.focus("input[type=range]")
    page.keyboard.press("End")

    expect(page.locator("input[name=amount]")).to_have_value("")
    expect(page.locator("output")).to_have_text("epsilon 1")
    expect(page.locator(PRICE)).to_have_text("Price: epsilon 1")


def test_moving_the_slider_takes_back_a_typed_accuracy(page: Page) -> None:
    type_sql(page, SQL)
    page.fill("input[name=within]", "30")
    page.focus("input[type=range]")
    page.keyboard.press("End")

    expect(page.locator("input[name=within]")).to_have_value("")
    expect(page.locator(PRICE)).to_have_text("Price: epsilon 1")


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
    expect(asked.filter(has_text="vital_status, COUNT").first).to_be_visible()


def test_on_the_way_back_from_an_answer_the_question_is_there_again(page: Page) -> None:
    sql = "SELECT vital_status, sex, COUNT(*) AS n\nFROM patients GROUP BY 1, 2"
    type_sql(page, sql)
    page.click("summary:text-is('More')")
    page.fill("input[name=amount]", "0.3")
    page.click("button:has-text('Ask')")
    page.wait_for_url("**/answers/*")
    page.go_back()
    expect(page.locator(EDITOR)).to_contain_text("vital_status, sex")
    expect(page.locator("output")).to_have_text("epsilon 0.3")
    expect(page.locator("#quote")).to_contain_text("charges nothing")

    assert page.input_value("textarea[name=sql]").splitlines() == sql.splitlines()
    assert page.input_value("input[name=amount]") == "0.3"
    page.click("button:has-text('Ask')")  # its form is that of the new page
    page.wait_for_url("**/answers/*")
    page.goto(PROJECT)
    assert page.input_value("textarea[name=sql]") == ""


def test_nobody_finds_the_question_of_who_was_signed_in_before(page: Page) -> None:
    type_sql(page, "SELECT vital_status, COUNT(*) AS n FROM patients GROUP BY 1")
    expect(page.locator(PRICE)).to_be_visible()
    assert page.evaluate("history.state.whose") == page.locator(".who").inner_text().split()[0]
    page.evaluate("history.replaceState({ ...history.state, whose: 'somebody.else' }, '')")
    page.click("nav >> text=Register")
    page.go_back()
    expect(page.locator(EDITOR)).to_be_visible()

    assert page.input_value("textarea[name=sql]") == ""


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


def test_a_program_is_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    type_sql(page, SQL)
    page.click("text=The same in Python")
    page.click("#quote [data-copy]")
    expect(page.locator("#quote [data-copy]")).to_have_text("Copied")

    copied = page.evaluate("navigator.clipboard.readText()")
    assert SQL in copied
    assert compile(copied, "snippet", "exec")


def test_nothing_of_a_text_is_under_the_button_that_copies_it(page: Page) -> None:
    page.goto("/register")
    expect(page.locator("[data-copy]").first).to_be_visible()
    under = page.evaluate(
        """() => {
          const button = document.querySelector("[data-copy]").getBoundingClientRect();
          const text = document.createRange();
          text.selectNodeContents(document.querySelector("pre code"));
          return [...text.getClientRects()].filter((one) => one.width && one.right > button.left
            && one.left < button.right && one.top < button.bottom
            && one.bottom > button.top).length;
        }"""
    )

    assert under == 0


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
