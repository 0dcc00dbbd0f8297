"""T17: whoever holds the machine changes the audit log, or puts an older ledger back.

Attack: a service has answered over HTTP; an auditor has kept a head and the receipts that came
with answers. Then the log's file is changed behind it: an entry edited, deleted, moved, the end
cut off, all of it signed anew with the gateway's own key, or an older file put in its place; with
the service stopped, and while it runs (which notices a change of the newest entry; of older ones at
its next start, or by the verifier).

Pass: the verifier names the first bad entry, or what the auditor kept convicts the log; a service
whose log is behind its last signed head does not start, and one that runs answers nothing more.
Exact, so there are no false alarms; the untouched log passes the same verification.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.findings import Failure
from gateway.audit.tlog import leaf_hash, root_hash
from gateway.client import Gateway
from gateway.keyring import KeyRing
from gateway.opening import checkpoint_path
from gateway.settings import load_settings
from policies.errors import GatewayError
from tests.gateway.deployments import COUNTS, PROJECT
from tests.gateway.ledger.worlds import ledger_file
from tests.gateway.service.conftest import key, made, site
from tests.gateway.service.processes import running
from tests.gateway.service.test_killed import verified

__all__ = ["key", "made", "site"]

Change = Callable[[sqlite3.Connection, int], None]


@dataclass(frozen=True)
class Kept:
    """What somebody outside has: the head before the last answer, and that after it."""

    site: Path
    before: str
    after: str

    @property
    def size(self) -> int:
        return parse_checkpoint(self.after).size


@pytest.fixture
def kept(site: Path, key: str) -> Kept:
    heads: list[str] = []
    with running(site) as service, Gateway(service.url, key) as gateway:
        for loss in ("0.1", "0.2", "0.3"):
            receipt = gateway.query(PROJECT, COUNTS, epsilon=loss).receipt
            assert receipt is not None
            heads.append(receipt.checkpoint)
    return Kept(site, heads[-2], heads[-1])


def tampered(site: Path, *changes: Callable[[sqlite3.Connection], object]) -> None:
    """Change the ledger's file as somebody may who has it."""
    connection = sqlite3.connect(ledger_file(load_settings(site)))
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        connection.execute(f"DROP TRIGGER {name}")
    for change in changes:
        change(connection)
    connection.commit()
    connection.close()


def leaf(connection: sqlite3.Connection, index: int) -> dict[str, Any]:
    (text,) = connection.execute("SELECT leaf FROM entry WHERE idx = ?", (index,)).fetchone()
    found: dict[str, Any] = json.loads(text)
    return found


def write(connection: sqlite3.Connection, index: int, entry: dict[str, Any]) -> None:
    text = rfc8785.dumps(entry)
    connection.execute(
        "UPDATE entry SET leaf = ?, leaf_hash = ? WHERE idx = ?", (text, leaf_hash(text), index)
    )


def edit_alone(connection: sqlite3.Connection, index: int) -> None:
    connection.execute("UPDATE entry SET leaf = zeroblob(40) WHERE idx = ?", (index,))


def edit_with_its_hash(connection: sqlite3.Connection, index: int) -> None:
    write(connection, index, {**leaf(connection, index), "mono": 1})


def delete(connection: sqlite3.Connection, index: int) -> None:
    connection.execute("DELETE FROM entry WHERE idx = ?", (index,))


def swap(connection: sqlite3.Connection, index: int) -> None:
    first, second = leaf(connection, index), leaf(connection, index + 1)
    write(connection, index, {**second, "seq": index})
    write(connection, index + 1, {**first, "seq": index + 1})


CHANGES: dict[str, tuple[Change, set[Failure]]] = {
    "edited": (edit_alone, {Failure.LEAF_HASH}),
    "edited with its hash": (edit_with_its_hash, {Failure.ROOT, Failure.TIME, Failure.FORM}),
    "deleted": (delete, {Failure.SEQUENCE}),
    "moved": (swap, {Failure.ROOT, Failure.TIME, Failure.LIFECYCLE, Failure.FORM}),
}


def test_the_untouched_log_is_sound(kept: Kept) -> None:
    report = verified(kept.site, kept.before, kept.after)

    assert report.is_sound, report.lines()


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("from_end", [5, 3])
def test_the_verifier_finds_each_change_and_its_place(kept: Kept, name: str, from_end: int) -> None:
    change, failures = CHANGES[name]
    index = kept.size - from_end
    tampered(kept.site, lambda connection: change(connection, index))
    report = verified(kept.site)

    assert not report.is_sound
    assert report.findings[0].failure in failures, report.lines()
    if name in {"edited", "deleted"}:
        assert report.findings[0].index == index
    else:
        # Consistent in itself: what convicts it is a head that was signed after the entry.
        assert any(
            one.failure is Failure.ROOT or one.index in {index, index + 1}
            for one in report.findings
        )


def test_a_log_that_is_cut_off_is_found_and_not_served(kept: Kept) -> None:
    tampered(
        kept.site,
        lambda connection: connection.execute("DELETE FROM entry WHERE idx >= ?", (kept.size - 2,)),
    )
    report = verified(kept.site)
    with running(kept.site) as service:
        told = service.told

    assert Failure.ROLLBACK in {one.failure for one in report.findings}
    assert told == "SYS-LOG-ROLLBACK"


def signed_anew(site: Path) -> None:
    """Sign what is in the file, as the operator can: the gateway's own key is on the machine."""
    settings = load_settings(site)
    connection = sqlite3.connect(ledger_file(settings))
    rows = connection.execute("SELECT leaf_hash FROM entry ORDER BY idx").fetchall()
    connection.close()
    root = root_hash([row[0] for row in rows])
    signer = KeyRing.open(settings.keys).signer(settings.id)
    checkpoint_path(settings).write_text(signer.sign(len(rows), root), encoding="utf-8")


def test_a_log_signed_anew_is_convicted_by_a_head_that_somebody_kept(kept: Kept) -> None:
    index = kept.size - 3
    tampered(kept.site, lambda connection: edit_with_its_hash(connection, index))
    signed_anew(kept.site)
    report = verified(kept.site, kept.after)

    assert Failure.ROOT in {one.failure for one in report.findings}


def test_an_older_ledger_is_not_served_and_convicted_even_with_its_own_head(
    site: Path, key: str
) -> None:
    settings = load_settings(site)
    ledger, head = ledger_file(settings).read_bytes(), checkpoint_path(settings).read_bytes()
    with running(site) as service, Gateway(service.url, key) as gateway:
        receipt = gateway.query(PROJECT, COUNTS, epsilon="0.1").receipt
    assert receipt is not None
    ledger_file(settings).write_bytes(ledger)
    with running(site) as service:
        told = service.told
    checkpoint_path(settings).write_bytes(head)
    report = verified(site, receipt.checkpoint)

    assert told == "SYS-LOG-ROLLBACK"
    assert Failure.ROLLBACK in {one.failure for one in report.findings}


@pytest.mark.parametrize("name", CHANGES)
def test_a_service_does_not_start_over_a_changed_log(kept: Kept, name: str) -> None:
    change, _ = CHANGES[name]
    tampered(kept.site, lambda connection: change(connection, kept.size - 5))
    with running(kept.site) as service:
        told = service.told

    # Of an entry alone the stored hash tells; of all else the signed root does.
    assert told == ("SYS-LOG-CHANGED" if name == "edited" else "SYS-LOG-ROLLBACK")


@pytest.mark.parametrize("name", ["edited with its hash", "deleted"])
def test_a_service_that_runs_answers_nothing_once_the_newest_entry_was_changed(
    site: Path, key: str, name: str
) -> None:
    change, _ = CHANGES[name]
    with running(site) as service, Gateway(service.url, key) as gateway:
        receipt = gateway.query(PROJECT, COUNTS, epsilon="0.1").receipt
        assert receipt is not None
        tampered(site, lambda connection: change(connection, receipt.index))
        with pytest.raises(GatewayError) as refused:
            gateway.query(PROJECT, COUNTS, epsilon="0.2")

    assert refused.value.code == "SYS-INTERNAL"
