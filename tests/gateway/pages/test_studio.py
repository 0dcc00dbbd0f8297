from __future__ import annotations

import base64
import html
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.app import create_app
from gateway.deployment import Deployment
from gateway.exports.reading import read_log
from gateway.governing.signing_keys import open_key
from gateway.identity.principals import AccountRole
from gateway.operations_log import operations_log
from policies.dsse import sign
from policies.signatures import PAYLOAD_TYPE, Statement, signed
from tests.gateway.approving import FILE, LITTLE, MUCH, Office
from tests.gateway.deployments import PROJECT, make_empty
from tests.gateway.pages.signed_in import Browser


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.opened(make_empty(tmp_path))


@pytest.fixture
def steward(office: Office) -> Iterator[Browser]:
    with Deployment.open(office.site) as deployment:
        app = create_app(deployment, log=operations_log(io.StringIO()))
        yield Browser(app.test_client(), deployment).sign_in("stella", AccountRole.STEWARD)


def payload(page: str) -> bytes:
    """What the page wants to be signed."""
    found = re.search(r'name="payload" value="([^"]+)"', page)
    assert found is not None
    return base64.b64decode(html.unescape(found[1]))


def signature(office: Office, page: str, person: str = "bea") -> dict[str, str]:
    """What the page's script sends once somebody has signed."""
    said = payload(page)
    value = sign(PAYLOAD_TYPE, said, open_key(office.key(person))).signatures[0].value
    sent = {"payload": said, "signature": value}
    return {name: base64.b64encode(raw).decode() for name, raw in sent.items()}


def test_the_studio_shows_what_is_in_force(steward: Browser) -> None:
    page = steward.get("/studio").text

    assert "The folder of declarations is in force" in page
    assert "Put in force" not in page
    assert FILE in page


def test_a_change_is_signed_by_two_as_a_script_does_and_put_in_force(
    office: Office, steward: Browser
) -> None:
    office.edit(LITTLE, MUCH)
    page = steward.get("/studio").text
    assert "A change is waiting" in page
    assert '<span class="tag wide">widens</span>' in page
    refused = steward.send("/studio/activation", next="/studio")
    assert (refused.status_code, "APP-MISSING" in refused.text) == (409, True)

    for person in ("bea", "cid"):
        page = steward.get("/studio").text
        kept = steward.send("/studio/signatures", script=False, **signature(office, page, person))
        assert kept.status_code == 303
        assert f"<li>{person} " in steward.get("/studio").text
    done = steward.send("/studio/activation", next="/studio")

    assert done.status_code == 303
    assert "The folder of declarations is in force" in steward.get("/studio").text
    with read_log(office.settings.ledger) as log:
        last = [json.loads(one.leaf) for one in log.entries()]
    activated = [one for one in last if one["kind"] == "policy.activate"][-1]
    assert activated["actor"] == "stella"
    assert len(activated["signers"].split()) == 2


def test_an_envelope_that_was_made_elsewhere_can_be_pasted(
    office: Office, steward: Browser
) -> None:
    office.edit(LITTLE, MUCH)
    said = json.loads(payload(steward.get("/studio").text))
    statement = Statement(
        action="activate",
        digest="sha256:" + said["subject"][0]["digest"]["sha256"],
        about=said["predicate"]["about"],
    )
    envelope = signed(statement, open_key(office.key("bea")), datetime.now(UTC)).to_bytes()
    assert steward.send("/studio/signatures", envelope=envelope.decode()).status_code == 303

    assert "<li>bea " in steward.get("/studio").text


@pytest.mark.parametrize("fields", [
    {"envelope": "{}"}, {"payload": "e30=", "signature": "e30="}, {"payload": "é"}, {},
])  # fmt: skip
def test_what_is_no_signature_is_told_and_not_kept(
    office: Office, steward: Browser, fields: dict[str, str]
) -> None:
    office.edit(LITTLE, MUCH)
    steward.get("/studio")
    reply = steward.send("/studio/signatures", script=False, **fields)

    assert reply.status_code == 409
    assert "This was not done" in reply.text
    assert "Nobody has signed this change yet." in steward.get("/studio").text


def test_a_signature_that_is_not_kept_says_why(office: Office, steward: Browser) -> None:
    office.edit(LITTLE, MUCH)
    said = payload(steward.get("/studio").text)
    unknown = sign(PAYLOAD_TYPE, said, Ed25519PrivateKey.generate()).to_bytes()
    other = sign(PAYLOAD_TYPE, said + b" ", open_key(office.key("bea"))).to_bytes()

    for pasted, told in (
        (unknown.decode(), "No key of the declarations in force made this signature."),
        (other.decode(), "What was signed is not the change that waits here."),
        ("  ", "the field for the envelope is empty."),
    ):
        refused = steward.send("/studio/signatures", envelope=pasted)
        assert (refused.status_code, told in refused.text) == (409, True)


def test_who_signed_and_does_not_count_is_marked(office: Office, steward: Browser) -> None:
    office.edit(LITTLE, MUCH)
    page = steward.get("/studio").text
    assert "needs 2 different persons who are data steward or privacy officer" in page
    for person in ("ada", "bea", "dan"):
        fields = signature(office, steward.get("/studio").text, person)
        assert steward.send("/studio/signatures", script=False, **fields).status_code == 303
    (line,) = re.findall("<ul><li>ada .*", steward.get("/studio").text)
    marked = {one[:3]: "does not count" in one for one in line.split("<li>")[1:]}

    assert marked == {"ada": True, "bea": False, "dan": True}
    assert "APP-AUTHOR" in line
    assert "APP-ROLE" in line


def test_one_person_suffices_for_what_narrows(office: Office, steward: Browser) -> None:
    office.edit(LITTLE, 'epsilon: "1"')

    assert "This change needs 1 person who is data steward" in steward.get("/studio").text


def test_a_declaration_is_tried_out_and_its_problems_have_their_places(
    office: Office, steward: Browser
) -> None:
    page = steward.get(f"/studio/file?name={FILE}").text
    text = (office.site / "policies" / FILE).read_text()
    assert html.escape(text.splitlines()[0], quote=False) in html.unescape(page)
    wrong = text.replace("  purposes:", "  purpose:").replace("\n", "\r\n")
    tried = steward.send("/studio/trial", script=True, name=FILE, text=wrong)

    assert "KEY-UNKNOWN" in tried.text
    assert 'data-problem-line="' in tried.text
    assert "<html" not in tried.text
    assert (office.site / "policies" / FILE).read_text() == text


def test_a_change_is_tried_on_the_questions_of_the_past(steward: Browser, office: Office) -> None:
    steward.get("/studio")
    text = (office.site / "policies" / FILE).read_text()
    changed = text.replace(LITTLE, MUCH).replace("version: 1", "version: 2", 1)
    tried = steward.send("/studio/trial", name=FILE, text=changed, history="1")

    assert "Asked again: 0 of 0 questions would end otherwise" in tried.text


def test_a_case_that_fails_is_named_by_its_file_among_the_declarations(steward: Browser) -> None:
    case = (
        "apiVersion: gateway.policy/v1\nkind: PolicyTest\nmetadata: {id: one}\ncases:\n"
        f"  - name: one\n    as: {{user: nobody, project: {PROJECT}}}\n"
        "    at: 2026-11-21\n    query: SELECT COUNT(*) AS n FROM patients\n"
        "    expect: {decision: allow}\n"
    )
    steward.get("/studio")
    tried = steward.send("/studio/trial", script=True, name="tests/one.yaml", text=case)

    assert "0 of 1 are as expected" in tried.text
    assert "<code>tests/one.yaml:5:" in tried.text
    assert "gateway-trial-" not in tried.text


@pytest.mark.parametrize("name", ["../gateway.toml", "/etc/hostname", "none.yaml", ""])
def test_no_other_file_is_shown_or_tried(steward: Browser, name: str) -> None:
    steward.get("/studio")
    assert steward.get(f"/studio/file?name={name}").status_code == 404
    if name != "none.yaml":
        assert steward.send("/studio/trial", name=name, text="").status_code == 404


def test_a_project_is_stopped_by_one_signature_over_what_the_page_shows(
    office: Office, steward: Browser
) -> None:
    steward.get("/studio")
    asked = {"subject": f"project/{PROJECT}", "reason": "incident"}
    page = steward.send("/studio/suspensions", script=False, **asked).text
    assert f"gateway policy suspend project/{PROJECT} . --reason-code incident --key" in page
    assert "<h2>Signature</h2>" not in page  # without scripts nothing there signs
    assert "this command signs, and stops it" in page
    assert '<span class="tag bad">suspended</span>' not in steward.get("/studio").text

    done = steward.send("/studio/suspensions", script=False, **asked, **signature(office, page))
    studio = steward.get("/studio").text
    assert done.status_code == 303
    assert '<span class="tag bad">suspended</span>' in studio
    assert f'value="project/{PROJECT}"' not in studio

    second = signature(office, page, "dan")  # of another tab, loaded before
    for fields in (asked, {**asked, **second}):
        late = steward.send("/studio/suspensions", script=False, **fields)
        assert (late.status_code, "APP-SUSPENDED" in late.text) == (409, True)
        assert "Nothing is stopped yet" not in late.text


def test_a_stop_that_a_wrong_key_signed_is_asked_for_anew(office: Office, steward: Browser) -> None:
    steward.get("/studio")
    asked = {"subject": f"project/{PROJECT}", "reason": "breach"}
    page = steward.send("/studio/suspensions", script=False, **asked).text
    forged = sign(PAYLOAD_TYPE, payload(page), Ed25519PrivateKey.generate())
    sent = {"payload": forged.payload, "signature": forged.signatures[0].value}
    fields = {name: base64.b64encode(raw).decode() for name, raw in sent.items()}
    refused = steward.send("/studio/suspensions", script=False, **asked, **fields)

    assert (refused.status_code, "APP-SIGNATURE" in refused.text) == (409, True)
    assert "let one person sign" in refused.text
    assert "gateway policy suspend" in refused.text
    assert "different persons" not in refused.text
    done = steward.send(
        "/studio/suspensions", script=False, **asked, **signature(office, refused.text)
    )
    assert done.status_code == 303
    assert '<span class="tag bad">suspended</span>' in steward.get("/studio").text


@pytest.mark.parametrize("fields", [
    {"payload": "e30=", "signature": "e30="}, {"envelope": "{}"},
])  # fmt: skip
def test_nothing_is_stopped_by_what_is_no_signature(
    steward: Browser, fields: dict[str, str]
) -> None:
    steward.get("/studio")
    subject = f"project/{PROJECT}"
    refused = steward.send(
        "/studio/suspensions", script=False, subject=subject, reason="incident", **fields
    )

    assert (refused.status_code, "This was not done" in refused.text) == (409, True)
    assert '<span class="tag bad">suspended</span>' not in steward.get("/studio").text


@pytest.mark.parametrize("fields", [
    {"subject": f"project/{PROJECT}", "reason": "boredom"},
    {"subject": "project/none", "reason": "incident"},
])  # fmt: skip
def test_what_cannot_be_stopped_is_refused_before_anybody_signs(
    steward: Browser, fields: dict[str, str]
) -> None:
    steward.get("/studio")
    refused = steward.send("/studio/suspensions", script=False, **fields)

    assert refused.status_code in {404, 409}
    assert "data-sign" not in refused.text


def test_each_column_has_a_line_at_each_door(steward: Browser) -> None:
    page = steward.get("/studio/datasets/example")

    assert page.status_code == 200
    assert page.text.count("<tr><td><code>") >= 5
    assert steward.get("/studio/datasets/none").status_code == 404
