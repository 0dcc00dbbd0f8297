"""T5 and T6 over the running service: who goes away, and what a failure tells."""

from __future__ import annotations

import json
import socket
import time
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.client import Gateway
from tests.gateway.deployments import COUNTS, PROJECT
from tests.gateway.service.processes import running
from tests.gateway.service.test_killed import spent, verified
from tests.limits import PATIENCE

MEMBERS = {
    *("type", "title", "status", "code", "detail", "remedy", "incident"),
    *("charged", "query_id", "receipt"),
}
BODY = {"sql": COUNTS, "epsilon": "0.1"}


def half_sent(url: str, key: str) -> None:
    """Send a whole question, and be gone before its answer."""
    parts, body = urlsplit(url), json.dumps(BODY)
    head = (
        f"POST /v1/projects/{PROJECT}/queries HTTP/1.1\r\nHost: gateway\r\n"
        f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        connection.sendall(head.encode())


def failure_of_job(http: httpx.Client, url: str) -> dict[str, Any]:
    """Leave the question as a job, wait for its end, and return its problem."""
    path = http.post(url, json=BODY, headers={"Prefer": "respond-async"}).headers["Location"]
    until = time.monotonic() + PATIENCE
    while http.get(path).json()["ended"] is None and time.monotonic() < until:
        time.sleep(0.02)
    problem: dict[str, Any] = http.get(path).json()["problem"]
    return problem


def test_a_client_that_goes_away_is_charged_and_finds_its_answer(site: Path, key: str) -> None:
    with running(site) as service, Gateway(service.url, key) as gateway:
        half_sent(service.url, key)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if gateway.budget(PROJECT)["example"][0].spent.amount:
                break
            time.sleep(0.02)
        while time.monotonic() < until:
            quote = gateway.quote(PROJECT, COUNTS, epsilon="0.1")
            if not quote.loss.amount:
                break
            time.sleep(0.02)
        again = gateway.query(PROJECT, COUNTS, epsilon="0.1")
    report = verified(site)

    assert again.answer.repeated
    assert spent(site) == Decimal("0.1")
    assert report.is_sound, report.lines()
    assert (report.charged, report.open_reserves) == (1, 0)


@pytest.mark.parametrize("later", [False, True])
def test_a_failure_that_the_rows_caused_is_charged_and_says_nothing(
    site: Path, key: str, *, later: bool
) -> None:
    """The engine's own words quote a value; neither reply, job nor log of the operator does."""
    headers = {"Authorization": f"Bearer {key}"}
    url = f"/v1/projects/{PROJECT}/queries"
    with (
        running(site, "failing rows") as service,
        httpx.Client(base_url=service.url, headers=headers, timeout=PATIENCE) as http,
    ):
        told = failure_of_job(http, url) if later else http.post(url, json=BODY).json()
    kept = b"".join(path.read_bytes() for path in site.rglob("*sqlite*") if path.is_file())

    index, proof = told["receipt"]["index"], told["receipt"]["proof"]
    assert set(told) == MEMBERS
    assert (told["code"], told["status"], told["charged"]) == ("SYS-INTERNAL", 500, "0.1")
    assert told["query_id"] == told["incident"]
    assert proof.startswith("c2sp.org/tlog-proof")
    assert f"index {index}\n" in proof
    assert "forty" not in json.dumps(told)
    assert b"forty" not in kept
    assert spent(site) == Decimal("0.1")
    assert verified(site).is_sound
