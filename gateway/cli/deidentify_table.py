"""``gateway deidentify table``: one table released by a plan, with its risk before and after."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click
import pyarrow as pa

from anonymizers.keys import KEY_BYTES
from anonymizers.reading import Reading
from anonymizers.tables.hierarchies import (
    CategoryHierarchy,
    DateHierarchy,
    NoHierarchy,
    NumberHierarchy,
    ZipHierarchy,
)
from anonymizers.tables.plan import UNITS, ColumnPlan, ColumnRole, TablePlan
from anonymizers.tables.release import ReleaseKeys, TableRelease, release_table
from anonymizers.tables.report import About, report_document, report_page
from anonymizers.tables.roles import Proposal, propose_roles
from gateway.cli.deidentify_options import worked
from gateway.cli.identified_files import read_plan, read_table
from gateway.settings import load_settings
from gateway.table_files import write_table
from policies.errors import DeclarationError

__all__ = ["table"]

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
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Read text as this deployment does: its engine, and at least its profile.",
)
@click.option(
    "--rows-are-people",
    is_flag=True,
    help="Nobody has two rows, though no column of the plan says whose each is.",
)
@worked
def table(source: Path, out: Path | None, *, propose: bool, **given: Any) -> None:  # noqa: ANN401  click's
    """Release the table SOURCE (CSV or Parquet) as OUT, and write the risk report.

    This is for files of your own: no policy is asked, nothing is logged, and the keys of stand-ins
    are new each time. What a project is given comes from 'gateway release'.

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
    if release.linked:
        click.echo("rows of one person bear one stand-in, and k holds of each row alone; the role")
        click.echo("counted_unit in place of privacy_unit keeps them apart")
    if release.withheld:
        click.echo(f"{release.withheld} free texts could not be de-identified and are empty")


def _released(source: Path, out: Path, plan_file: Path, given: dict[str, Any]) -> TableRelease:
    plan, digest = read_plan(plan_file)
    identified = read_table(source)
    if not given["rows_are_people"]:
        _check_unit(plan, identified, plan_file)
    register: Path | None = given["population"]
    release = release_table(
        identified,
        plan,
        _new_keys(),
        population=None if register is None else read_table(register),
        reading=_reading(given["folder"], given["workers"]),
    )
    write_table(release.table, out)
    about = About(
        source=source.name,
        project="(own files)",
        made=datetime.now(UTC),
        plan_digest=digest,
        version=version("clinical-gateway"),
        register=register is not None,
    )
    report: Path = given["report"] or out.parent
    document = report_document(release, plan, about)
    report.mkdir(parents=True, exist_ok=True)
    _write(report / "report.json", json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    _write(report / "report.html", report_page(document))
    return release


def _check_unit(plan: TablePlan, identified: pa.Table, file: Path) -> None:
    """Check that persons can be counted, and not their rows.

    Raises:
        DeclarationError: ``DEID-UNIT`` if no column says whose row it is, or not of each.
    """
    units = [name for name in plan.of(*UNITS) if name in identified.column_names]
    empty = any(identified[name].null_count for name in units)
    if empty or not plan.of(*UNITS):
        who = (
            f"column {units[0]} is empty in some rows" if empty else "no column tells persons apart"
        )
        raise DeclarationError(
            f"{who}: k would count rows, and five of them may be one person's",
            code="DEID-UNIT",
            remedy="give the column that tells persons apart, in every row, the role privacy_unit, "
            "or counted_unit where somebody has several rows; where nobody has two, say "
            "--rows-are-people",
            file=str(file),
        )


def _new_keys() -> ReleaseKeys:
    """Draw keys that nobody keeps: what is made here is linked to nothing else."""
    return ReleaseKeys(
        pseudonyms=secrets.token_bytes(KEY_BYTES),
        shift=secrets.token_bytes(KEY_BYTES),
        text=secrets.token_bytes(KEY_BYTES),
    )


def _reading(folder: Path | None, workers: int) -> Reading:
    if folder is None:
        return Reading(workers=workers)
    settings = load_settings(folder)
    return Reading(
        engine=settings.text_engine, least_profile=settings.least_profile, workers=workers
    )


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")


def _plan_lines(proposals: Sequence[Proposal]) -> Iterator[str]:
    yield "# A proposal from names, types and content. Nothing is released by it: check each"
    yield "# column, decide what is undecided, then run with --plan."
    if not any(one.plan.role in UNITS for one in proposals):
        yield "# No column seems to say whose each row is. Name one privacy_unit, or counted_unit"
        yield "# where somebody has several rows; where nobody has two, run with --rows-are-people."
    yield "criteria: {k: 11, suppression: 0.05}"
    yield "columns:"
    for proposal in _unlinked(proposals):
        for reason in proposal.reasons:
            yield f"  # {reason}"
        yield f"  {json.dumps(proposal.name, ensure_ascii=False)}:"
        yield from (f"    {line}" for line in _column_lines(proposal.plan))


def _unlinked(proposals: Sequence[Proposal]) -> Iterator[Proposal]:
    """Propose that rows of one person are not linked, where somebody has several."""
    roles = {
        ColumnRole.PRIVACY_UNIT: (ColumnRole.COUNTED_UNIT, "several rows have the same"),
        ColumnRole.KEY: (ColumnRole.DIRECT_IDENTIFIER, "as a key it would link rows of one person"),
    }
    several = any(
        one.plan.role is ColumnRole.PRIVACY_UNIT and one.profile.unique < 1 for one in proposals
    )
    for one in proposals:
        if not several or one.plan.role not in roles:
            yield one
            continue
        role, reason = roles[one.plan.role]
        plan = replace(one.plan, role=role)
        yield replace(one, plan=plan, reasons=(*one.reasons, reason))


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
