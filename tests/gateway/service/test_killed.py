"""What is left where the real service is killed: a charge without an answer, never the reverse."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.answers.results import Result
from gateway.audit.checkpoint import VerifierKey
from gateway.audit.database import entries_of, read_ledger
from gateway.audit.entries import parse_entry
from gateway.audit.events import QueryAbandoned
from gateway.audit.reading import VerificationReport
from gateway.audit.receipts import check_receipt
from gateway.audit.verify import verify_log
from gateway.client import Gateway
from gateway.deployment import Deployment
from gateway.errors import UnavailableError
from gateway.keyring import KeyRing
from gateway.local import LocalGateway
from gateway.opening import checkpoint_path
from gateway.settings import load_settings
from policies.errors import GatewayError
from tests.gateway.deployments import COUNTS, PROJECT, USER
from tests.gateway.ledger.worlds import ledger_file
from tests.gateway.service.processes import DIED, POINTS, running, start
from tests.limits import PATIENCE


def verified(site: Path, *earlier: str) -> VerificationReport:
    settings = load_settings(site)
    return verify_log(
        settings.ledger,
        key=key_of(site),
        checkpoint=checkpoint_path(settings),
        earlier=earlier,
    )


def key_of(site: Path) -> VerifierKey:
    settings = load_settings(site)
    return KeyRing.open(settings.keys).signer(settings.id).verifier


def spent(site: Path) -> Decimal:
    with Deployment.open(site, paced=False) as deployment:
        budget = LocalGateway(deployment, USER).budget(PROJECT)["example"]
    assert len({balance.spent.parameter for balance in budget}) == 1
    return budget[0].spent.parameter


def abandoned(site: Path) -> list[str]:
    """Ids of the questions that the audit log says were charged and have no answer."""
    with read_ledger(load_settings(site).ledger) as connection:
        leaves = [leaf for _, leaf in entries_of(connection, [QueryAbandoned.kind])]
    events = [parse_entry(leaf).event for leaf in leaves]
    return [event.query_id for event in events if isinstance(event, QueryAbandoned)]


@pytest.mark.parametrize(
    ("point", "paid"),
    [
        ("before the charge", ("0", "0.1")),
        ("in the charge", ("0", "0.1")),
        ("after the charge", ("0.1", "0.2")),
        ("while rows are read", ("0.1", "0.2")),
        ("before the release", ("0.1", "0.2")),
        ("before the head of the release", ("0.1", "0.1")),
        ("before the answer", ("0.1", "0.1")),
    ],
)
def test_a_service_killed_at_any_point_keeps_the_budgets_truth(
    site: Path, key: str, point: str, paid: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    charged, again = paid
    head = checkpoint_path(load_settings(site)).read_text()
    with running(site, point) as service:
        with Gateway(service.url, key) as gateway, pytest.raises(UnavailableError):
            gateway.query(PROJECT, COUNTS, epsilon="0.1")
        service.process.join(PATIENCE)
        died = service.process.exitcode
    capsys.readouterr()
    left = spent(site)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    with running(site) as service, Gateway(service.url, key) as gateway:
        result = gateway.query(PROJECT, COUNTS, epsilon="0.1")
    report = verified(site, head)

    assert died == DIED
    assert left == Decimal(charged)
    assert spent(site) == Decimal(again)
    assert result.answer.repeated is (charged == again)
    assert report.is_sound, report.lines()
    assert report.open_reserves == 0
    assert [one["incident"] for one in told] == abandoned(site)
    assert len(told) == (Decimal(charged) > 0 and charged != again)
    assert all(
        set(one) <= {"level", "time", "event", "incident", "error", "code", "place"} for one in told
    )
    assert {one["error"] for one in told} <= {"ProcessEndedError"}


def test_every_point_is_tried() -> None:
    assert len(POINTS) == 6


def test_whatever_was_answered_before_a_kill_is_in_the_log_and_paid(site: Path, key: str) -> None:
    answered: list[Result] = []
    failed: list[str] = []
    service = [start(site)]
    chance = random.Random()  # noqa: S311  when to kill is no secret
    stop = threading.Event()
    questions = iter(range(10_000))
    lock = threading.Lock()

    def ask() -> None:
        while not stop.is_set():
            with lock:
                age = next(questions)
            sql = f"SELECT COUNT(*) AS n FROM patients WHERE age > {age % 80} AND age < {age}"
            try:
                with Gateway(service[0].url, key, timeout=PATIENCE) as gateway:
                    answered.append(gateway.query(PROJECT, sql, epsilon="0.005"))
            except GatewayError as error:
                failed.append(error.code)
                time.sleep(0.05)

    clients = [threading.Thread(target=ask) for _ in range(8)]
    for client in clients:
        client.start()
    kills, end = 0, time.monotonic() + PATIENCE
    while kills < 4 and time.monotonic() < end:
        known = len(answered)
        while len(answered) < known + 3 and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.1))
        service[0].process.kill()
        service[0].process.join()
        kills += 1
        service[0] = start(site)
    stop.set()
    for client in clients:
        client.join()
    service[0].process.kill()
    service[0].process.join()

    with Deployment.open(site):
        pass
    heads = [result.receipt.checkpoint for result in answered if result.receipt]
    report = verified(site, *heads)
    assert kills == 4
    assert len(answered) >= 10, Counter(failed)
    assert set(failed) <= {"SYS-UNAVAILABLE", "BUD-RESEARCHER", "BUD-QUESTION-BUSY"}
    assert report.is_sound, report.lines()
    assert report.open_reserves == 0
    assert report.charged >= len({one.answer.query_id for one in answered})
    assert spent(site) == Decimal("0.005") * report.charged
    assert spent(site) <= 2
    for result in answered:
        assert result.receipt is not None
        checked = check_receipt(result.receipt.proof, key_of(site), result.to_json())
        assert checked.answer_fits is (None if result.answer.repeated else True)


def test_a_service_does_not_start_over_a_restored_database(site: Path, key: str) -> None:
    settings = load_settings(site)
    backup = ledger_file(settings).read_bytes()
    with running(site) as service, Gateway(service.url, key) as gateway:
        gateway.query(PROJECT, COUNTS, epsilon="0.1")
        ledger_file(settings).write_bytes(backup)
        with pytest.raises(GatewayError) as refused:
            gateway.query(PROJECT, COUNTS, epsilon="0.2")
    with running(site) as again:
        told = again.told

    assert refused.value.code == "SYS-INTERNAL"
    assert told == "SYS-LOG-ROLLBACK"
