from __future__ import annotations

import io
from collections.abc import Callable

import httpx
import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.audit.entries import Entry, Stamp
from gateway.audit.events import Event, QueryDenied, QueryReleased, SystemStarted
from gateway.client import Gateway
from gateway.identity.principals import AccountRole
from gateway.ledger.facts import reserved
from gateway.operations_log import operations_log
from policies.errors import PolicyDeniedError
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService
from tests.gateway.ledger.worlds import make_charge

Headers = Callable[..., dict[str, str]]
DIGEST = "sha256:" + "0" * 64
CHARGED = reserved(make_charge(principal="ana", query_id="1" * 32), "hospital")
RELEASED = QueryReleased(query_id="1" * 32, ref=3, answer=DIGEST)


def entry(seq: int, event: Event) -> Entry:
    time = "2026-11-21T12:00:00.000000Z"
    return Entry(Stamp(seq=seq, time=time, behind_ms=0, boot="0" * 32, mono=1), event)


def denied(actor: str) -> QueryDenied:
    return QueryDenied(
        actor=actor,
        named_project="heart",
        named_purpose="(unlisted)",
        named_dataset="(unknown)",
        policy=DIGEST,
        asked="2026-11-21T12:00:00.000000Z",
        request="",
        request_digest=DIGEST,
        code="PRJ-NOT-MEMBER",
        rule="member",
        at="",
    )


@pytest.fixture
def filled(service: FakeService) -> FakeService:
    charge = entry(3, CHARGED)
    service.log = {
        0: (entry(0, SystemStarted(software="gateway", sqlite="3.0.0")),),
        3: (charge,),
        4: (entry(4, RELEASED), charge),
        5: (entry(5, denied("ana")),),
    }
    return service


@pytest.mark.usefixtures("filled")
def test_an_auditors_key_for_some_projects_gets_no_receipt_of_others(
    http: FlaskClient, key_of: Headers
) -> None:
    of_all = http.get("/v1/receipts/3", headers=key_of("eve", role=AccountRole.AUDITOR))
    headers = key_of("eve", projects=("heart",), role=AccountRole.AUDITOR)

    assert of_all.status_code == 200
    assert http.get("/v1/receipts/3", headers=headers).status_code == 404


@pytest.mark.parametrize("index", [3, 4, 5])
def test_the_receipt_of_ones_own_request_is_given(
    filled: FakeService, http: FlaskClient, key_of: Headers, index: int
) -> None:
    mine = http.get(f"/v1/receipts/{index}", headers=key_of())
    others = http.get(f"/v1/receipts/{index}", headers=key_of("bob"))
    unknown = http.get("/v1/receipts/77", headers=key_of("bob"))

    assert (mine.status_code, mine.text) == (200, f"receipt {index}")
    assert mine.content_type == "text/plain; charset=utf-8"
    assert others.status_code == 404
    assert others.json == unknown.json
    assert filled.asked == []


def test_a_key_of_another_project_does_not_open_it(
    filled: FakeService, http: FlaskClient, key_of: Headers
) -> None:
    del filled
    reply = http.get("/v1/receipts/4", headers=key_of("ana", ("lungs",)))

    assert reply.status_code == 404


def test_an_auditor_has_all_and_a_researcher_none_that_names_nobody(
    filled: FakeService, http: FlaskClient, key_of: Headers
) -> None:
    key = filled.accounts.create("eva", expires=FAR_DAY, role=AccountRole.AUDITOR)
    auditor = {"Authorization": f"Bearer {key.text}"}
    given = [http.get(f"/v1/receipts/{index}", headers=auditor).status_code for index in range(6)]

    assert given == [200, 404, 404, 200, 200, 200]
    assert http.get("/v1/receipts/0", headers=key_of()).status_code == 404
    assert http.get("/v1/receipts/0").status_code == 401


@pytest.mark.parametrize("index", ["-1", "07", "1.5", "x", "9" * 17, "%EF%BC%91"])
def test_what_is_no_number_is_not_found(http: FlaskClient, key_of: Headers, index: str) -> None:
    assert http.get(f"/v1/receipts/{index}", headers=key_of()).status_code == 404


def test_a_refusal_carries_its_receipt_to_the_client(
    service: FakeService, http: FlaskClient, key_of: Headers
) -> None:
    error = PolicyDeniedError("not a member", rule="member", code="PRJ-NOT-MEMBER")
    error.entry, error.proof = 12, "c2sp.org/tlog-proof@v1"
    service.fails_with = error
    reply = http.post(
        "/v1/projects/heart/queries",
        headers=key_of(),
        json={"sql": "SELECT COUNT(*) AS n FROM patients"},
    )

    assert reply.json is not None
    assert reply.json["receipt"] == {"index": 12, "proof": "c2sp.org/tlog-proof@v1"}


def test_the_client_fetches_a_receipt(filled: FakeService) -> None:
    app = create_app(filled, log=operations_log(io.StringIO()))
    key = filled.accounts.create("ana", expires=FAR_DAY)
    with Gateway("http://localhost", key.text, transport=httpx.WSGITransport(app)) as gateway:
        assert gateway.receipt(4) == "receipt 4"
        assert gateway.growth(3) == "old 3"


def test_hashes_are_for_every_key_and_entries_for_auditors(
    service: FakeService, http: FlaskClient, key_of: Headers
) -> None:
    key = service.accounts.create("eva", expires=FAR_DAY, role=AccountRole.AUDITOR)
    auditor = {"Authorization": f"Bearer {key.text}"}
    paths = ("0/000", "1/000.p/1", "entries/001.p/44", "0/001", "0/000.p/999", "x/../0/000")
    of_auditor = [http.get(f"/v1/log/tile/{path}", headers=auditor) for path in paths]
    of_researcher = [http.get(f"/v1/log/tile/{path}", headers=key_of()) for path in paths]

    assert [reply.status_code for reply in of_auditor] == [200, 200, 200, 404, 404, 404]
    assert [reply.status_code for reply in of_researcher] == [200, 200, 404, 404, 404, 404]
    assert of_auditor[2].data == b"tile/entries/001.p/44"
    assert of_auditor[0].content_type == "application/octet-stream"


def test_a_proof_of_growth_is_for_every_key(http: FlaskClient, key_of: Headers) -> None:
    addresses = ("?old=2", "?old=4", "?old=02", "?old=-1", "", "?old=9" + "9" * 16)
    replies = [http.get(f"/v1/log/proof{one}", headers=key_of()) for one in addresses]

    assert [reply.status_code for reply in replies] == [200, 404, 404, 404, 404, 404]
    assert replies[0].text == "old 2"
    assert http.get("/v1/log/proof?old=2").status_code == 401
