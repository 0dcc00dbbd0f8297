"""Questions over published data, through everything but HTTP."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.answers.results import Result
from gateway.audit.verify import verify_log
from gateway.deployment import Deployment
from gateway.founding import make_deployment
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing
from gateway.local import LocalGateway
from gateway.opening import checkpoint_path
from gateway.settings import load_settings
from policies.load import load_policies
from query.answers import Estimate

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.unwatched  # what it runs must be shown without these data too
SAMPLES = Path(os.environ.get("GATEWAY_SAMPLE_DATA", ROOT.parent / "shared" / "data"))

QUESTIONS = {
    "diabetes-130us": (
        (
            "SELECT age, COUNT(*) AS stays, AVG(time_in_hospital) AS days FROM encounters "
            "GROUP BY age ORDER BY age"
        ),
        (
            "SELECT A1Cresult, 100.0 * COUNT(*) FILTER (WHERE readmitted = '<30') / COUNT(*) "
            "AS percent FROM encounters GROUP BY ALL"
        ),
    ),
    "synthea-csv": (
        (
            "SELECT p.GENDER, COUNT(DISTINCT e.PATIENT) AS n FROM encounters e JOIN patients p "
            "ON e.PATIENT = p.Id GROUP BY 1"
        ),
        (
            "SELECT ENCOUNTERCLASS, AVG(CLAMP(TOTAL_CLAIM_COST, 0, 2000)) AS cost FROM encounters "
            "GROUP BY ENCOUNTERCLASS HAVING COUNT(*) > 100"
        ),
    ),
    "synthea-network": (
        (
            "SELECT p.gender, COUNT(DISTINCT c.patient_id) AS n FROM conditions c JOIN patients p "
            "USING (patient_id) WHERE c.code = '44054006' GROUP BY p.gender"
        ),
        "SELECT AVG(CLAMP(value_num, 60, 220)) AS systolic FROM observations WHERE code = '8480-6'",
    ),
}
"""Two for each data set, as a researcher would write them."""


@contextmanager
def _asked(name: str, root: Path) -> Iterator[LocalGateway]:
    make_deployment(root / "site", name, port=0, keys=root / "keys")
    shutil.rmtree(root / "site" / "policies")
    shutil.copytree(ROOT / "policies" / "examples" / name, root / "site" / "policies")
    settings = load_settings(root / "site")
    (dataset,) = load_policies(settings.policies).datasets
    ingest_dataset(settings, dataset, SAMPLES, workers=2)
    with Deployment.open(root / "site") as deployment:
        yield LocalGateway(deployment, "sample|researcher")


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_questions_over_published_data_are_answered_and_logged(name: str, tmp_path: Path) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("no sample data; set GATEWAY_SAMPLE_DATA to its folder")
    with _asked(name, tmp_path) as researcher:
        answers = [_ask(researcher, tmp_path, sql) for sql in QUESTIONS[name]]
    settings = load_settings(tmp_path / "site")
    report = verify_log(
        settings.ledger,
        key=KeyRing.open(settings.keys).signer(settings.id).verifier,
        checkpoint=checkpoint_path(settings),
    )

    assert report.exit_code == 0
    for result in answers:
        estimates = [value for row in result.answer.rows for value in row if _is_noisy(value)]
        assert estimates
        assert result.receipt is not None


def _ask(researcher: LocalGateway, root: Path, sql: str) -> Result:
    policies = load_policies(load_settings(root / "site").policies)
    (project,) = policies.projects.values()
    return researcher.query(project.id, sql, purpose=project.spec.purposes[0], epsilon="0.5")


def _is_noisy(value: object) -> bool:
    return isinstance(value, Estimate) and value.value is not None
