"""``gateway audit recover`` refuses: an older copy of the ledger would give budget back."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.audit.errors import LogError
from gateway.audit.events import EVENTS
from gateway.deployment import Deployment
from gateway.local import LocalGateway
from gateway.opening import checkpoint_path
from gateway.settings import load_settings
from tests.gateway.approving import Office
from tests.gateway.cli.conftest import Run
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full
from tests.gateway.ledger.worlds import ledger_file

_SAID = ("--reason-code", "incident", "--spend-all-budgets")


def ask(site: Path) -> None:
    with Deployment.open(site, paced=False) as deployment:
        LocalGateway(deployment, USER).query(PROJECT, COUNTS, epsilon="0.1")


def files_of(site: Path) -> dict[Path, bytes]:
    folders = (site, checkpoint_path(load_settings(site)).parent)
    return {path: path.read_bytes() for one in folders for path in one.rglob("*") if path.is_file()}


@pytest.fixture(params=["none", "required"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    site = make_full(tmp_path)
    if request.param == "required":
        office = Office.of(site)
        office.sign("bea", "cid")
        office.activate()
    return site


@pytest.fixture
def newest(site: Path) -> bytes:
    """An older copy was put in the place of this ledger."""
    with Deployment.open(site, paced=False):
        pass
    database = ledger_file(load_settings(site))
    old = database.read_bytes()
    ask(site)
    newest = database.read_bytes()
    database.write_bytes(old)
    return newest


@pytest.mark.parametrize("said", [(), _SAID])
def test_an_older_ledger_never_goes_on_and_nothing_is_changed(
    run: Run, site: Path, newest: bytes, said: tuple[str, ...]
) -> None:
    del newest
    before = files_of(site)
    told = run("audit", "recover", site, *said)

    assert (told.code, "SYS-LOG-LOST" in told.err) == (1, True)
    assert files_of(site) == before
    with pytest.raises(LogError) as refused:
        ask(site)
    assert refused.value.code == "SYS-LOG-ROLLBACK"


def test_the_newest_copy_goes_on_as_the_refusal_says(run: Run, site: Path, newest: bytes) -> None:
    assert "restore the newest copy" in run("audit", "recover", site).err
    ledger_file(load_settings(site)).write_bytes(newest)

    ask(site)
    assert run("audit", "verify", site).code == 0


def test_no_entry_lets_an_older_log_go_on() -> None:
    assert "log.recover" not in {event.kind for event in EVENTS}
