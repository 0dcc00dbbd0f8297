"""The desk of a project with two datasets, whose prices are in two measures; and its end."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.app import create_app
from gateway.identity.principals import AccountRole
from gateway.operations_log import operations_log
from tests.browser.asking import EDITOR, PRICE, SQL, type_sql
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService
from tests.gateway.pages.signed_in import LoggedService
from tests.gateway.served import served


@pytest.fixture
def service(tmp_path: Path) -> FakeService:
    return LoggedService(tmp_path)


@pytest.fixture
def page(browser: Browser, service: FakeService) -> Iterator[Page]:
    key = service.accounts.create("ana", expires=FAR_DAY, role=AccountRole.RESEARCHER)
    with served(create_app(service, log=operations_log(io.StringIO()))) as url:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{url}/auth/signin?next=/projects/lungs")
        page.fill("input[name=key]", key.text)
        page.keyboard.press("Enter")
        expect(page.locator(EDITOR)).to_be_visible()
        yield page
        context.close()


def test_another_dataset_brings_its_own_slider(page: Page, service: FakeService) -> None:
    type_sql(page, SQL)
    expect(page.locator("output")).to_have_text("epsilon 0.1")
    page.select_option("select[name=dataset]", "clinic")

    expect(page.locator("output")).to_have_text("rho 0.1")
    expect(page.locator("#symbol")).to_have_text("rho")
    page.focus("input[type=range]")
    with page.expect_response("**/quote"):
        page.keyboard.press("End")
    expect(page.locator("output")).to_have_text("rho 0.5")
    expect(page.locator("input[type=range]")).to_be_focused()
    assert f"{service.asked[-1].loss}" == "0.5"
    assert service.asked[-1].access.dataset == "clinic"


def test_on_the_way_back_the_dataset_has_its_own_slider_and_step(page: Page) -> None:
    type_sql(page, SQL)
    page.select_option("select[name=dataset]", "clinic")
    expect(page.locator("output")).to_have_text("rho 0.1")
    page.focus("input[type=range]")
    with page.expect_response("**/quote"):
        page.keyboard.press("End")
    page.click("nav >> text=Register")
    page.go_back()

    expect(page.locator("output")).to_have_text("rho 0.5")
    expect(page.locator("#symbol")).to_have_text("rho")
    expect(page.locator(EDITOR)).to_have_text(SQL)
    assert page.input_value("select[name=dataset]") == "clinic"
    expect(page.locator(PRICE)).to_be_visible()


def test_an_ended_session_takes_the_old_price_away(page: Page, service: FakeService) -> None:
    type_sql(page, SQL)
    expect(page.locator(PRICE)).to_be_visible()
    service.time += timedelta(days=30)
    page.focus("input[type=range]")
    page.keyboard.press("End")

    expect(page.locator("#quote")).to_contain_text("Your session has ended")
    expect(page.locator("#said")).to_contain_text("Your session has ended")
    expect(page.locator("#said")).not_to_contain_text("Price")
    page.click("button:text-is('Ask')")
    expect(page.locator("h1")).to_have_text("Your session has ended")
    expect(page.locator("pre")).to_have_text(SQL)
