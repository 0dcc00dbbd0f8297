"""T9's replay of a request: the same Idempotency-Key, many times at once, and after a restart."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from gateway.audit.events import QueryAbandoned
from gateway.deployment import Deployment
from tests.gateway.deployments import COUNTS, PROJECT
from tests.gateway.service.processes import running
from tests.gateway.service.test_killed import spent, verified
from tests.limits import PATIENCE

URL = f"/v1/projects/{PROJECT}/queries"
CLIENTS = 100
BODY = {"sql": COUNTS, "epsilon": "0.1"}


def sent(url: str, key: str, prefer: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": '"once"'}
    if prefer:
        headers["Prefer"] = prefer
    return httpx.post(f"{url}{URL}", json=BODY, headers=headers, timeout=PATIENCE)


def ended(url: str, key: str, path: str) -> httpx.Response:
    until = time.monotonic() + PATIENCE
    while True:
        reply = httpx.get(f"{url}{path}", headers={"Authorization": f"Bearer {key}"})
        if reply.json().get("ended") or time.monotonic() > until:
            return reply
        time.sleep(0.02)


def test_a_request_sent_a_hundred_times_at_once_is_one(site: Path, key: str) -> None:
    with running(site) as service, ThreadPoolExecutor(CLIENTS) as clients:
        replies = list(clients.map(lambda _: sent(service.url, key), range(CLIENTS)))
        job = sent(service.url, key, "respond-async")
    with running(site) as service:
        afterwards = sent(service.url, key)
        result = ended(service.url, key, job.headers["Location"])
    report = verified(site)

    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in (*replies, afterwards)}) == 1
    assert result.json()["state"] == "done"
    assert spent(site) == Decimal("0.1")
    assert report.is_sound, report.lines()
    assert report.charged == 1


@pytest.mark.parametrize(
    ("point", "code"),
    [
        ("before the charge", ""),
        ("in the charge", ""),
        ("after the charge", "SYS-INTERNAL"),
        ("while rows are read", "SYS-INTERNAL"),
        ("before the release", "SYS-INTERNAL"),
        ("before the head of the release", ""),
    ],
)
def test_a_request_that_a_crash_interrupted_is_never_charged_twice(
    site: Path, key: str, point: str, code: str
) -> None:
    with running(site, point) as service:
        with pytest.raises(httpx.TransportError):
            sent(service.url, key)
        service.process.join(PATIENCE)
    with running(site) as service:
        replies = [sent(service.url, key) for _ in range(3)]
    report = verified(site)

    assert {reply.status_code for reply in replies} == {500 if code else 200}
    assert len({reply.content for reply in replies}) == 1
    assert replies[0].json().get("code", "") == code
    assert spent(site) == Decimal("0.1")
    assert report.is_sound, report.lines()
    if not code:
        assert replies[0].json()["receipt"]["proof"].startswith("c2sp.org/tlog-proof")


@pytest.mark.parametrize(
    ("point", "told", "charged"),
    [
        ("before the charge", "SYS-RESTARTED", "0"),
        ("while rows are read", "SYS-INTERNAL", "0.1"),
        ("before the head of the release", None, "0.1"),
    ],
)
def test_a_job_that_a_crash_interrupted_tells_the_truth(
    site: Path, key: str, point: str, told: str | None, charged: str
) -> None:
    state = "done" if told is None else "failed"
    with running(site, point) as service:
        path = sent(service.url, key, "respond-async").headers["Location"]
        service.process.join(PATIENCE)
    with running(site) as service:
        job = ended(service.url, key, path).json()
        result = httpx.get(
            f"{service.url}{path}/result", headers={"Authorization": f"Bearer {key}"}
        )

    assert (job["state"], (job["problem"] or {}).get("code")) == (state, told)
    assert (job["charged"] or {"epsilon": "0"})["epsilon"] == charged
    assert (result.status_code == 200) is (state == "done")
    assert spent(site) == Decimal(charged)
    assert verified(site).is_sound


def test_a_cancelled_job_stops_the_engine_and_stays_charged(site: Path, key: str) -> None:
    with running(site, "slow rows") as service:
        path = sent(service.url, key, "respond-async").headers["Location"]
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            state = httpx.get(
                f"{service.url}{path}", headers={"Authorization": f"Bearer {key}"}
            ).json()["state"]
            if state == "running":
                break
            time.sleep(0.01)
        httpx.delete(f"{service.url}{path}", headers={"Authorization": f"Bearer {key}"})
        job = ended(service.url, key, path).json()
    with Deployment.open(site, paced=False) as deployment:
        events = [
            entry.event
            for index in range(20)
            for entry in deployment.entries(index)[:1]
            if isinstance(entry.event, QueryAbandoned)
        ]
    report = verified(site)

    assert state == "running"
    assert job["state"] == "cancelled"
    assert [event.reason for event in events] == ["cancelled"]
    assert spent(site) == Decimal("0.1")
    assert report.is_sound, report.lines()
    assert report.open_reserves == 0
