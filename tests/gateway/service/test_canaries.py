"""Marked values of patients, and of what researchers type, are nowhere but where they belong."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.cli import main
from gateway.deployment import Deployment
from gateway.identity.principals import AccountRole
from gateway.intake import ingest_dataset
from gateway.metrics import Metrics
from gateway.operations_log import operations_log
from gateway.settings import load_settings
from query.engines.duckdb import DuckDbEngine
from tests.gateway.conftest import FAR_DAY
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_empty

PATIENTS = 60
NAME, BORN, KEY, VISIT = "Kanarin", "1931-07-19", "KANARIPAT", "KANARIVISIT"
TYPED = "KANARITYPED"
STORED = "kanarikind"
CANARIES = (NAME, BORN, KEY, VISIT, TYPED, STORED)
VENDOR = f"Conversion Error: Could not convert string '{NAME} {KEY}7' to INT32"


def make_marked_sources(folder: Path) -> Path:
    folder.mkdir()
    with (folder / "patients.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["patient_id", "name", "birth_date", "sex"])
        for number in range(PATIENTS):
            writer.writerow([f"{KEY}{number}", f"{NAME} {number}", BORN, "FM"[number % 2]])
    with (folder / "visits.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["visit_id", "patient_id", "kind"])
        for number in range(PATIENTS):
            writer.writerow([f"{VISIT}{number}", f"{KEY}{number}", STORED])
    return folder


@dataclass
class Marked:
    """A service over such tables, and everything that it said."""

    site: Path
    http: FlaskClient
    headers: dict[str, str]
    auditor: dict[str, str]
    log: io.StringIO
    said: list[str]
    metrics: Metrics

    def ask(self, sql: str, **fields: Any) -> int:  # noqa: ANN401  JSON
        body = {"sql": sql, **fields}
        for address in ("queries:price", "queries:explain", "queries"):
            self.send("POST", f"/v1/projects/{PROJECT}/{address}", json=body)
        return self.status

    def send(self, method: str, path: str, **given: Any) -> None:  # noqa: ANN401  Flask's
        headers = given.pop("headers", self.headers)
        reply = self.http.open(path, method=method, headers=headers, **given)
        self.status = reply.status_code
        self.said.append(opened(reply.get_data()) + str(reply.headers))

    status: int = 0


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[Marked]:
    site = make_empty(tmp_path)
    ingest_dataset(load_settings(site), "example", make_marked_sources(tmp_path / "sources"))
    log = io.StringIO()
    with Deployment.open(site, paced=False) as deployment:
        metrics = Metrics(0)
        app = create_app(deployment, log=operations_log(log), metrics=metrics)
        keys = [
            deployment.accounts.create(USER, expires=FAR_DAY),
            deployment.accounts.create("eva", expires=FAR_DAY, role=AccountRole.AUDITOR),
        ]
        mine, auditor = ({"Authorization": f"Bearer {key.text}"} for key in keys)
        yield Marked(site, app.test_client(), mine, auditor, log, [], metrics)


def use_everything(marked: Marked, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ask what is answered, what is refused, and what fails; return the statuses."""
    visits = "SELECT kind, COUNT(*) AS n FROM visits GROUP BY kind"
    statuses = [
        marked.ask(COUNTS, epsilon="0.1"),
        marked.ask(COUNTS, epsilon="0.1"),
        marked.ask(visits, epsilon="0.1"),
        marked.ask("SELECT AVG(age) AS mean FROM patients", epsilon="0.1"),
        marked.ask(f"SELECT COUNT(*) AS n FROM visits WHERE kind = '{TYPED}'", epsilon="0.1"),
        marked.ask(f"SELECT name FROM patients WHERE name = '{TYPED}'"),
        marked.ask(f"SELECT COUNT(*) AS n FROM patients WHERE patient_id = '{TYPED}'"),
        marked.ask(f"SELEC '{TYPED}'"),
        marked.ask(f"SELECT COUNT(*) AS n FROM patients -- {TYPED}", epsilon="0.1"),
    ]
    wrong: tuple[dict[str, Any], ...] = (
        {"purpose": TYPED},
        {"dataset": TYPED},
        {"epsilon": TYPED},
        {TYPED: 1},
    )
    statuses += [marked.ask(COUNTS, **fields) for fields in wrong]
    marked.send("POST", f"/v1/projects/{TYPED}/queries", json={"sql": COUNTS})
    marked.send("POST", f"/v1/projects/{PROJECT}/queries", data=f'{{"sql": "{TYPED}')
    marked.send("GET", f"/v1/{TYPED}")
    marked.send("GET", f"/v1/receipts/{TYPED}")
    marked.send("GET", f"/v1/me?{TYPED}={TYPED}")
    marked.send(TYPED, "/v1/me")

    def failing(*_: object) -> None:
        raise ValueError(VENDOR)

    with monkeypatch.context() as patched:
        patched.setattr(DuckDbEngine, "_fetch", failing)
        statuses.append(marked.ask("SELECT COUNT(*) AS n FROM patients WHERE age > 8"))
    with monkeypatch.context() as patched:
        patched.setattr("gateway.routes.queries.answer_reply", failing)
        statuses.append(marked.ask(COUNTS, epsilon="0.2"))
    for path in ("/livez", "/readyz", "/v1/me", "/v1/log/checkpoint", "/v1/openapi.json"):
        marked.send("GET", path)
    for part in ("catalog", "budget", "datasets/example/practice"):
        marked.send("GET", f"/v1/projects/{PROJECT}/{part}")
    for index in range(30):
        marked.send("GET", f"/v1/receipts/{index}", headers=marked.auditor)
    return statuses


def opened(blob: bytes) -> str:
    """What is in a file or a reply, also where an archive or base64 hides it."""
    if zipfile.is_zipfile(io.BytesIO(blob)):
        with zipfile.ZipFile(io.BytesIO(blob)) as archive:
            return "".join(opened(archive.read(name)) for name in archive.namelist())
    text = blob.decode("latin-1")
    hidden = re.findall(r"(?:[A-Za-z0-9+/]{4}){6,}", text)
    found = [base64.b64decode(one).decode("latin-1") for one in hidden]
    return text + "".join(found)


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.casefold() in text.casefold()]


def test_no_canary_is_in_replies_logs_receipts_exports_or_errors(
    marked: Marked,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    statuses = use_everything(marked, monkeypatch)
    exported: list[str] = []
    for form in ("ndjson", "csv", "fhir", "ro-crate"):
        out = tmp_path / f"log.{form}"
        project = ["--project", PROJECT] if form == "ro-crate" else []
        with pytest.raises(SystemExit):
            main(
                ["audit", "export", str(marked.site), "--format", form, "--out", str(out), *project]
            )
        exported.append(opened(out.read_bytes()))
    with pytest.raises(SystemExit):
        main(["audit", "verify", str(marked.site)])
    printed = capfd.readouterr()
    kept = [
        opened(path.read_bytes())
        for folder in (marked.site, load_settings(marked.site).keys)
        for path in folder.rglob("*")
        if path.is_file()
    ]

    assert statuses[:5] == [200] * 5
    assert {403, 422, 500} <= set(statuses)
    assert "The log is sound." in printed.out
    assert leaks(marked.log.getvalue()) == []
    assert leaks(marked.metrics.text()) == []
    assert leaks(printed.out + printed.err) == []
    assert [leaks(text) for text in exported] == [[]] * 4
    # The ledger keeps the wording of answered questions, so that others can be derived from them;
    # the log, of which the exports are, does not.
    assert [found for text in kept if (found := leaks(text))] == [[TYPED]]
    # A researcher's own words come back in the refusal of their own request, and nowhere else.
    assert {canary for text in marked.said[:-30] for canary in leaks(text)} == {TYPED}
    assert [leaks(text) for text in marked.said[-30:]] == [[]] * 30


def test_the_canaries_would_be_found(marked: Marked) -> None:
    marked.said.append(json.dumps({"detail": VENDOR}))

    assert leaks(marked.said[0]) == [NAME, KEY]
    assert leaks(opened(base64.b64encode(f"the key is {KEY}7 over here".encode()))) == [KEY]
    assert leaks(STORED.upper()) == [STORED]
