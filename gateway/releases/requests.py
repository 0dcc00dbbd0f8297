"""A release is asked for: decided upon, made from the stored rows, measured, kept and logged."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.metadata import version
from math import ceil
from pathlib import Path
from typing import Literal, cast

from anonymizers.keys import derive_key
from anonymizers.tables.plan import TablePlan
from anonymizers.tables.release import ReleaseKeys, TableRelease, release_table
from anonymizers.tables.report import About, report_document, report_page
from gateway.audit.record_events import RecordsRequested
from gateway.opening import engine_limits, open_ram, open_store
from gateway.records import Asked, RecordDoor
from gateway.releases.folder import MANIFEST, ReleaseFolder, write_folder, write_private
from gateway.releases.manifest import Criteria, Manifest, ReleasedFile, ReleasedText, digest_of
from gateway.releases.rows import count_rows, leaving_roles, over_stored, read_rows
from gateway.storage import Manifest as SnapshotManifest
from gateway.storage import OpenSnapshot, Warehouse
from gateway.table_files import write_table
from policies.active import PolicySet
from policies.record_facts import (
    Measured,
    RecordCriteria,
    RecordRole,
    ReleaseFacts,
    Scorecard,
    TextReading,
)
from policies.text_operators import Profile
from query.ports import Receipt

__all__ = ["Requested", "Wanted", "mark_key", "request_release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for.

    Attributes:
        asked: Who asks, for which project, of which dataset, and why.
        recipient: Who gets it; a member of the project.
        table: Declared table.
        plan: What becomes of its columns.
        plan_file: The bytes of the plan, for who approves.
        form: Of the file that leaves.
        scorecard: What was measured of the reading of texts, and the digest of that file.
    """

    asked: Asked
    recipient: str
    table: str
    plan: TablePlan
    plan_file: bytes
    form: Literal["csv", "parquet"]
    scorecard: tuple[Scorecard, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A release that waits for its approvals.

    Attributes:
        manifest: What it is.
        folder: Where it lies.
        made: With its exact figures, for the operator.
        receipt: Its entry in the log.
    """

    manifest: Manifest
    folder: Path
    made: TableRelease
    receipt: Receipt


def mark_key(master: bytes, dataset: str, release: str) -> bytes:
    """Return the key of a release's stand-ins, which marks each of them as this release's."""
    return derive_key(master, purpose="release", dataset=dataset, scope=release)


def request_release(door: RecordDoor, wanted: Wanted) -> Requested:
    """Make a release and keep it until enough people have approved it.

    Raises:
        PolicyDeniedError: If the policy says no, to the request (logged) or to what was measured.
        DeclarationError: If no release of the table meets the criteria.
        StoreError: If the dataset has no snapshot that fits its declaration.
    """
    settings, asked = door.settings, wanted.asked
    store = open_store(settings, door.keys)
    current = store.current(asked.dataset) if asked.dataset in door.policies.datasets else None
    door.allow(asked, _facts(wanted, current))
    release = secrets.token_hex(16)
    warehouse = Warehouse(store, open_ram(settings), engine_limits(settings))
    try:
        snapshot = warehouse.snapshot(door.policies.datasets[asked.dataset])
        facts = _facts(wanted, snapshot.manifest)  # another one, if an ingest came in between
        door.allow_measured(asked, facts, _fewest(snapshot, facts))
        made = _made(door, wanted, snapshot, release)
    finally:
        warehouse.close()
    door.allow_measured(asked, facts, _measured(made))
    door.keep_policies()
    target = ReleaseFolder(settings.releases, release).path
    with write_folder(target) as draft:
        manifest = _written(draft, door, wanted, (facts, snapshot, made, release))
        receipt = door.ledger.record(_event(manifest, digest_of(manifest.to_bytes())))
    return Requested(manifest=manifest, folder=target, made=made, receipt=receipt)


def _facts(wanted: Wanted, snapshot: SnapshotManifest | None) -> ReleaseFacts:
    criteria, text = wanted.plan.criteria, None
    if snapshot is not None and snapshot.text_engine:
        profile = cast("Profile", snapshot.text_profile)
        text = TextReading(engine=snapshot.text_engine, profile=profile)
    return ReleaseFacts(
        table=wanted.table,
        columns=leaving_roles(wanted.plan),
        criteria=RecordCriteria(
            k=criteria.k,
            l=criteria.l,
            t=None if criteria.t is None else _exact(criteria.t),
            suppression=_exact(criteria.suppression),
        ),
        recipient=wanted.recipient,
        text=text,
        scorecard=None if wanted.scorecard is None else wanted.scorecard[0],
    )


def _exact(share: float) -> Decimal:
    return Decimal(str(share))


def _made(door: RecordDoor, wanted: Wanted, snapshot: OpenSnapshot, release: str) -> TableRelease:
    table = door.policies.datasets[wanted.asked.dataset].tables[wanted.table]
    names = tuple(leaving_roles(wanted.plan))
    key = mark_key(door.keys.master_secret, wanted.asked.dataset, release)
    return release_table(
        read_rows(snapshot, wanted.table, table, names),
        over_stored(wanted.plan, names),
        ReleaseKeys(pseudonyms=key, shift=key, text=key),  # no date moves, no text is read again
    )


def _fewest(snapshot: OpenSnapshot, facts: ReleaseFacts) -> Measured:
    """Return how many rows would leave at least, so that too large a table is not read at all."""
    left = 1 - facts.criteria.suppression
    return Measured(rows=ceil(count_rows(snapshot, facts.table) * left), reached=facts.criteria)


def _measured(made: TableRelease) -> Measured:
    after, rows = made.after, made.before.rows
    told = after.diversity
    return Measured(
        rows=after.rows,
        reached=RecordCriteria(
            k=after.k,
            l=1 if told is None else told.distinct,
            t=Decimal(0) if told is None else _exact(told.distance),
            suppression=Decimal(after.suppressed) / rows if rows else Decimal(0),
        ),
    )


def _written(
    draft: Path,
    door: RecordDoor,
    wanted: Wanted,
    parts: tuple[ReleaseFacts, OpenSnapshot, TableRelease, str],
) -> Manifest:
    """Write all files of a release into its folder, and return its manifest."""
    facts, snapshot, made, release = parts
    asked, now = wanted.asked, door.clock.now()
    spec = door.policies.datasets[asked.dataset].spec
    file = draft / f"records.{wanted.form}"
    write_table(made.table, file)
    content, criteria, releases = file.read_bytes(), facts.criteria, spec.releases
    assert releases.standard is not None  # noqa: S101  REL-STANDARD: no open door is without
    manifest = Manifest(
        release=release,
        project=asked.project,
        dataset=asked.dataset,
        table=wanted.table,
        snapshot=snapshot.manifest.snapshot,
        purpose=asked.purpose,
        requester=asked.user,
        recipient=wanted.recipient,
        policy=door.policies.digest,
        requested=now,
        until=_last_day(door.policies, wanted, now),
        plan=digest_of(wanted.plan_file),
        columns=facts.columns,
        criteria=Criteria(
            k=criteria.k, l=criteria.l, t=criteria.t, suppression=criteria.suppression
        ),
        standard=releases.standard,
        determination=None if releases.determination is None else releases.determination.report,
        text=_text(facts, wanted.scorecard),
        obligations=spec.obligations,
        files=(ReleasedFile(name=file.name, sha256=digest_of(content), bytes=len(content)),),
    )
    write_private(draft / MANIFEST, manifest.to_bytes())
    _write_review(draft / "review", wanted, made, now)
    return manifest


def _last_day(policies: PolicySet, wanted: Wanted, now: datetime) -> date:
    """Return the last day of a release: as declared, and none that outlives what it rests on."""
    asked = wanted.asked
    dataset, project = policies.datasets[asked.dataset], policies.projects[asked.project]
    member, releases = project.member(wanted.recipient), dataset.spec.releases
    ends = [dataset.metadata.expires_at, project.metadata.expires_at]
    ends += [] if member is None else [member.until]
    return min(now.date() + timedelta(days=releases.expires_days), *ends)


def _text(facts: ReleaseFacts, scorecard: tuple[Scorecard, str] | None) -> ReleasedText | None:
    if RecordRole.FREE_TEXT not in facts.columns.values():
        return None
    assert facts.text is not None  # noqa: S101  REL-TEXT-EVIDENCE: no text leaves without both
    assert scorecard is not None  # noqa: S101  the same
    card, digest = scorecard
    return ReleasedText(
        engine=facts.text.engine,
        profile=facts.text.profile,
        scorecard=digest,
        on=card.on,
        gold=card.gold,
        scored_profile=card.reading.profile,
        entities=card.entities,
        found=card.found,
    )


def _write_review(folder: Path, wanted: Wanted, made: TableRelease, now: datetime) -> None:
    """Write what those who approve look at: the plan, and the report with exact counts."""
    about = About(
        source=f"{wanted.asked.dataset}.{wanted.table}",
        project=wanted.asked.project,
        made=now,
        plan_digest=digest_of(wanted.plan_file).removeprefix("sha256:"),
        version=version("clinical-gateway"),
    )
    document = report_document(made, over_stored(wanted.plan, leaving_roles(wanted.plan)), about)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    write_private(folder / "plan.yaml", wanted.plan_file)
    write_private(folder / "report.json", text.encode())
    write_private(folder / "report.html", report_page(document).encode())


def _event(manifest: Manifest, digest: str) -> RecordsRequested:
    criteria, text = manifest.criteria, manifest.text
    return RecordsRequested(
        actor=manifest.requester,
        project=manifest.project,
        purpose=manifest.purpose,
        dataset=manifest.dataset,
        snapshot=manifest.snapshot,
        policy=manifest.policy,
        release=manifest.release,
        recipient=manifest.recipient,
        manifest=digest,
        plan=manifest.plan,
        min_k=criteria.k,
        min_l=criteria.l,
        max_t="" if criteria.t is None else f"{criteria.t.normalize():f}",
        max_left_out=f"{criteria.suppression.normalize():f}",
        until=manifest.until.isoformat(),
        scorecard="" if text is None else text.scorecard,
        text_engine="" if text is None else text.engine,
        text_profile="" if text is None else text.profile,
    )
