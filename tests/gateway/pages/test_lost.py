"""Addresses that lead nowhere: people see a page, programs a problem document."""

from __future__ import annotations

import re

import pytest

from gateway.app import SECURITY_HEADERS
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService
from tests.gateway.pages.signed_in import ORIGIN, Browser

LOOKING = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
NOWHERE = ("/nothing", "/studio/nothing", "/audit/entries/x", "/projects/heart/answers/")
ONLY_SENT = ("/projects/heart/answers", "/projects/heart/quote", "/auth/signout")
OF_PROGRAMS = ("/v1/nothing", "//v1/me", "/presidio/nothing", "/metrics", "/livez/x", "/readyz/x")


@pytest.mark.parametrize(
    ("path", "status"), [*((one, 404) for one in NOWHERE), *((one, 405) for one in ONLY_SENT)]
)
def test_a_browser_is_shown_a_page(ana: Browser, path: str, status: int) -> None:
    for browser in (ana.http, ana.http.application.test_client()):
        reply = browser.get(path, headers=LOOKING)

        assert (reply.status_code, reply.mimetype) == (status, "text/html")
        assert "<h1>" in reply.text
        assert "docs/api.md" not in reply.text
        assert "nothing was charged" not in reply.text


def test_the_page_has_the_headers_of_pages(ana: Browser) -> None:
    there = ana.http.get("/projects/heart/answers/none", headers=LOOKING).headers
    lost = ana.http.get("/nothing", headers=LOOKING).headers
    nonce = re.compile(r"nonce-[\w-]+")

    for name in SECURITY_HEADERS:
        assert nonce.sub("", lost[name]) == nonce.sub("", there[name])
    assert "style-src 'self'" in lost["Content-Security-Policy"]


def test_the_page_leads_on(ana: Browser, nobody: Browser) -> None:
    lost = ana.http.get("/nothing", headers=LOOKING).text
    sent = ana.http.get("/projects/heart/answers", headers=LOOKING)

    assert '<a href="/projects">Back to Projects</a>' in lost
    assert "Sign out" in lost
    assert '<a href="/projects/heart">' in sent.text
    assert sent.headers["Allow"] == "POST"
    assert '<a href="/">Back to the start</a>' in nobody.http.get("/x", headers=LOOKING).text


def test_nothing_of_the_address_is_markup(nobody: Browser) -> None:
    reply = nobody.http.get("/<b>x</b>/&quot;?y=<script>1</script>", headers=LOOKING)

    assert reply.status_code == 404
    assert "<b>x" not in reply.text
    assert "<script>1" not in reply.text


@pytest.mark.parametrize("path", OF_PROGRAMS)
def test_addresses_of_programs_have_no_pages(nobody: Browser, path: str) -> None:
    reply = nobody.http.get("/", headers=LOOKING, environ_overrides={"PATH_INFO": path})

    assert (reply.status_code, reply.mimetype) == (401, "application/problem+json")


@pytest.mark.parametrize("accept", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}])
def test_a_program_is_told_a_problem(
    nobody: Browser, service: FakeService, accept: dict[str, str]
) -> None:
    key = {"Authorization": f"Bearer {service.accounts.create('ben', expires=FAR_DAY).text}"}
    unknown = nobody.http.get("/nothing", headers=accept)
    known = nobody.http.get("/nothing", headers={**accept, **key})
    insisting = nobody.http.get("/nothing", headers={**LOOKING, **key})

    assert (unknown.status_code, unknown.mimetype) == (401, "application/problem+json")
    for reply in (known, insisting):
        assert (reply.status_code, reply.mimetype) == (404, "application/problem+json")


def test_a_form_that_is_too_large_is_refused_with_a_page(steward: Browser) -> None:
    steward.get("/studio")
    reply = steward.http.post(
        "/studio/trial",
        data={"text": "x" * 300_000},
        headers={**LOOKING, "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"},
    )

    assert (reply.status_code, reply.mimetype) == (413, "text/html")
    assert "REQ-TOO-LARGE" in reply.text


def test_what_fails_at_a_page_unexpectedly_is_a_page_with_an_incident(
    ana: Browser, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(service), "past", None)
    reply = ana.http.get("/projects/heart", headers=LOOKING)

    assert (reply.status_code, reply.mimetype) == (500, "text/html")
    assert re.search(r"incident <code>[0-9a-f]{16}</code>", reply.text)
