"""What auditors do in their room."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.demo_site import Site, ask


@pytest.fixture
def page(opened: Callable[[str], Page]) -> Page:
    page = opened("auditor")
    page.goto("/audit")
    return page


def test_the_banner_tells_what_the_log_rests_on(page: Page) -> None:
    banner = page.locator("main > ul").first

    expect(banner).to_contain_text(re.compile(r"\d+\s*entries under the last signed head"))
    expect(banner).to_contain_text("Read as a whole and found as signed at 20")
    expect(banner).to_contain_text("No witness is required here.")


def test_spending_is_seen_over_time_with_the_changes_of_the_policy(page: Page) -> None:
    page.select_option("select[name=level]", "researcher")
    page.click("button:has-text('Show')")
    chart = page.locator("figure.chart").first

    expect(chart).to_contain_text("demo|researcher")
    expect(chart).to_contain_text("upright ones are changes of the policy")
    expect(chart.locator("svg polyline, svg path").first).to_be_attached()


def test_refusals_lead_to_their_entries_and_a_search_is_kept(page: Page) -> None:
    page.locator("section[aria-labelledby=refused] tbody a").first.click()
    expect(page.locator("form[role=search] input[name=code]")).not_to_have_value("")
    kinds = page.locator("main table tbody tr")
    expect(kinds.first).to_contain_text("query.deny")
    name = f"Refusals {page.viewport_size}"
    page.fill("#kept input:not([type=hidden])", name[:40])
    page.click("text=Keep this search")
    kept = page.locator("#kept li", has_text="Refusals")
    expect(kept).to_have_count(1)
    kept.locator("button").click()

    expect(kept).to_have_count(0)


def test_entries_are_found_by_kind_and_proved_to_the_reader(page: Page) -> None:
    page.click("text=Search all entries")
    page.fill("input[name=kind]", "query.release")
    page.click("button:has-text('Search')")
    rows = page.locator("main table tbody tr")
    for row in rows.all():
        expect(row).to_contain_text("query.release")
    rows.first.locator("a").first.click()

    expect(page.locator("[data-verdict]")).to_contain_text("Checked in this browser")
    with page.expect_download() as download:
        page.click("main a:text-is('Receipt')")
    assert Path(download.value.path()).read_bytes().startswith(b"c2sp.org/tlog-proof@v1\n")


def test_the_log_is_taken_along(page: Page) -> None:
    found: dict[str, bytes] = {}
    for form in ("ndjson", "csv", "fhir"):
        with page.expect_download() as download:
            page.click(f"text=Export {form}")
        found[form] = Path(download.value.path()).read_bytes()
    leaves = [json.loads(line) for line in found["ndjson"].splitlines()]
    rows = list(csv.DictReader(io.StringIO(found["csv"].decode())))

    assert {"query.reserve", "query.release", "policy.activate"} <= {one["kind"] for one in leaves}
    assert len(rows) >= len(leaves)
    assert b"AuditEvent" in found["fhir"]


def test_a_flag_is_settled_by_whoever_looked_into_it(browser: Browser, site: Site) -> None:
    asking = site.context(browser, "researcher", script=False)
    ask(asking.new_page(), "SELECT AVG(age) AS mean_age FROM patients", price="1")
    asking.close()
    context = site.context(browser, "auditor")  # who has just proved who they are
    page = context.new_page()
    page.goto("/audit/flags")
    before = page.locator("section.panel form").count()
    assert before
    rule = page.locator("section.panel code").first.inner_text()
    page.locator("section.panel button:has-text('Settle')").first.click()
    expect(page.locator("section.panel form")).to_have_count(before - 1)
    page.click("text=Settled ones")

    expect(page.locator("section.panel", has_text=rule).first).to_contain_text("Settled:")
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
