"""``gateway serve`` as an operator starts it, asked as programs do."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openapi_spec_validator import validate

from gateway.deployment import Deployment
from gateway.identity.principals import AccountRole
from tests.gateway.conftest import FAR_DAY
from tests.gateway.deployments import COUNTS, PROJECT
from tests.limits import PATIENCE

NOTE = "Mrs. Kanarin Zebedee was seen on 03/04/1951."
COLUMNS = ["sex", "n", "n__standard_error", "n__lower", "n__upper"]


@dataclass
class Served:
    """A process that serves."""

    process: subprocess.Popen[str]
    url: str
    metrics: str
    key: str
    steward: str

    def ask(self, accept: str) -> httpx.Response:
        return httpx.post(
            f"{self.url}/v1/projects/{PROJECT}/queries",
            json={"sql": COUNTS, "epsilon": "0.1"},
            headers={"Authorization": f"Bearer {self.key}", "Accept": accept},
            trust_env=False,
        )


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def served(site: Path, key: str) -> Iterator[Served]:
    port = free_port()
    settings = site / "gateway.toml"
    more = f"\n[http]\nmetrics_port = {port}\nhsts_seconds = 60\n[presidio]\nenabled = true\n"
    settings.write_text(settings.read_text() + more, encoding="utf-8")
    with Deployment.open(site) as deployment:
        steward = deployment.accounts.create("sam", expires=FAR_DAY, role=AccountRole.STEWARD).text
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "serve", str(site)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    yield Served(process, url, f"http://127.0.0.1:{port}/metrics", key, steward)
    process.kill()
    process.communicate()


def test_a_service_is_described_watched_asked_and_stopped(served: Served) -> None:
    auth = {"Authorization": f"Bearer {served.key}"}
    document = httpx.get(f"{served.url}/v1/openapi.json", headers=auth, trust_env=False)
    answer = served.ask("application/json")
    csv = pd.read_csv(io.BytesIO(served.ask("text/csv").content))
    stream = pa.ipc.open_stream(served.ask("application/vnd.apache.arrow.stream").content)
    arrow = stream.read_pandas()
    parquet = pq.read_table(io.BytesIO(served.ask("application/vnd.apache.parquet").content))
    refused = served.ask("text/html")
    texts = httpx.post(
        f"{served.url}/presidio/analyze",
        json={"text": NOTE, "language": "en"},
        headers={"Authorization": f"Bearer {served.steward}"},
        trust_env=False,
    )
    scraped = httpx.get(served.metrics, trust_env=False).text
    served.process.send_signal(signal.SIGTERM)
    _, log = served.process.communicate(timeout=PATIENCE)

    validate(document.json())
    assert "/presidio/analyze" in document.json()["paths"]
    assert document.headers["Strict-Transport-Security"] == "max-age=60; includeSubDomains"
    assert answer.json()["rows"][0][1]["standard_error"] > 0
    assert list(csv.columns) == list(arrow.columns) == parquet.column_names == COLUMNS
    for table in (csv, arrow, parquet.to_pandas()):
        assert (table["n__lower"] < table["n"]).all()
        assert (table["n"] < table["n__upper"]).all()
        assert (table["n__standard_error"] > 0).all()
        assert table["n"].tolist() == [row[1]["value"] for row in answer.json()["rows"]]
    assert refused.status_code == 406
    assert {one["entity_type"] for one in texts.json()} == {"PERSON", "DATE_TIME"}
    assert 'gateway_requests_total{route="/presidio/analyze",status="200"} 1.0' in scraped
    assert 'gateway_refusals_total{family="REQ"} 1.0' in scraped
    assert served.process.returncode == 0
    assert "Kanarin" not in log + scraped
    assert {json.loads(line)["event"] for line in log.splitlines()} == {
        *("request", "serving", "stopped"),
    }
