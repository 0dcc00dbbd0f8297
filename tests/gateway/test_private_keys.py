"""Group keys without a public domain through a whole deployment: files, ledger, log, catalog."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.answers.explanations import explanation_text
from gateway.audit.verify import verify_log
from gateway.bodies import parse_question, question_of
from gateway.catalog import catalog_document
from gateway.cli.rendering import quote_text
from gateway.client import QuestionOptions, question_body
from gateway.deployment import Deployment
from gateway.errors import BodyError
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing
from gateway.local import LocalGateway
from gateway.opening import cap_of, checkpoint_path
from gateway.settings import load_settings
from policies.errors import BudgetExceededError, PolicyDeniedError, SourceError
from policies.privacy import DELTA_UNITS, Measure
from query.mechanisms import rho_of
from query.practice import practice_tables
from tests.gateway.deployments import PROJECT, USER, make_empty, make_sources

COUNT = "SELECT clinic, COUNT(DISTINCT patient_id) AS n FROM visits GROUP BY clinic"
RULES = '    private_keys: allowed\n    keys_delta_per_query: "0.0000001"\n'
CLINICS = ["north"] * 200 + ["south"] * 99 + ["attic"]
PRICE: dict[Measure, QuestionOptions] = {
    Measure.PURE: {"epsilon": "0.5"},
    Measure.ZCDP: {"rho": "0.02"},
}


def declare(site: Path, measure: Measure, *, max_units: int = 1000) -> None:
    """Let the starter's visits have a clinic, whose names are not known beforehand."""
    (site / "policies" / "gateway.yaml").unlink()  # whose ceilings allow no private keys
    file = next((site / "policies" / "datasets").glob("*.yaml"))
    text = file.read_text("utf-8")
    for old, new in (
        ("name: patient}", f"name: patient, max_units: {max_units}}}"),
        (
            "        kind:\n",
            "        clinic: {role: attribute, dp: {private_keys: allowed}}\n        kind:\n",
        ),
        (
            '    default_loss: "0.1"\n',
            f'    default_loss: "0.1"\n    measure: {measure.value}\n{RULES}',
        ),
        (
            '    epsilon: "10"\n',
            '    epsilon: "10"\n    delta: "0.000001"\n    keys_delta: "0.00000015"\n',
        ),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    project = next((site / "policies" / "projects").glob("*.yaml"))
    text = project.read_text("utf-8")
    assert "visits: [kind]" in text
    project.write_text(text.replace("visits: [kind]", "visits: [kind, clinic]"), encoding="utf-8")


def sources(folder: Path) -> Path:
    make_sources(folder)
    with (folder / "visits.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["visit_id", "patient_id", "kind", "clinic"])
        for number, clinic in enumerate(CLINICS):
            writer.writerow([f"V{number}", f"P{number}", "outpatient", clinic])
    return folder


@pytest.fixture(params=list(Measure), ids=lambda one: one.value)
def measure(request: pytest.FixtureRequest) -> Measure:
    found: Measure = request.param
    return found


@pytest.fixture
def site(tmp_path: Path, measure: Measure) -> Path:
    made = make_empty(tmp_path)
    declare(made, measure)
    ingest_dataset(load_settings(made), "example", sources(tmp_path / "sources"))
    return made


@pytest.fixture
def deployment(site: Path) -> Iterator[Deployment]:
    with Deployment.open(site, paced=False) as opened:
        yield opened


def test_a_question_is_priced_charged_answered_logged_and_given_again(
    deployment: Deployment, site: Path, measure: Measure
) -> None:
    """False alarm: the key of one patient appears with probability 1e-7."""
    gateway = LocalGateway(deployment, USER)
    price = gateway.quote(PROJECT, COUNT, **PRICE[measure])
    given = gateway.query(PROJECT, COUNT, **PRICE[measure])
    again = gateway.query(PROJECT, f"{COUNT} ORDER BY n DESC", **PRICE[measure])
    settings = load_settings(site)
    report = verify_log(
        settings.ledger,
        key=KeyRing.open(settings.keys).signer(settings.id).verifier,
        checkpoint=checkpoint_path(settings),
    )

    assert [row["clinic"] for row in given.rows] == ["north", "south"]
    assert given.charged == price.loss
    assert 0 < given.charged.delta <= DELTA_UNITS // 10**7
    assert again.answer.repeated
    assert again.charged.delta == 0
    assert given.to_arrow().column("clinic").to_pylist() == ["north", "south"]
    assert [balance.spent for balance in gateway.budget(PROJECT)["example"]] == [price.loss] * 3
    assert report.is_sound, report.lines()
    assert "keys not known beforehand" in quote_text(price)
    assert "cells: not known beforehand" in " ".join(explanation_text(price).split())


def test_where_no_delta_is_left_the_refusal_names_it(
    deployment: Deployment, measure: Measure
) -> None:
    gateway = LocalGateway(deployment, USER)
    kinds = ["x" * number for number in range(10)]
    questions = [COUNT.replace("GROUP", f"WHERE kind <> '{kind}' GROUP") for kind in kinds]

    def ask_all() -> None:
        for question in questions:
            gateway.query(PROJECT, question, **PRICE[measure])

    with pytest.raises(BudgetExceededError, match=r"costs delta .* has 0\.0000000") as caught:
        ask_all()

    assert caught.value.code == "BUD-POOL"
    careful: QuestionOptions = {**PRICE[measure], "delta": "0.000000001"}
    assert gateway.query(PROJECT, questions[-1], **careful).rows
    public = "SELECT kind, COUNT(*) FROM visits GROUP BY kind"
    assert gateway.query(PROJECT, public, **PRICE[measure]).charged.delta == 0


def test_more_delta_than_one_query_may_use_is_denied(deployment: Deployment) -> None:
    with pytest.raises(PolicyDeniedError) as caught:
        LocalGateway(deployment, USER).query(PROJECT, COUNT, delta="0.00000011")

    assert caught.value.code == "BUD-QUERY-CAP"
    assert caught.value.at == "/spec/queries/keys_delta_per_query"


def test_the_pool_splits_its_delta(deployment: Deployment, measure: Measure) -> None:
    (pool, *_) = LocalGateway(deployment, USER).budget(PROJECT)["example"]

    assert pool.cap.delta == 15 * 10**10
    if measure is Measure.ZCDP:
        rest = rho_of(Decimal(10), Decimal("0.00000085"))
        assert pool.cap.amount == int(rest * measure.units)
    assert cap_of(measure, Decimal(0), Decimal("0.1"), Decimal("0.2")).delta == DELTA_UNITS // 5


def test_the_catalog_says_which_columns_may_be_private_keys(deployment: Deployment) -> None:
    policies = deployment.policies
    catalog = catalog_document(policies, policies.projects[PROJECT], datetime.now(UTC).date())
    (dataset,) = catalog["datasets"]
    columns = {
        column["name"]: column["private_keys"]
        for table in dataset["tables"]
        for column in table["columns"]
    }

    assert dataset["private_keys"] is True
    assert dataset["keys_delta_per_query"] == "0.0000001"
    assert {name for name, allowed in columns.items() if allowed} == {"clinic"}


def test_practice_data_has_made_up_keys(deployment: Deployment) -> None:
    tables = practice_tables(deployment.policies.datasets["example"], "sha256:0")
    visits = next(table for table in tables if table.name == "visits")
    place = list(visits.columns).index("clinic")

    assert {str(row[place])[:8] for row in visits.rows} <= {"made-up-", "None"}


def test_ingest_stops_at_more_patients_than_were_declared(tmp_path: Path) -> None:
    made = make_empty(tmp_path)
    declare(made, Measure.PURE, max_units=299)

    with pytest.raises(SourceError) as caught:
        ingest_dataset(load_settings(made), "example", sources(tmp_path / "sources"))

    assert caught.value.code == "KEY-MAX-UNITS"
    assert "300" not in str(caught.value)


@pytest.mark.parametrize("delta", ["0.000000001", 1e-9, Decimal("0.000000001")])
def test_a_body_may_name_a_delta(deployment: Deployment, delta: str | float | Decimal) -> None:
    body = question_body(COUNT, {"delta": delta})
    parsed = parse_question(str(body).replace("'", '"').encode())
    asked = question_of(
        parsed, deployment.policies, user=USER, project_id=PROJECT, time=datetime.now(UTC)
    )

    assert asked.delta == Decimal("0.000000001")
    with pytest.raises(BodyError):
        parse_question(b'{"sql": "SELECT 1", "delta": "0"}')
