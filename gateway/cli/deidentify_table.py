"""``gateway deidentify table``: one table released by a plan, with its risk before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import click

from anonymizers.keys import derive_key
from anonymizers.tables.hierarchies import (
    CategoryHierarchy,
    DateHierarchy,
    NoHierarchy,
    NumberHierarchy,
    ZipHierarchy,
)
from anonymizers.tables.plan import ColumnPlan, ColumnRole
from anonymizers.tables.release import ReleaseKeys, TableRelease, release_table
from anonymizers.tables.report import About, report_document, report_page
from anonymizers.tables.roles import Proposal, propose_roles
from gateway.cli.deidentify_options import dataset_keys, keyed, projected, worked
from gateway.cli.identified_files import read_plan, read_table, write_table

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
@worked
def table(source: Path, out: Path | None, *, propose: bool, **given: object) -> None:
    """Release the table SOURCE (CSV or Parquet) as OUT, and write the risk report.

    The report has exact counts of identified data: it is for the privacy officer only.
    """
    if propose:
        proposals = propose_roles(read_table(source), datetime.now(UTC).date())
        click.echo("\n".join(_plan_lines(proposals)))
        return
    if out is None or not isinstance(given["plan_file"], Path):
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


def _released(source: Path, out: Path, plan_file: Path, given: dict[str, object]) -> TableRelease:
    plan, digest = read_plan(plan_file)
    folder, register = given["folder"], given["population"]
    project, workers = str(given["project"]), given["workers"]
    master = dataset_keys(folder if isinstance(folder, Path) else None)
    release = release_table(
        read_table(source),
        plan,
        release_keys(master, str(given["dataset"]), project),
        population=read_table(register) if isinstance(register, Path) else None,
        workers=workers if isinstance(workers, int) else 1,
    )
    about = About(
        source=source.name,
        project=project,
        made=datetime.now(UTC),
        plan_digest=digest,
        version=version("clinical-gateway"),
        register=register is not None,
    )
    report = given["report"] if isinstance(given["report"], Path) else out.parent
    document = report_document(release, plan, about)
    report.mkdir(parents=True, exist_ok=True)
    _write(report / "report.json", json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    _write(report / "report.html", report_page(document))
    write_table(release.table, out)
    return release


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
