"""T9: several people split one attack, so that each stays within a budget of their own.

Attack: users of two projects over the same patients ask in parallel, race for the last of the
budget, and send the same request again. Source: DProvDB (2023), on per-user budgets.

Pass: over the running service, whatever all of them are given costs at most what the pool of the
patients allows, whoever asks, and a request that is sent twice is charged once; the log says the
same. Exact, so there are no false alarms. 200 requests race.
"""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from gateway.audit.events import QueryReserved
from gateway.deployment import Deployment
from gateway.intake import ingest_dataset
from gateway.settings import load_settings
from tests.gateway.conftest import FAR_DAY
from tests.gateway.deployments import PROJECT, USER, make_empty, make_sources
from tests.gateway.service.processes import running
from tests.gateway.service.test_killed import verified

OTHER_PROJECT = "other-project"
OTHER_USER = "researcher:colluding"
RACERS = 200
POOL, PRICE, ANSWERS = Decimal(2), Decimal("0.25"), 8


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two projects that may spend 2 each, of a pool that has 2 for both."""
    root = tmp_path_factory.mktemp("collusion")
    folder = make_empty(root)
    settings = folder / "gateway.toml"
    text = settings.read_text()
    settings.write_text(text.replace("[service]\n", "[service]\nrequests_per_key = 256\n"))
    (dataset,) = (folder / "policies" / "datasets").glob("*.yaml")
    dataset.write_text(
        dataset.read_text()
        .replace('epsilon: "10"', f'epsilon: "{POOL}"')
        .replace('per_project: "5"', f'per_project: "{POOL}"')
    )
    (project,) = (folder / "policies" / "projects").glob("*.yaml")
    other = project.read_text().replace(PROJECT, OTHER_PROJECT).replace(USER, OTHER_USER)
    project.with_name("other.yaml").write_text(other)
    ingest_dataset(load_settings(folder), "example", make_sources(root / "sources"))
    return folder


def test_two_projects_that_race_are_given_what_the_pool_has(site: Path) -> None:
    with Deployment.open(site) as deployment:
        keys = {
            project: deployment.accounts.create(user, expires=FAR_DAY).text
            for project, user in ((PROJECT, USER), (OTHER_PROJECT, OTHER_USER))
        }

    def attack(number: int) -> list[httpx.Response]:
        project = PROJECT if number % 2 else OTHER_PROJECT
        headers = {
            "Authorization": f"Bearer {keys[project]}",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        sql = f"SELECT COUNT(*) AS n FROM patients WHERE age + {number} > 0"
        url = f"{service.url}/v1/projects/{project}/queries"
        body = {"sql": sql, "epsilon": str(PRICE)}
        return [httpx.post(url, json=body, headers=headers, timeout=120) for _ in range(2)]

    with running(site) as service, ThreadPoolExecutor(RACERS) as racers:
        replies = list(racers.map(attack, range(RACERS)))
    with Deployment.open(site) as deployment:
        actors = Counter(
            entry.event.actor
            for index in range(3 * RACERS)
            for entry in deployment.entries(index)[:1]
            if isinstance(entry.event, QueryReserved)
        )
    report = verified(site)
    codes = Counter(first.json().get("code", "answered") for first, _ in replies)

    assert all(first.content == again.content for first, again in replies)
    assert codes == {"answered": ANSWERS, "BUD-POOL": RACERS - ANSWERS}
    assert sum(actors.values()) == ANSWERS
    assert report.is_sound, report.lines()
    assert (report.charged, report.open_reserves) == (ANSWERS, 0)
