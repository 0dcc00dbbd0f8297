"""``gateway deidentify table``: one table released by a plan, with its risk before and after."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click

from anonymizers.keys import KEY_BYTES, derive_key
from anonymizers.presidio import engine_text
from anonymizers.reading import Reading
from anonymizers.risk import Criteria
from anonymizers.tables.hierarchies import (
    CategoryHierarchy,
    DateHierarchy,
    NoHierarchy,
    NumberHierarchy,
    ZipHierarchy,
)
from anonymizers.tables.plan import ColumnPlan, ColumnRole, TablePlan
from anonymizers.tables.release import ReleaseKeys, TableRelease, release_table
from anonymizers.tables.report import About, report_document, report_page
from anonymizers.tables.roles import Proposal, propose_roles
from anonymizers.text import stricter
from gateway.cli.deidentify_options import asked_by, keyed, member, projected, worked
from gateway.cli.identified_files import read_plan, read_table, write_table
from gateway.records import MadeRelease, record_door
from gateway.settings import Settings, load_settings
from policies.records import RecordCriteria

__all__ = ["release_keys", "table"]

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("source", type=_FILE)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--propose", is_flag=True, help="Print a plan with a reason for each column; no OUT.")
@click.option("--plan", "plan_file", type=_FILE, help="What becomes of each column, in YAML.")
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for report.html and report.json; by default beside OUT.",
)
@click.option(
    "--population", type=_FILE, help="A register with the same quasi-identifiers of everybody."
)
@projected
@keyed
@member
@worked
def table(source: Path, out: Path | None, *, propose: bool, **given: Any) -> None:  # noqa: ANN401  click's
    """Release the table SOURCE (CSV or Parquet) as OUT, and write the risk report.

    With --folder the dataset's declaration decides whether it may leave, and the release is an
    entry of the audit log.

    The report has exact counts of identified data: it is for the privacy officer only.
    """
    if propose:
        proposals = propose_roles(read_table(source), datetime.now(UTC).date())
        click.echo("\n".join(_plan_lines(proposals)))
        return
    if out is None or given["plan_file"] is None:
        raise click.UsageError("give OUT and --plan, or --propose")
    release = _released(source, out, given["plan_file"], given)
    left = f"{release.after.rows} rows, {release.after.suppressed} left out"
    click.echo(f"{out}: {left}, k = {release.after.k}")
    if release.withheld:
        click.echo(f"{release.withheld} free texts could not be de-identified and are empty")


def release_keys(master: bytes, dataset: str, project: str) -> ReleaseKeys:
    """Derive the keys of one project's releases of a dataset."""

    def derive(purpose: str) -> bytes:
        return derive_key(master, purpose=purpose, dataset=dataset, scope=project)

    return ReleaseKeys(
        pseudonyms=derive("pseudonyms"), shift=derive("date-shift"), text=derive("text")
    )


def _released(source: Path, out: Path, plan_file: Path, given: dict[str, Any]) -> TableRelease:
    plan, digest = read_plan(plan_file)
    folder: Path | None = given["folder"]
    if folder is None:
        master = secrets.token_bytes(KEY_BYTES)
        release = _made(source, plan, master, given, Reading(workers=given["workers"]))
        write_table(release.table, out)
    else:
        release = _logged(source, out, (plan, digest), given, load_settings(folder))
    about = About(
        source=source.name,
        project=given["project"],
        made=datetime.now(UTC),
        plan_digest=digest,
        version=version("clinical-gateway"),
        register=given["population"] is not None,
    )
    report: Path = given["report"] or out.parent
    document = report_document(release, plan, about)
    report.mkdir(parents=True, exist_ok=True)
    _write(report / "report.json", json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    _write(report / "report.html", report_page(document))
    return release


def _logged(
    source: Path,
    out: Path,
    planned: tuple[TablePlan, str],
    given: dict[str, Any],
    settings: Settings,
) -> TableRelease:
    """Release through the record door: the file is in its place only once the log says so."""
    plan, digest = planned
    reading = Reading(
        engine=settings.text_engine,
        least_profile=settings.least_profile,
        workers=given["workers"],
    )
    draft = out.with_name(f".{out.stem}.{secrets.token_hex(4)}{out.suffix}")
    with record_door(settings) as door:
        asked, criteria = asked_by(given), _criteria(plan.criteria)
        door.allow_release(asked, criteria)
        release = _made(source, plan, door.master, given, reading)
        profile = stricter(plan.profile, reading.least_profile)
        try:
            write_table(release.table, draft)
            entry = door.log_release(
                asked,
                MadeRelease(
                    plan=f"sha256:{digest}",
                    output=f"sha256:{hashlib.sha256(draft.read_bytes()).hexdigest()}",
                    criteria=criteria,
                    text_engine=engine_text(reading.engine) if release.notes else "",
                    text_profile=profile if release.notes else "",
                ),
            )
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
    click.echo(f"entry {entry} of the audit log")
    return release


def _made(
    source: Path, plan: TablePlan, master: bytes, given: dict[str, Any], reading: Reading
) -> TableRelease:
    register: Path | None = given["population"]
    return release_table(
        read_table(source),
        plan,
        release_keys(master, given["dataset"], given["project"]),
        population=None if register is None else read_table(register),
        reading=reading,
    )


def _criteria(criteria: Criteria) -> RecordCriteria:
    def exact(share: float) -> Decimal:
        return Decimal(str(share))

    return RecordCriteria(
        k=criteria.k,
        l=criteria.l,
        t=None if criteria.t is None else exact(criteria.t),
        suppression=exact(criteria.suppression),
    )


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")


def _plan_lines(proposals: Sequence[Proposal]) -> Iterator[str]:
    yield "# A proposal from names, types and content. Nothing is released by it: check each"
    yield "# column, decide what is undecided, then run with --plan."
    yield "criteria: {k: 11, suppression: 0.05}"
    yield "columns:"
    for proposal in proposals:
        for reason in proposal.reasons:
            yield f"  # {reason}"
        yield f"  {json.dumps(proposal.name, ensure_ascii=False)}:"
        yield from (f"    {line}" for line in _column_lines(proposal.plan))


def _column_lines(plan: ColumnPlan) -> Iterator[str]:
    yield f"role: {plan.role.value}"
    if plan.identifies is not None:
        yield f"identifies: {plan.identifies.value}"
    if plan.format is not None:
        yield f"format: {json.dumps(plan.format)}"
    if plan.role is not ColumnRole.QUASI_IDENTIFIER:
        return
    match plan.hierarchy:
        case DateHierarchy(steps=steps, format=pattern, oldest=oldest):
            more = f", oldest: {oldest}" if oldest else ""
            more += f", format: {json.dumps(pattern)}" if pattern else ""
            yield f"hierarchy: {{kind: date, steps: {json.dumps(steps)}{more}}}"
        case NumberHierarchy(widths=widths, top=top):
            capped = f", top: {top}" if top is not None else ""
            yield f"hierarchy: {{kind: number, widths: {json.dumps(widths)}{capped}}}"
        case ZipHierarchy(steps=zips):
            yield f"hierarchy: {{kind: zip, steps: {json.dumps(zips)}}}"
        case CategoryHierarchy():
            yield "hierarchy: {kind: category, groups: []}"
        case NoHierarchy():
            yield "hierarchy: {kind: none}"
