"""Stewards sign a change, put it in force and stop a project; their keys stay in the browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from playwright.sync_api import Browser, Page, Request, expect

from gateway.identity.principals import AccountRole
from tests.browser.looks import faults
from tests.browser.office_site import OfficeSite, serving_office
from tests.browser.watching import Watch


@pytest.fixture
def site(browser: Browser, tmp_path: Path) -> Iterator[OfficeSite]:
    del browser  # without one there is nothing to serve
    with serving_office(tmp_path) as served:
        yield served


@pytest.fixture
def page(browser: Browser, site: OfficeSite, look: dict[str, Any]) -> Iterator[Page]:
    """A steward's, on which nothing may go wrong."""
    context = browser.new_context(base_url=site.url, **look)
    watch, page = Watch.over(context), context.new_page()
    site.sign_in(page, AccountRole.STEWARD)
    yield page
    watch.check(page)
    context.close()


def test_two_sign_a_change_in_the_browser_and_put_it_in_force(site: OfficeSite, page: Page) -> None:
    site.change()
    page.goto("/studio")
    expect(page.locator("#change")).to_have_text("A change is waiting")
    for person in ("bea", "cid"):
        site.sign(page, person)
        expect(page.locator("li", has_text=re.compile(f"^{person} "))).to_be_visible()
    assert faults(page) == {}
    page.click("button:has-text('Put in force')")

    expect(page.locator("#change")).to_have_text("The folder of declarations is in force")


def test_one_signature_stops_a_project_and_its_key_does_not_leave_the_browser(
    site: OfficeSite, page: Page
) -> None:
    sent: list[bytes] = []

    def note(request: Request) -> None:
        sent.append(request.post_data_buffer or b"")

    page.on("request", note)
    site.stop(page)
    assert faults(page) == {}
    site.sign(page, "dan")
    expect(page.locator("tbody .tag")).to_have_text("suspended")
    assert faults(page) == {}

    lines = site.office.key("dan").read_bytes().splitlines()
    secret = [line[:20] for line in lines if not line.startswith(b"-")]
    assert any(b"signature=" in one for one in sent)
    assert not [one for one in sent if any(part in one for part in secret)]


def test_a_file_that_is_no_key_is_told_and_sends_nothing(
    site: OfficeSite, page: Page, tmp_path: Path
) -> None:
    site.stop(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    (tmp_path / "not.pem").write_text("-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----\n")
    page.set_input_files("[data-key-file]", tmp_path / "not.pem")

    expect(page.locator("[data-status]")).to_contain_text("holds no Ed25519 key")
    assert faults(page) == {}
    assert sent == []


def test_a_key_with_a_passphrase_is_sent_to_the_command_that_asks_for_it(
    site: OfficeSite, page: Page, tmp_path: Path
) -> None:
    site.stop(page)
    sealed = BestAvailableEncryption(b"only a test")
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed)
    (tmp_path / "sealed.pem").write_bytes(key)
    page.set_input_files("[data-key-file]", tmp_path / "sealed.pem")

    expect(page.locator("[data-status]")).to_have_text(
        "This key has a passphrase: use the command below, which asks for it."
    )


def test_an_administrator_ends_a_session(browser: Browser, site: OfficeSite, page: Page) -> None:
    context = browser.new_context(base_url=site.url, reduced_motion="reduce")
    watch, other = Watch.over(context), context.new_page()
    site.sign_in(other, AccountRole.ADMINISTRATOR)
    other.goto("/auth/sessions")
    assert faults(other) == {}
    row = other.locator("tr", has_text="steward")
    row.locator("button").click()
    expect(row).to_have_count(0)
    watch.check(other)
    context.close()

    page.goto("/studio")
    expect(page).to_have_url(re.compile("/auth/signin"))
