"""A deployment whose declarations ask for a witness."""

from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.errors import LogError
from gateway.audit.receipts import check_receipt
from gateway.clock import Clock, SystemClock
from gateway.deployment import Deployment
from gateway.errors import UnavailableError
from gateway.keyring import KeyRing
from gateway.local import LocalGateway
from gateway.operations_log import operations_log
from gateway.records import Asked, record_door
from gateway.settings import load_settings
from gateway.witness.witnessed import Witnessed
from policies.record_facts import RecordCriteria, ReleaseFacts
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full
from tests.gateway.record_site import entries, make_record_site
from tests.gateway.witness.logs import BOARD
from tests.gateway.witness.servers import RunningWitness, running_witness

DECLARED = """\
apiVersion: gateway.policy/v1
kind: GatewayPolicy
metadata: {{id: hospital-a, version: 1, title: Ceilings, owner: "steward:one"}}
spec:
  budget: {{epsilon: "20"}}
  queries: {{max_epsilon_per_query: "5"}}
  witnesses: {{keys: ["{key}"], quorum: 1, max_age_minutes: 30}}
"""


class MovedClock(SystemClock):
    """The host's clock, moved."""

    moved = timedelta(0)

    def now(self) -> Any:  # noqa: ANN401  a datetime
        return super().now() + self.moved


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_full(tmp_path)


@pytest.fixture
def witness(site: Path, tmp_path: Path) -> Iterator[RunningWitness]:
    settings = load_settings(site)
    key = KeyRing.open(settings.keys).signer(settings.id).verifier
    with running_witness(tmp_path / "heads.sqlite", key) as running:
        declare(site, running.url)
        yield running


def declare(site: Path, url: str) -> None:
    require(site)
    reach(site, url)


def require(site: Path) -> None:
    (site / "policies" / "gateway.yaml").write_text(DECLARED.format(key=BOARD.verifier.text()))


def reach(site: Path, url: str) -> None:
    with (site / "gateway.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'\n[witness]\ninterval_seconds = 1\n[witness.urls]\n"board.example" = "{url}"\n'
        )


def ask(site: Path, clock: Clock | None = None) -> Any:  # noqa: ANN401  a result
    with Deployment.open(site, clock, paced=False) as deployment:
        return LocalGateway(deployment, USER).query(PROJECT, COUNTS, epsilon="0.1")


def test_what_was_witnessed_is_answered_and_its_receipt_has_the_cosignature(
    site: Path, witness: RunningWitness
) -> None:
    index = ask(site).receipt.index
    with Deployment.open(site) as deployment:
        status = deployment.witness_status()
        text = deployment.proof(index) or ""
        key = KeyRing.open(deployment.settings.keys).signer("hospital-a").verifier

    assert witness.url
    assert status.fresh
    assert status.size > index
    assert status.age_seconds is not None
    assert status.age_seconds < 60
    assert BOARD.verifier.cosigned_at(check_receipt(text, key).note) is not None


def test_without_a_witness_nothing_is_answered_and_nothing_charged(site: Path) -> None:
    declare(site, "http://127.0.0.1:1")
    with Deployment.open(site, paced=False) as deployment:
        gateway = LocalGateway(deployment, USER)
        with pytest.raises(UnavailableError) as refused:
            gateway.query(PROJECT, COUNTS, epsilon="0.1")

        assert refused.value.code == "SYS-WITNESS"
        assert deployment.readiness()["witnesses"] is False
        assert gateway.budget(PROJECT)["example"][0].spent.amount == 0
        assert gateway.quote(PROJECT, COUNTS, epsilon="0.1").cells > 0


def test_a_cosignature_that_is_too_old_is_asked_for_again_or_nothing_is_answered(
    site: Path, witness: RunningWitness
) -> None:
    clock = MovedClock()
    with Deployment.open(site, clock, paced=False) as deployment:
        gateway = LocalGateway(deployment, USER)
        clock.moved = timedelta(minutes=29)
        gateway.query(PROJECT, COUNTS, epsilon="0.1")
        clock.moved = timedelta(minutes=31)
        stale = deployment.witness_status()
        # The witness's own clock says when: asked again, it still is half an hour behind.
        with pytest.raises(UnavailableError):
            gateway.query(PROJECT, COUNTS, epsilon="0.2")
        clock.moved = timedelta(minutes=1)

        assert not stale.fresh
        assert witness.asked() >= 2
        assert gateway.query(PROJECT, COUNTS, epsilon="0.2").charged.amount > 0


def test_questions_do_not_ask_a_witness_that_is_gone_again_and_again(
    site: Path, witness: RunningWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []
    witness.stop()
    with Deployment.open(site, paced=False) as deployment:
        ask_all = type(deployment.witnessing).ask
        monkeypatch.setattr(
            type(deployment.witnessing),
            "ask",
            lambda self: rounds.append(1) or ask_all(self),  # type: ignore[func-returns-value]  # noted, then passed on
        )
        for _ in range(3):
            with pytest.raises(UnavailableError):
                deployment.witnessing.check()

    assert rounds == []


def test_an_older_copy_of_everything_is_refused_at_the_start(
    site: Path, witness: RunningWitness, tmp_path: Path
) -> None:
    ask(site)
    backup = tmp_path / "backup"
    kept = load_settings(site)
    shutil.copytree(site, backup / "site")
    shutil.copytree(kept.keys, backup / "keys")
    for epsilon in ("0.2", "0.4"):
        with Deployment.open(site, paced=False) as deployment:
            LocalGateway(deployment, USER).query(PROJECT, COUNTS, epsilon=epsilon)
    shutil.rmtree(site)
    shutil.rmtree(kept.keys)
    shutil.copytree(backup / "site", site)
    shutil.copytree(backup / "keys", kept.keys)  # the last signed head, too
    with pytest.raises(LogError) as refused:
        Deployment.open(site)

    assert refused.value.code == "SYS-LOG-ROLLBACK"
    assert witness.url


def test_a_service_asks_again_and_again_and_stops_when_it_is_told(
    site: Path, witness: RunningWitness
) -> None:
    lines = io.StringIO()
    with Deployment.open(site) as deployment:
        before = witness.asked()
        with deployment.witnessing.repeatedly(operations_log(lines)):
            assert witness.wait_for(before + 2)
        alive = [one.name for one in threading.enumerate() if one.name == "gateway-witness"]

    assert alive == []
    assert lines.getvalue() == ""


def test_what_is_wrong_with_a_witness_is_logged_by_its_code(
    site: Path, witness: RunningWitness
) -> None:
    lines = io.StringIO()
    with Deployment.open(site) as deployment:
        witness.stop()
        with deployment.witnessing.repeatedly(operations_log(lines)):
            while not lines.getvalue():
                threading.Event().wait(0.05)
        witness.refuses(422)
        with deployment.witnessing.repeatedly(operations_log(lines)):
            while "SYS-LOG-ROLLBACK" not in lines.getvalue():
                threading.Event().wait(0.05)

        assert '"code": "SYS-WITNESS"' in lines.getvalue()
        assert deployment.readiness()["witnesses"] is False
        with pytest.raises(UnavailableError):
            LocalGateway(deployment, USER).query(PROJECT, COUNTS, epsilon="0.1")


def test_a_round_that_fails_in_any_way_is_logged_without_its_words_and_followed_by_others(
    site: Path, witness: RunningWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, asked = io.StringIO(), witness.asked
    with Deployment.open(site) as deployment, monkeypatch.context() as patched:
        patched.setattr(Witnessed, "ask", _fails)
        with deployment.witnessing.repeatedly(operations_log(lines)):
            while not lines.getvalue():
                threading.Event().wait(0.05)
            patched.undo()
            assert witness.wait_for(asked() + 1)

    assert "secret" not in lines.getvalue()
    assert '"code": "SYS-WITNESS"' in lines.getvalue()


def _fails(*_: object) -> None:
    raise ValueError("secret words")


def test_witnesses_that_come_in_force_while_a_service_runs_are_asked(
    site: Path, tmp_path: Path
) -> None:
    settings = load_settings(site)
    key = KeyRing.open(settings.keys).signer(settings.id).verifier
    with running_witness(tmp_path / "heads.sqlite", key) as witness:
        reach(site, witness.url)
        with (
            Deployment.open(site) as deployment,
            deployment.witnessing.repeatedly(operations_log(io.StringIO())),
        ):
            require(site)
            deployment.stewardship.activate(deployment.now(), "steward")

            assert witness.wait_for(2)  # what came of the first time is kept by then
            assert deployment.readiness()["witnesses"] is True


def test_where_nobody_has_to_cosign_nobody_is_asked(site: Path) -> None:
    lines = io.StringIO()
    with Deployment.open(site) as deployment:
        with deployment.witnessing.repeatedly(operations_log(lines)):
            pass

        assert lines.getvalue() == ""
        assert deployment.witnessing.ask() == ()
        assert deployment.witness_status().fresh
        assert deployment.witness_status().age_seconds is None


def test_no_records_leave_without_a_witness_either(tmp_path: Path) -> None:
    site = make_record_site(tmp_path)
    declare(site, "http://127.0.0.1:1")
    asked = Asked(user="ann", project="recalls", dataset="ward", purpose="research")
    criteria = RecordCriteria(k=5, l=2, suppression=Decimal("0.1"))
    facts = ReleaseFacts(table="notes", columns={}, criteria=criteria, recipient="uni|ann")
    with record_door(load_settings(site)) as door:
        with pytest.raises(UnavailableError):
            door.allow(asked, facts)
        with pytest.raises(UnavailableError):
            door.reveal(asked, "notes.text", (), "nothing")

    assert entries(site, "record.reveal") == entries(site, "record.deny") == []
