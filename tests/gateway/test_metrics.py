from __future__ import annotations

import io
import re
import socket
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from gateway.app import create_app
from gateway.metrics import Metrics, metrics_served
from gateway.operations_log import operations_log
from gateway.serving_settings import HttpSettings
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService

CANARY = "canary813"
FAMILIES = {
    "gateway_requests": {"route", "status"},
    "gateway_request_seconds": {"route", "le"},
    "gateway_refusals": {"family"},
    "gateway_incidents": set(),
    "gateway_requests_under_way": set(),
    "gateway_ready": set(),
}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(250)


@pytest.fixture
def counted(service: FakeService, metrics: Metrics) -> FlaskClient:
    return create_app(service, log=operations_log(io.StringIO()), metrics=metrics).test_client()


def values(metrics: Metrics) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(text for _, text in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.text())
        for sample in family.samples
    }


def test_there_are_six_and_no_label_but_these(
    counted: FlaskClient, metrics: Metrics, key_of: Callable[..., dict[str, str]]
) -> None:
    counted.get("/v1/me", headers=key_of())
    counted.get("/v1/me")
    families = list(text_string_to_metric_families(metrics.text()))
    labels = {
        family.name: {label for sample in family.samples for label in sample.labels}
        for family in families
    }

    assert labels == FAMILIES


def test_requests_refusals_and_incidents_are_counted(
    counted: FlaskClient,
    service: FakeService,
    metrics: Metrics,
    key_of: Callable[..., dict[str, str]],
) -> None:
    headers, queries = key_of(), "/v1/projects/heart/queries"
    counted.get("/readyz")
    counted.get("/v1/me", headers=headers)
    counted.post(queries, json={}, headers=headers)
    counted.get("/nowhere", headers=headers)
    counted.get("/v1/me")
    service.fails_with = KeyError("m")
    counted.post(queries, json={"sql": "SELECT 1"}, headers=headers)
    found = values(metrics)

    assert found["gateway_requests_total", "/v1/me", "200"] == 1
    assert found["gateway_requests_total", "none", "404"] == 1
    assert found["gateway_refusals_total", "REQ"] == 2
    assert found["gateway_refusals_total", "AUTH"] == 1
    assert found["gateway_incidents_total",] == 1
    assert found["gateway_ready",] == 1
    assert found["gateway_requests_under_way",] == 0


def test_a_probe_that_finds_something_missing_is_seen(
    counted: FlaskClient, service: FakeService, metrics: Metrics
) -> None:
    service.ready = False
    counted.get("/readyz")

    assert values(metrics)["gateway_ready",] == 0


def test_how_long_a_request_took_is_told_in_steps_only(metrics: Metrics) -> None:
    for seconds in (0.0001, 0.2, 0.26, 0.9, 3.0, 1000.0):
        metrics.answered("/v1/me", 200, "", seconds)
    found = values(metrics)

    assert found["gateway_request_seconds_sum", "/v1/me"] == 0.25 * 2 + 1 * 2 + 4 + 1024
    assert found["gateway_request_seconds_bucket", "0.25", "/v1/me"] == 2
    assert found["gateway_request_seconds_bucket", "1.0", "/v1/me"] == 4
    assert found["gateway_request_seconds_bucket", "64.0", "/v1/me"] == 5


def test_where_steps_are_off_metrics_keep_theirs() -> None:
    metrics = Metrics(0)
    metrics.answered("/v1/me", 200, "", 0.1)

    assert values(metrics)["gateway_request_seconds_sum", "/v1/me"] == 0.25


def test_nothing_that_is_sent_gets_into_a_label(
    counted: FlaskClient, metrics: Metrics, key_of: Callable[..., dict[str, str]]
) -> None:
    headers = {**key_of(), "User-Agent": CANARY}
    counted.get(f"/v1/projects/{CANARY}", headers=headers)
    counted.get(f"/{CANARY}", headers=headers)
    counted.open("/v1/me", method=CANARY.upper(), headers=headers)
    counted.post("/v1/projects/heart/queries", json={"sql": CANARY}, headers=headers)
    text = metrics.text().lower()

    assert CANARY not in text
    assert "heart" not in text
    assert headers["Authorization"][10:26] not in text


def test_nothing_of_the_process_and_no_time_of_day_is_told(metrics: Metrics) -> None:
    metrics.answered("/v1/me", 200, "", 0.1)

    assert not re.search("process|python|created|memory|cpu", metrics.text())


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_they_are_served_on_a_port_of_their_own_and_nowhere_else(
    service: FakeService, metrics: Metrics, counted: FlaskClient
) -> None:
    port = free_port()
    key = service.accounts.create("ana", expires=FAR_DAY)
    url = f"http://127.0.0.1:{port}/metrics"
    with metrics_served(metrics, HttpSettings(metrics_port=port)):
        reply = httpx.get(url, trust_env=False)
    inside = counted.get("/metrics", headers={"Authorization": f"Bearer {key.text}"})

    assert "gateway_ready" in reply.text
    assert inside.status_code == 404
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_no_port_is_opened_unless_one_is_named(metrics: Metrics) -> None:
    service_settings = replace(HttpSettings())
    with metrics_served(metrics, service_settings):
        assert service_settings.metrics_port == 0
