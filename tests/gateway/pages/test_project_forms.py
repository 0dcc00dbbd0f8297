"""Forms for the register of projects, over a real deployment of the starter's declarations."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.app import create_app
from gateway.deployment import Deployment
from gateway.identity.principals import AccountRole
from gateway.operations_log import operations_log
from tests.gateway.approving import Office
from tests.gateway.deployments import PROJECT, USER, make_empty
from tests.gateway.pages.signed_in import Browser

MEMBERS = f"/studio/projects/{PROJECT}/members"
NEW = "/studio/projects/new"
FORM: dict[str, Any] = {
    "id": "visits-by-sex",
    "title": "Visits by sex",
    "owner": "steward:stella",
    "effective_from": "2026-01-01",
    "expires_at": "2026-12-31",
    "dataset": "example",
    "purpose": "example research",
    "column": "patients.sex",
    "permit_kind": "ethics_board",
    "permit": "26-1",
    "epsilon": "1",
    "user": "uni|bea",
    "role": "researcher",
    "until": "2026-12-31",
}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.opened(make_empty(tmp_path))


@pytest.fixture
def steward(office: Office) -> Iterator[Browser]:
    with Deployment.open(office.site) as deployment:
        app = create_app(deployment, log=operations_log(io.StringIO()))
        browser = Browser(app.test_client(), deployment).sign_in("stella", AccountRole.STEWARD)
        browser.get("/studio")
        yield browser


def text_of(page: str) -> str:
    """What stands in the editor."""
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def test_a_new_project_comes_into_the_editor_with_what_it_would_allow(
    office: Office, steward: Browser
) -> None:
    form = steward.get(NEW).text
    before = sorted(one.name for one in office.site.rglob("*.yaml"))
    page = steward.send(NEW, **FORM)

    assert 'value="patients.sex"' in form
    assert 'value="example research"' in form
    assert "<h1><code>projects/visits-by-sex.yaml</code></h1>" in page.text
    assert "Well declared" in page.text
    assert '<span class="tag wide">widens</span>' in page.text
    assert "visits-by-sex" in text_of(page.text)
    # As anything in the editor: nothing is kept before somebody lays it into the folder.
    assert sorted(one.name for one in office.site.rglob("*.yaml")) == before


def test_what_is_wrong_in_a_form_is_said_by_the_lint(steward: Browser) -> None:
    page = steward.send(NEW, **{**FORM, "epsilon": "many", "column": "patients.shoe_size"}).text

    assert "nothing of this can be put in force" in page
    assert 'data-problem-line="' in page


def test_an_id_that_is_taken_is_refused(steward: Browser) -> None:
    refused = steward.send(NEW, **{**FORM, "id": PROJECT})

    assert refused.status_code == 400
    assert f"There is a project of the id {PROJECT} already" in refused.text
    assert "The form is not filled in as it must be" in refused.text
    assert "charged" not in refused.text
    # What was typed is still there.
    for typed in (f'name="id" value="{PROJECT}"', 'value="Visits by sex"', 'value="uni|bea"'):
        assert typed in refused.text
    for ticked in ("patients.sex", "example research"):
        assert f'value="{ticked}" checked' in refused.text
    assert 'name="releases" value="allowed" checked' not in refused.text


@pytest.mark.parametrize("project", ["", "../b", "a/b", "x" * 300, "Caps", "-a", "é"])
def test_an_id_that_can_be_none_is_told_with_its_field(steward: Browser, project: str) -> None:
    refused = steward.send(NEW, **{**FORM, "id": project})

    assert refused.status_code == 400
    assert "The field Id of the new project" in refused.text
    assert "lower-case letters, digits and hyphens" in refused.text


def test_a_file_whose_name_is_not_ascii_is_refused_with_what_to_do(steward: Browser) -> None:
    for name in ("projects/é.yaml", "projects/日.yaml"):
        refused = steward.send("/studio/download", name=name, text="a: 1\n")
        assert refused.status_code == 400
        assert "letters that are not ASCII" in refused.text


def test_members_come_and_go_through_a_form_and_the_rest_stays(
    office: Office, steward: Browser
) -> None:
    form = steward.get(MEMBERS).text
    assert f'value="{USER}"' in form
    page = steward.send(MEMBERS, user="uni|bea", role="researcher", until="2026-12-31").text
    text = text_of(page)
    kept = (office.site / "policies" / "projects" / "example.yaml").read_text(encoding="utf-8")

    assert "uni|bea" in text
    assert USER not in text
    assert "# A project: who may ask" in text
    assert "version: 2" in text
    assert '<span class="tag wide">widens</span>' in page
    assert USER in kept
    assert "uni|bea" not in kept


@pytest.mark.parametrize("text", [None, "spec: ["])
def test_a_project_whose_file_is_gone_or_broken_is_told_as_that(
    office: Office, steward: Browser, text: str | None
) -> None:
    file = office.site / "policies" / "projects" / "example.yaml"
    if text is None:
        file.unlink()
    else:
        file.write_text(text, encoding="utf-8")
    reply = steward.get(MEMBERS)

    assert reply.status_code == 404
    assert "The file that declares this project is missing, or cannot be read" in reply.text
    assert '<a href="/studio">Back to Studio</a>' in reply.text


def test_what_the_editor_holds_is_downloaded_as_it_is(steward: Browser) -> None:
    reply = steward.send("/studio/download", name="projects/a.yaml", text="a: 1\r\nb: 2\r\n")

    assert reply.data == b"a: 1\nb: 2\n"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="a.yaml"'
    assert reply.mimetype == "application/yaml"
    assert steward.send("/studio/download", name='../"x', text="").status_code == 404


@pytest.mark.parametrize("path", ["/studio/projects/none/members", f"{NEW}?dataset=none"])
def test_what_is_not_declared_has_no_form(steward: Browser, path: str) -> None:
    assert steward.get(path).status_code == 404
