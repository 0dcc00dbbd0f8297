"""T16: what is free, such as a price, a schema or an error, depends on private rows.

Attack: read budget, catalog, quotes, refusals, probes and the log of two deployments that differ by
one patient, and look for any difference. No number of rows is public here; elsewhere it may be.

Pass: every byte is the same, but for times, keys, ids and signatures; the log has as many entries,
and no entry has a field for a fact of the rows. Exact, so there are no false alarms.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.audit.events import IngestDone
from gateway.audit.proofs import parse_proof
from gateway.deployment import Deployment
from gateway.intake import ingest_dataset
from gateway.metrics import Metrics
from gateway.operations_log import operations_log
from gateway.settings import load_settings
from tests.attacks.hospital import set_bucket
from tests.gateway.conftest import FAR_DAY
from tests.gateway.deployments import PATIENTS, PROJECT, USER, make_empty, make_sources

HOME = f"/v1/projects/{PROJECT}"
STEP_MS = 16_000
"""Longer than a busy machine takes: whether time tells of rows is for other tests to see."""
READS = [
    *("/livez", "/readyz", "/v1/me", HOME, f"{HOME}/catalog", f"{HOME}/budget"),
    *("/v1/openapi.json", f"{HOME}/datasets/example/practice", f"{HOME}?rows=1"),
    *("/v1/projects/other", "/v1/projects/other/catalog", f"{HOME}/queries/{'0' * 32}", "/nowhere"),
]
QUESTIONS = [
    {"sql": "SELECT COUNT(*) FROM patients"},
    {"sql": "SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex", "epsilon": "0.3"},
    {"sql": "SELECT kind, COUNT(*) FROM visits JOIN patients USING (patient_id) GROUP BY 1"},
    {"sql": "SELECT COUNT(*) FROM patients", "max_groups": 7},
    {"sql": "SELECT COUNT(*) FROM patients", "confirm_price": "0.3"},
    {"sql": "SELECT COUNT(*) FROM patients WHERE age = 'C12'"},
    {"sql": "SELECT COUNT(*) FROM patients WHERE sex = 7"},
    {"sql": "SELECT COUNT(*) FROM patients WHERE name = 'Canary Name299'"},
    {"sql": "SELECT name FROM patients"},
    {"sql": "SELECT * FROM patients"},
    {"sql": "SELECT patient_id, COUNT(*) FROM patients GROUP BY 1"},
    {"sql": "SELECT COUNT(*) FROM __facts"},
    {"sql": "SELECT COUNT(*) FROM duckdb_tables()"},
    {"sql": "SELECT estimated_size FROM duckdb_tables"},
    {"sql": "SELECT COUNT(*) FROM information_schema.tables"},
    {"sql": "SELECT COUNT(*) FROM pragma_storage_info('patients')"},
    {"sql": "EXPLAIN ANALYZE SELECT COUNT(*) FROM patients"},
    {"sql": "DESCRIBE patients"},
    {"sql": "SUMMARIZE patients"},
    {"sql": "SELECT COUNT(*) FROM patients WHERE rowid > 298"},
    {"sql": "SELECT approx_count_distinct(age) FROM patients"},
    {"sql": "SELECT stats(age) FROM patients"},
    {"sql": "not SQL at all"},
    {"sql": "SELECT COUNT(*) FROM patients", "purpose": "curiosity"},
    {"sql": "SELECT COUNT(*) FROM patients", "epsilon": "0.9"},
]


class Seen:
    """A deployment over HTTP, and a key of its researcher."""

    def __init__(self, folder: Path, patients: int) -> None:
        folder.mkdir()
        site = make_empty(folder)
        sources = make_sources(folder / "sources")
        keep(sources, patients)
        ingest_dataset(load_settings(site), "example", sources)
        set_bucket(site, 0)
        self.log = io.StringIO()
        self.deployment = Deployment.open(site)
        self.metrics = Metrics(STEP_MS)
        app = create_app(self.deployment, log=operations_log(self.log), metrics=self.metrics)
        self.http: FlaskClient = app.test_client()
        key = self.deployment.accounts.create(USER, expires=FAR_DAY)
        self.headers = {"Authorization": f"Bearer {key.text}"}

    def get(self, url: str) -> tuple[object, ...]:
        return told(self.http.get(url, headers=self.headers))

    def post(self, url: str, body: object) -> tuple[object, ...]:
        return told(self.http.post(url, json=body, headers=self.headers))


def keep(sources: Path, patients: int) -> None:
    """Drop the last patients, with all their rows."""
    for name in ("patients.csv", "visits.csv"):
        with (sources / name).open(newline="", encoding="utf-8") as source:
            header, *rows = csv.reader(source)
        place = header.index("patient_id")
        kept = [row for row in rows if int(row[place].removeprefix("P")) < patients]
        with (sources / name).open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([header, *kept])


def told(reply: TestResponse) -> tuple[object, ...]:
    """Return a reply without what is random or a time: ids of keys and of incidents."""
    body = re.sub(
        r'("(?:key|incident|query_id)": ?)"[^"]*"', r'\1""', reply.get_data().decode("latin-1")
    )
    # How much of a limit is left is a function of the clock, and of the caller's own requests.
    random = {"Gateway-Query-Id", "RateLimit"}
    headers = {name: text for name, text in reply.headers.items() if name not in random}
    if reply.mimetype == "application/problem+json" and '"receipt"' in body:
        document = json.loads(body)
        document["receipt"] = proved(document["receipt"])
        body, headers["Content-Length"] = json.dumps(document), ""
    return reply.status_code, body, headers


def proved(receipt: dict[str, Any]) -> list[object]:
    """Return what a receipt proves, without times, the process that wrote it, and hashes."""
    proof = parse_proof(receipt["proof"])
    extra = json.loads(proof.extra)
    entry = json.loads(extra.pop("entry"))
    for name in ("time", "asked", "boot", "mono", "behind_ms", "salt"):
        del entry[name]
    size = proof.checkpoint.splitlines()[1]
    return [receipt["index"], proof.index, size, len(proof.hashes), entry, extra]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Seen, Seen]]:
    """All 300 patients, and one less."""
    folder = tmp_path_factory.mktemp("metadata")
    sites = Seen(folder / "whole", PATIENTS), Seen(folder / "rest", PATIENTS - 1)
    yield sites
    for site in sites:
        site.deployment.close()


@pytest.mark.parametrize("url", READS)
def test_what_can_be_read_is_the_same(pair: tuple[Seen, Seen], url: str) -> None:
    first, second = (site.get(url) for site in pair)

    assert first == second


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: str(one)[:80])
def test_a_price_or_a_refusal_is_the_same(
    pair: tuple[Seen, Seen], question: dict[str, object]
) -> None:
    first, second = (site.post(f"{HOME}/queries:price", question) for site in pair)

    assert first == second


@pytest.mark.parametrize("question", QUESTIONS[5:], ids=lambda one: str(one)[:80])
def test_a_refused_question_is_told_and_logged_the_same(
    pair: tuple[Seen, Seen], question: dict[str, object]
) -> None:
    replies = [site.post(f"{HOME}/queries", question) for site in pair]
    sizes = {site.deployment.checkpoint().splitlines()[1] for site in pair}

    assert replies[0] == replies[1]
    assert replies[0][0] != 200
    assert len(sizes) == 1


def test_an_answer_differs_in_its_noisy_numbers_only(pair: tuple[Seen, Seen]) -> None:
    shown = []
    for site in pair:
        status, body, headers = site.post(f"{HOME}/queries", QUESTIONS[2])
        document = json.loads(str(body))
        document["receipt"], document["rows"] = None, len(document["rows"])
        assert isinstance(headers, dict)
        shown.append((status, document, {**headers, "Content-Length": ""}))

    assert shown[0] == shown[1]
    assert shown[0][0] == 200
    assert pair[0].get(f"{HOME}/budget") == pair[1].get(f"{HOME}/budget")


def test_a_scrape_of_metrics_before_and_after_everything_is_the_same(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("scraped")
    scrapes: list[tuple[str, str]] = []
    for name, patients in (("whole", PATIENTS), ("rest", PATIENTS - 1)):
        site = Seen(folder / name, patients)
        before = site.metrics.text()
        for url in READS:
            site.get(url)
        for question in QUESTIONS:
            site.post(f"{HOME}/queries:price", question)
            site.post(f"{HOME}/queries", question)
        scrapes.append((before, site.metrics.text()))
        site.deployment.close()

    assert scrapes[0] == scrapes[1]
    assert scrapes[0][0] != scrapes[0][1]
    for line in scrapes[0][1].splitlines():
        assert not {str(PATIENTS), str(PATIENTS - 1)} & set(re.findall(r"[0-9]+", line))


def test_the_operators_log_holds_no_number_of_rows(pair: tuple[Seen, Seen]) -> None:
    for site in pair:
        for line in site.log.getvalue().splitlines():
            entry = json.loads(line)
            assert not {str(PATIENTS), str(PATIENTS - 1), "Canary"} & set(map(str, entry.values()))


def test_the_logs_entry_of_an_ingest_has_no_place_for_a_number_of_rows() -> None:
    assert {one.name for one in fields(IngestDone)} == {
        *("actor", "dataset", "snapshot", "policy", "sealed", "text_engine", "text_profile"),
        *("generation", "tombstones"),  # of whom the steward had erased, here or not
    }
