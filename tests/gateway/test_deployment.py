from __future__ import annotations

import hashlib
import io
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.app import create_app
from gateway.audit.durable import is_held
from gateway.audit.receipts import check_receipt
from gateway.audit.verify import verify_log
from gateway.client import Gateway
from gateway.clock import SystemClock
from gateway.deployment import Deployment
from gateway.errors import OperatorError
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing
from gateway.local import LocalGateway
from gateway.opening import cap_of, checkpoint_path
from gateway.operations_log import operations_log
from gateway.settings import load_settings
from policies.errors import (
    BudgetExceededError,
    DeclarationError,
    PolicyDeniedError,
    UnsupportedQueryError,
)
from policies.privacy import Measure
from tests.gateway.conftest import FAR_DAY
from tests.gateway.deployments import COUNTS, PROJECT, USER, WOMEN, make_empty, make_full
from tests.gateway.ledger.worlds import ledger_file
from tests.gateway.served import served


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_full(tmp_path)


@pytest.fixture
def deployment(site: Path) -> Iterator[Deployment]:
    with Deployment.open(site) as opened:
        yield opened


def test_a_price_needs_no_data_and_opens_no_snapshot(tmp_path: Path) -> None:
    with Deployment.open(make_empty(tmp_path)) as empty:
        price = LocalGateway(empty, USER).quote(PROJECT, COUNTS, epsilon="0.5")

    assert price.loss.parameter == Decimal("0.5")
    assert price.spent is None


def test_more_is_asked_for_the_difference_and_the_log_stays_sound(
    deployment: Deployment, site: Path
) -> None:
    gateway = LocalGateway(deployment, USER)
    gateway.query(PROJECT, COUNTS, epsilon="0.1")
    price = gateway.quote(PROJECT, f"OPTIONS (epsilon = 0.4) {COUNTS}")
    more = gateway.query(PROJECT, f"OPTIONS (epsilon = 0.4, confirm_price = 0.3) {COUNTS}")
    kept = deployment.stored_answer(PROJECT, more.answer.query_id)
    settings = load_settings(site)
    report = verify_log(
        settings.ledger,
        key=KeyRing.open(settings.keys).signer(settings.id).verifier,
        checkpoint=checkpoint_path(settings),
    )

    assert price.loss.parameter == more.charged.parameter == Decimal("0.3")
    assert gateway.budget(PROJECT)["example"][0].spent.parameter == Decimal("0.4")
    assert kept is not None
    assert kept.rows == more.answer.rows
    assert report.is_sound, report.lines()


def test_answers_are_near_the_truth_charged_logged_and_given_again(
    deployment: Deployment, site: Path
) -> None:
    gateway = LocalGateway(deployment, USER)
    first = gateway.query(PROJECT, COUNTS, epsilon="0.5")
    again = gateway.query(PROJECT, COUNTS, epsilon="0.5")
    pool, project, researcher = gateway.budget(PROJECT)["example"]

    women = first.errors[0]["n"]
    # False alarm: a discrete Laplace of scale 2 is beyond 60 with a chance of exp(-30).
    assert women.value is not None
    assert abs(women.value - WOMEN) < 60
    assert first.rows == again.rows
    assert (first.charged.parameter, again.charged.amount) == (Decimal("0.5"), 0)
    assert {balance.spent.parameter for balance in (pool, project, researcher)} == {Decimal("0.5")}
    stored = deployment.stored_answer(PROJECT, first.answer.query_id)
    assert stored is not None
    assert stored.rows == first.answer.rows
    assert deployment.stored_answer("other", first.answer.query_id) is None
    assert deployment.stored_answer(PROJECT, "0" * 32) is None
    assert is_sound(site)


class LaterClock(SystemClock):
    """The host's clock, some days later."""

    days = 0

    def now(self) -> datetime:
        return super().now() + timedelta(days=self.days)


def test_an_answer_that_is_too_old_is_not_given_and_its_charge_and_log_stay(tmp_path: Path) -> None:
    site, clock = make_full(tmp_path), LaterClock()
    path = site / "policies" / "datasets" / "example.yaml"
    path.write_text(path.read_text().replace("spec:\n", "spec:\n  retention: {answers_days: 7}\n"))
    with Deployment.open(site, clock, paced=False) as deployment:
        gateway = LocalGateway(deployment, USER)
        first = gateway.query(PROJECT, COUNTS, epsilon="0.1")
        clock.days = 6
        kept = deployment.stored_answer(PROJECT, first.answer.query_id)
        clock.days = 7
        gone = deployment.stored_answer(PROJECT, first.answer.query_id)
        listed = deployment.past(PROJECT, USER)
        anew = gateway.query(PROJECT, COUNTS, epsilon="0.1")
        spent = {one.spent.parameter for one in gateway.budget(PROJECT)["example"]}

    assert kept is not None
    assert (gone, [one.released for one in listed]) == (None, [False])
    assert listed[0].entry is not None
    assert (anew.charged, anew.answer.repeated) == (first.charged, False)
    assert spent == {Decimal("0.2")}
    assert is_sound(site)


def is_sound(site: Path) -> bool:
    settings = load_settings(site)
    key = KeyRing.open(settings.keys).signer(settings.id).verifier
    report = verify_log(settings.ledger, key=key, checkpoint=checkpoint_path(settings))
    return report.is_sound


def test_a_spent_budget_stays_spent_after_a_restart(site: Path) -> None:
    for sql in (
        "SELECT COUNT(*) AS n FROM patients WHERE age > 1",
        "SELECT COUNT(*) AS n FROM patients WHERE age > 2",
        "SELECT COUNT(*) AS n FROM patients WHERE age > 3",
        "SELECT COUNT(*) AS n FROM patients WHERE age > 4",
    ):
        with Deployment.open(site) as deployment:
            LocalGateway(deployment, USER).query(PROJECT, sql, epsilon="0.5")
    with Deployment.open(site) as deployment, pytest.raises(BudgetExceededError):
        LocalGateway(deployment, USER).query(PROJECT, "SELECT COUNT(*) AS n FROM visits")


def test_refusals_are_logged_and_free(deployment: Deployment, site: Path) -> None:
    gateway = LocalGateway(deployment, USER)
    with pytest.raises(UnsupportedQueryError):
        gateway.query(PROJECT, "SELECT name FROM patients")
    with pytest.raises(PolicyDeniedError):
        LocalGateway(deployment, "eve").query(PROJECT, COUNTS)

    assert gateway.budget(PROJECT)["example"][0].spent.amount == 0
    assert is_sound(site)


def test_over_http_the_whole_way(deployment: Deployment) -> None:
    app = create_app(deployment, log=operations_log(io.StringIO()))
    key = deployment.accounts.create(USER, expires=FAR_DAY)
    with served(app) as address, Gateway(address, key.text) as gateway:
        price = gateway.quote(PROJECT, COUNTS, epsilon="0.1").loss.parameter
        result = gateway.query(PROJECT, COUNTS, epsilon="0.1", confirm_price=price)
        again = gateway.answer(PROJECT, result.answer.query_id)
        with pytest.raises(PolicyDeniedError):
            gateway.catalog("other")
        checkpoint = gateway.checkpoint()
        assert result.receipt is not None
        later = gateway.receipt(result.receipt.index)
        with pytest.raises(PolicyDeniedError) as refused:
            gateway.query("other", COUNTS)
        assert gateway.catalog(PROJECT)["datasets"][0]["id"] == "example"

    assert result.to_arrow().num_rows == 2
    assert again.rows == result.rows
    assert checkpoint.startswith("hospital-a\n")
    assert result.receipt is not None
    assert result.receipt.checkpoint.startswith("hospital-a\n")
    verifier = KeyRing.open(deployment.settings.keys).signer("hospital-a").verifier
    for text in (result.receipt.proof, later):
        assert check_receipt(text, verifier, result.to_json()).answer_fits
    assert check_receipt(refused.value.proof, verifier).facts()["code"] == refused.value.code


def test_what_cannot_be_opened_lets_go_of_the_ledger(site: Path) -> None:
    settings = load_settings(site)
    settings.accounts.unlink(missing_ok=True)
    settings.accounts.mkdir()
    with pytest.raises(OperatorError) as refused:
        Deployment.open(site)
    boots = ledger_file(settings).with_name("ledger.sqlite-boots")

    assert refused.value.code == "CFG-ACCOUNTS"
    assert [one.name for one in boots.glob("*.boot") if is_held(one)] == []


def test_before_the_first_ingest_it_is_not_ready_and_says_so(tmp_path: Path) -> None:
    with Deployment.open(make_empty(tmp_path)) as deployment:
        assert deployment.readiness() == {"log": True, "witnesses": True, "datasets": False}
        with pytest.raises(UnsupportedQueryError) as caught:
            LocalGateway(deployment, USER).query(PROJECT, COUNTS)

    assert caught.value.code == "SYS-NO-SNAPSHOT"


def test_a_new_snapshot_is_asked_without_a_restart(deployment: Deployment, tmp_path: Path) -> None:
    gateway = LocalGateway(deployment, USER)
    first = gateway.query(PROJECT, COUNTS, epsilon="0.1")
    ingest_dataset(deployment.settings, "example", tmp_path / "sources")
    second = gateway.query(PROJECT, COUNTS, epsilon="0.1")

    assert not second.answer.repeated
    assert first.answer.query_id != second.answer.query_id


def test_ready_once_there_is_data(deployment: Deployment) -> None:
    assert deployment.readiness() == {"log": True, "witnesses": True, "datasets": True}
    assert abs(deployment.now() - datetime.now(UTC)).total_seconds() < 60


def test_an_older_ledger_is_refused(site: Path) -> None:
    settings = load_settings(site)
    old = ledger_file(settings).read_bytes()
    with Deployment.open(site) as deployment:
        LocalGateway(deployment, USER).query(PROJECT, COUNTS)
    ledger_file(settings).write_bytes(old)

    with pytest.raises(OperatorError) as caught:
        Deployment.open(site)
    assert caught.value.code == "SYS-LOG-ROLLBACK"


def test_an_ingest_is_in_the_log_with_the_digest_of_what_is_stored(site: Path) -> None:
    sealed = next((site / "store" / "example").glob("*.sealed"))
    digest = hashlib.sha256(sealed.read_bytes()).hexdigest()
    with closing(sqlite3.connect(ledger_file(load_settings(site)))) as connection:
        leaves = [leaf for (leaf,) in connection.execute("SELECT leaf FROM entry")]

    done = [leaf for leaf in leaves if b'"ingest.done"' in leaf]
    assert len(done) == 1
    assert digest.encode() in done[0]


def test_ingest_names_the_datasets_that_are_declared(site: Path, tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        ingest_dataset(load_settings(site), "other", tmp_path)

    assert (caught.value.code, caught.value.remedy) == ("CFG-DATASET", "name one of: example")


def test_no_identified_value_is_in_the_deployments_files(
    deployment: Deployment, site: Path
) -> None:
    LocalGateway(deployment, USER).query(PROJECT, COUNTS)
    files = [path for path in site.rglob("*") if path.is_file()]

    assert len(files) >= 6
    assert all(b"Canary" not in path.read_bytes() for path in files)


def test_a_zcdp_pool_converts_its_allowance() -> None:
    cap = cap_of(Measure.ZCDP, Decimal(1), Decimal("0.000001"), Decimal(0))

    # Bun and Steinke (2016), Proposition 1.3: rho + 2 sqrt(rho ln(1/delta)) <= epsilon gives
    # rho 0.0178; the exact conversion is a little larger.
    assert 17_000_000 < cap.amount < 30_000_000
    assert cap.delta == 0
    assert cap_of(Measure.ZCDP, Decimal(0), Decimal("0.1"), Decimal(0)).amount == 0
    assert cap_of(Measure.PURE, Decimal(1), Decimal(0), Decimal(0)).amount == 10**6
    with pytest.raises(DeclarationError):
        cap_of(Measure.ZCDP, Decimal(1), Decimal(0), Decimal(0))


def test_a_damaged_snapshot_is_an_incident_and_not_an_empty_dataset(
    deployment: Deployment, site: Path
) -> None:
    sealed = next((site / "store" / "example").glob("*.sealed"))
    content = bytearray(sealed.read_bytes())
    content[-1] ^= 1
    sealed.write_bytes(content)

    with pytest.raises(OperatorError) as caught:
        LocalGateway(deployment, USER).query(PROJECT, COUNTS)
    assert caught.value.code == "STO-SEAL"
    assert LocalGateway(deployment, USER).budget(PROJECT)["example"][0].spent.amount == 0


def test_all_declared_datasets_can_be_named(deployment: Deployment) -> None:
    datasets = deployment._ports().datasets

    assert (list(datasets), len(datasets)) == (["example"], 1)


def test_the_log_does_not_tell_when_rows_were_read(deployment: Deployment) -> None:
    def size() -> int:
        return int(deployment.checkpoint().split("\n")[1])

    gateway, before = LocalGateway(deployment, USER), size()
    asked = threading.Thread(target=gateway.query, args=(PROJECT, COUNTS))
    started = time.monotonic()
    asked.start()
    while asked.is_alive() and size() < before + 2:
        pass
    seconds = time.monotonic() - started
    asked.join()

    assert size() == before + 2
    assert seconds >= deployment.settings.service.time_bucket_ms / 1000
