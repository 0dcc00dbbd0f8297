"""A service that runs finds an older entry that was changed, and answers nothing from then on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from gateway.audit.database import read_ledger
from gateway.client import Gateway
from gateway.ledger.settings import LogSettings
from gateway.settings import load_settings
from policies.errors import GatewayError
from tests.attacks.test_t17_log_tampering import edit_with_its_hash, tampered
from tests.gateway.deployments import COUNTS, PROJECT
from tests.limits import PATIENCE


@contextmanager
def served(site: Path) -> Iterator[tuple[str, Iterator[str]]]:
    """Run ``gateway serve``; give its address, and the lines of its log as they come."""
    command = [sys.executable, "-m", "gateway", "serve", str(site), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield process.stdout.readline().strip(), iter(process.stderr.readline, "")
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def spent(site: Path) -> int:
    with read_ledger(load_settings(site).ledger) as connection:
        ((found,),) = connection.execute("SELECT sum(spent) FROM scope").fetchall()
    return int(found)


def test_an_older_entry_that_is_changed_under_a_service_ends_its_answers(
    site: Path, key: str
) -> None:
    settings = site / "gateway.toml"
    settings.write_text(f"{settings.read_text()}\n[log]\ncheck_seconds = 1\n")
    with served(site) as (url, lines), Gateway(url, key) as gateway:
        gateway.query(PROJECT, COUNTS, epsilon="0.1")
        ready = httpx.get(f"{url}/readyz").status_code
        tampered(site, lambda connection: edit_with_its_hash(connection, 1))
        found = next(json.loads(line) for line in lines if "SYS-LOG-CHANGED" in line)
        before = spent(site)
        with pytest.raises(GatewayError) as refused:
            gateway.query(PROJECT, COUNTS, epsilon="0.2")
        stopped = httpx.get(f"{url}/readyz")

    assert ready == 200
    assert (found["event"], found["level"]) == ("log", "error")
    assert refused.value.code == "SYS-INTERNAL"
    assert stopped.status_code == 503
    assert spent(site) == before > 0  # the second question was not charged


def test_the_whole_log_is_read_each_hour_unless_it_is_set(site: Path) -> None:
    assert load_settings(site).log == LogSettings(check_seconds=3600)
