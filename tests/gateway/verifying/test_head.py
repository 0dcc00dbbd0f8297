"""An idle host follows the head of the log, and so finds a rollback of what others wrote."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.errors import LogError
from gateway.audit.review_events import FlagSignedOff
from gateway.ledger.places import PostgresAddress
from gateway.ledger.sqlite import SqliteLedger
from gateway.operations_log import operations_log
from gateway.verifying.head import _EVERY_SECONDS, head_kept
from tests.gateway.ledger.worlds import SIGNER
from tests.limits import PATIENCE
from tests.postgresql import Server, running

EVENT = FlagSignedOff(actor="eve", flag="burst", ref=0, settled="expected")


def size(head: Path) -> int:
    return parse_checkpoint(head.read_text()).size


def wait(met: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not met() and time.monotonic() < until:
        time.sleep(0.02)
    return met()


def cut(server: Server) -> None:
    """As a failover to a standby that lags does, or an older dump."""
    server.run(
        "ALTER TABLE entry DISABLE TRIGGER ALL; DELETE FROM entry WHERE idx >= 4;"
        " ALTER TABLE entry ENABLE TRIGGER ALL"
    )


def test_an_idle_host_refuses_a_database_that_lost_what_another_wrote(tmp_path: Path) -> None:
    one, two, lines = tmp_path / "one", tmp_path / "two", io.StringIO()
    with running() as server:
        place = PostgresAddress(server.url())
        idle = SqliteLedger.open(place, checkpoint=one, signer=SIGNER)
        two.write_text(one.read_text())
        busy = SqliteLedger.open(place, checkpoint=two, signer=SIGNER)
        with head_kept(idle.checkpoint, operations_log(lines), every=0.05):
            for _ in range(6):
                busy.record(EVENT)
            followed = wait(lambda: size(one) == size(two))
            cut(server)
            noticed = wait(lambda: "SYS-LOG-ROLLBACK" in lines.getvalue())
        with pytest.raises(LogError) as refused:
            idle.record(EVENT)
        idle.close()
        busy.close()

    assert _EVERY_SECONDS <= 60
    assert followed
    assert noticed
    assert refused.value.code == "SYS-LOG-ROLLBACK"
