"""All checks of one deployment, in the order in which one needs the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.database import read_ledger
from gateway.audit.reading import VerificationReport
from gateway.audit.verify import verify_log
from gateway.checkup.machine import (
    check_clock,
    check_disks,
    check_files,
    check_memory,
    check_service,
    check_sqlite,
    check_versions,
)
from gateway.checkup.results import Result, fail, good, warn
from gateway.governing.activated import ActivatedSets
from gateway.governing.activation import governing_declarations
from gateway.keyring import KeyRing
from gateway.ledger.places import PostgresAddress
from gateway.opening import checkpoint_path, open_store, witnessed_path
from gateway.settings import Settings, load_settings
from gateway.storage import read_header
from gateway.verifying.approvals import check_kept_approvals
from gateway.verifying.erasures import check_kept_erasures
from gateway.verifying.snapshots import check_kept_snapshots
from gateway.witnessing import witness_policy
from policies.active import PolicySet
from policies.errors import GatewayError

__all__ = ["examine"]


def examine(folder: Path, now: datetime) -> Iterator[Result]:
    """Yield what each check of a deployment finds; nothing is written, charged or logged.

    Args:
        folder: Of the deployment.
        now: The time, UTC.
    """
    yield from check_versions()
    try:
        settings = load_settings(folder)
    except GatewayError as error:
        yield _failed("settings", error)
        return
    yield good("settings", f"deployment {settings.id}")
    yield from check_files(settings)
    yield from check_disks(settings)
    yield from check_memory(settings)
    yield from check_service(settings)
    yield from _guarded("keys", lambda: _keys(settings))
    yield from _guarded("ledger", lambda: _ledger(settings))
    yield from _guarded("log", lambda: _log(settings, now))
    yield from _guarded("policies", lambda: _policies(settings, now))
    yield from _guarded("store", lambda: _store(settings))


def _guarded(check: str, run: Callable[[], Iterator[Result]]) -> Iterator[Result]:
    """What a check yields, and why it could not go on."""
    try:
        yield from run()
    except GatewayError as error:
        yield _failed(check, error)
    except OSError:
        yield fail(check, "a file cannot be read", "check its owner and mode")


def _failed(check: str, error: GatewayError) -> Result:
    place = getattr(error, "file", "")
    found = f"{place}: {error.code} {error.message}" if place else f"{error.code} {error.message}"
    return fail(check, found, error.remedy)


def _keys(settings: Settings) -> Iterator[Result]:
    KeyRing.open(settings.keys)
    place = settings.keys.resolve()
    held = [settings.folder, settings.store]
    held += [settings.ledger.parent] if isinstance(settings.ledger, Path) else []
    if any(place.is_relative_to(one.resolve()) for one in held):
        yield fail(
            "keys",
            "the key ring lies in the folder of what it protects",
            "move it elsewhere and name it with paths.keys; a copy of the data must not hold it",
        )
    elif place.stat().st_dev == settings.folder.stat().st_dev:
        yield warn(
            "keys",
            "key ring and data are on one disk",
            "keep the key ring on another volume, and out of the backups of the data",
        )
    else:
        yield good("keys", "the key ring is its owner's alone, and apart from the data")


def _ledger(settings: Settings) -> Iterator[Result]:
    place = settings.ledger
    if isinstance(place, PostgresAddress):
        yield good("ledger", f"PostgreSQL {place.check_durable()}, which keeps what it commits")
    elif place.exists():
        yield check_sqlite()
    else:
        yield warn("ledger", "there is none yet", "ingest, or start the service")


def _log(settings: Settings, now: datetime) -> Iterator[Result]:
    if not settings.ledger.exists():
        return
    report = _verified(settings)
    for finding in report.findings[:5]:
        yield fail("log", str(finding), "run 'gateway audit verify', and read docs/audit.md")
    if report.is_sound:
        yield good("log", f"it is sound: {report.size} entries, {report.signed_size} signed")
    with read_ledger(settings.ledger) as connection:
        row = connection.execute("SELECT leaf FROM entry ORDER BY idx DESC LIMIT 1").fetchone()
    last = None if row is None else datetime.fromisoformat(json.loads(row[0])["time"])
    yield from check_clock(now, None if last is None else last.astimezone(UTC))


def _verified(settings: Settings) -> VerificationReport:
    key = KeyRing.open(settings.keys).signer(settings.id).verifier
    return verify_log(settings.ledger, key=key, checkpoint=checkpoint_path(settings))


def _policies(settings: Settings, now: datetime) -> Iterator[Result]:
    policies = governing_declarations(settings)
    if policies.needs_approval:
        yield good("policies", "a change comes in force by signatures alone")
    else:
        yield warn(
            "policies",
            "whoever may open this deployment may change what is allowed",
            "write 'approvals: required' and keys into approvals.yaml; see docs/approvals.md",
        )
    if settings.ledger.exists():
        for finding in check_kept_approvals(settings.ledger, ActivatedSets(settings.activated)):
            yield fail("policies", str(finding), "restore the folder 'activated'; ask who signed")
    yield _witnesses(settings, policies, now)


def _witnesses(settings: Settings, policies: PolicySet, now: datetime) -> Result:
    declared = policies.gateway.spec.witnesses if policies.gateway is not None else None
    if declared is None or declared.quorum == 0:
        shared = isinstance(settings.ledger, PostgresAddress)
        return (fail if shared else warn)(
            "witnesses",
            "nobody outside sees whether the log is cut",
            "let others run 'gateway witness', and declare them in gateway.yaml",
        )
    path = witnessed_path(settings)
    note = path.read_text(encoding="utf-8") if path.exists() else ""
    since = witness_policy(policies, settings).judge(note).time if note else None
    if since is None:
        return fail(
            "witnesses", "too few have cosigned the log", "run 'gateway audit cosign', see whom"
        )
    age, size = int(now.timestamp()) - since, parse_checkpoint(note).size
    if age > 60 * declared.max_age_minutes:
        return fail(
            "witnesses",
            f"they have cosigned {size} entries, {age} s ago",
            "run 'gateway audit cosign'; questions are refused until they have",
        )
    return good("witnesses", f"they have cosigned {size} entries, {age} s ago")


def _store(settings: Settings) -> Iterator[Result]:
    store = open_store(settings, KeyRing.open(settings.keys))
    datasets = store.datasets()
    for dataset in datasets:
        manifest = store.current(dataset)
        if manifest is not None and store.path(manifest).exists():
            read_header(store.path(manifest))  # or it is no sealed file
    if settings.ledger.exists():
        for finding in (
            *check_kept_snapshots(settings.ledger, store),
            *check_kept_erasures(settings.ledger, store),
        ):
            yield fail("store", str(finding), "ingest the dataset again; see 'gateway erase'")
    if datasets:
        yield good("store", f"sealed: {', '.join(datasets)}")
    else:
        yield warn("store", "nothing was ingested yet", "run 'gateway ingest'")
