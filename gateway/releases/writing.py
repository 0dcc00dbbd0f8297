"""The files of a release: what leaves, and what those look at who approve it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from anonymizers.risk import Classes
from anonymizers.tables.release import TableRelease
from anonymizers.tables.report import About, report_document, report_page
from gateway.records import RecordDoor
from gateway.releases.earlier import Earlier, classes_file
from gateway.releases.folder import CLASSES, MANIFEST, REVIEW, write_private
from gateway.releases.making import Wanted
from gateway.releases.manifest import (
    Criteria,
    EarlierRelease,
    Manifest,
    ReleasedFile,
    ReleasedText,
    digest_of,
    notice_of,
)
from gateway.releases.rows import leaving_roles, over_stored
from gateway.releases.sampling import SAMPLE, Sample
from gateway.storage import Manifest as SnapshotManifest
from gateway.storage import layout_digest
from gateway.table_files import without_formulas, write_table
from policies.active import PolicySet
from policies.datasets import DatasetSpec
from policies.query_use import ValueType
from policies.record_facts import RecordCriteria, RecordRole, ReleaseFacts, Scorecard

__all__ = ["Parts", "write_release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What was made.

    Attributes:
        release: Random id, 32 hex digits.
        snapshot: The state of the data.
        facts: What was decided upon.
        made: The records, with their risk.
        classes: Which of them is in which class.
        earlier: What the project or the recipient has already.
        destroyed: What they had, and destroyed.
        sample: The texts that a person has to read; None where nobody has to.
    """

    release: str
    snapshot: SnapshotManifest
    facts: ReleaseFacts
    made: TableRelease
    classes: Classes
    earlier: tuple[Earlier, ...]
    destroyed: tuple[EarlierRelease, ...]
    sample: Sample | None


def write_release(draft: Path, door: RecordDoor, wanted: Wanted, parts: Parts) -> Manifest:
    """Write all files of a release into its folder, and return its manifest.

    Args:
        draft: The folder.
        door: Has the declarations and the clock.
        wanted: What was asked for.
        parts: What was made of it.
    """
    facts, made = parts.facts, parts.made
    asked, now = wanted.asked, door.clock.now()
    spec = door.policies.datasets[asked.dataset].spec
    releases, classes = spec.releases, classes_file(parts.classes)
    assert releases.standard is not None  # noqa: S101  REL-STANDARD: no open door is without
    manifest = Manifest(
        release=parts.release,
        project=asked.project,
        dataset=asked.dataset,
        table=wanted.table,
        snapshot=parts.snapshot.snapshot,
        purpose=asked.purpose,
        requester=asked.user,
        recipient=wanted.recipient,
        policy=door.policies.digest,
        layout=layout_digest(door.policies.datasets[asked.dataset]),
        requested=now,
        until=_last_day(door.policies, wanted, now),
        plan=digest_of(wanted.plan_file),
        columns=facts.columns,
        rows=made.table.num_rows,
        criteria=_criteria(facts.criteria),
        standard=releases.standard,
        determination=None if releases.determination is None else releases.determination.report,
        text=_text(facts, wanted.scorecard, parts.sample),
        obligations=spec.obligations,
        files=(_write_records(draft, wanted, made.table, spec),),
        coding=_coding(made),
        classes=digest_of(classes),
        earlier=(*(one.shown for one in parts.earlier), *parts.destroyed),
        notice=notice_of(facts.columns),
    )
    write_private(draft / MANIFEST, manifest.to_bytes())
    write_private(draft / CLASSES, classes)
    _write_review(draft / REVIEW, wanted, made, now)
    if parts.sample is not None:
        write_private(draft / REVIEW / SAMPLE, parts.sample.file)
    return manifest


def _write_records(
    draft: Path, wanted: Wanted, records: pa.Table, spec: DatasetSpec
) -> ReleasedFile:
    file = draft / f"records.{wanted.form}"
    write_table(
        records if wanted.form == "parquet" else _for_spreadsheets(records, spec, wanted), file
    )
    content = file.read_bytes()
    return ReleasedFile(name=file.name, sha256=digest_of(content), bytes=len(content))


def _for_spreadsheets(made: pa.Table, spec: DatasetSpec, wanted: Wanted) -> pa.Table:
    declared = spec.tables[wanted.table].columns
    columns = [name for name in made.column_names if name in declared]
    words = [name for name in columns if declared[name].type is ValueType.STRING]
    return without_formulas(made, words)


def _coding(made: TableRelease) -> dict[str, str]:
    columns, node = made.quasi_identifiers, made.choice.node
    return {one.name: one.steps[step] for one, step in zip(columns, node, strict=True)}


def _criteria(asked: RecordCriteria) -> Criteria:
    return Criteria(k=asked.k, l=asked.l, t=asked.t, suppression=asked.suppression)


def _last_day(policies: PolicySet, wanted: Wanted, now: datetime) -> date:
    """Return the last day of a release: as declared, and none that outlives what it rests on."""
    asked = wanted.asked
    dataset, project = policies.datasets[asked.dataset], policies.projects[asked.project]
    member, releases = project.member(wanted.recipient), dataset.spec.releases
    ends = [dataset.metadata.expires_at, project.metadata.expires_at]
    ends += [] if member is None else [member.until]
    return min(now.date() + timedelta(days=releases.expires_days), *ends)


def _text(
    facts: ReleaseFacts, scorecard: tuple[Scorecard, str] | None, sample: Sample | None
) -> ReleasedText | None:
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
        texts=card.texts,
        leaking=card.leaking,
        sample=0 if sample is None else sample.size,
        sampled=None if sample is None else digest_of(sample.file),
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
