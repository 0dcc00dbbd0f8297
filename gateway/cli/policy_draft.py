"""``gateway policy draft``: a first declaration of unknown files, for a steward to correct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import click

from gateway.audit.durable import new_file
from gateway.cli.policy_folders import policies_of
from gateway.drafting import Draft, DraftRequest, draft_policies
from gateway.errors import OperatorError
from policies.datasets import Ownership
from policies.folders import APPROVALS_FILE, GATEWAY_FILE
from policies.kinds import SCHEMA_FILE, schema_text

__all__ = ["draft"]


def _lists(_: click.Context, __: click.Parameter, given: Sequence[str]) -> dict[str, Path]:
    lists: dict[str, Path] = {}
    for one in given:
        path, mark, column = one.rpartition(":")
        if not mark or "." not in column or not Path(path).is_file():
            raise click.BadParameter("write LIST.csv:TABLE.COLUMN, with a file that is there")
        lists[column] = Path(path)
    return lists


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="A deployment, or the folder of declarations to write; nothing is overwritten.",
)
@click.option("--name", help="Id of the dataset; by default from the name of SOURCE.")
@click.option("--unit", metavar="TABLE.COLUMN", help="The patient's key, if the guess is wrong.")
@click.option("--purpose", default="research", show_default=True, help="Why anybody may ask.")
@click.option("--owner", default="data steward", show_default=True, help="Who answers for it.")
@click.option(
    "--public",
    multiple=True,
    metavar="LIST.csv:TABLE.COLUMN",
    callback=_lists,
    help="A public list of all categories of a column; repeatable.",
)
def draft(source: Path, out: Path, **given: Any) -> None:  # noqa: ANN401  click's
    """Draft the declarations of SOURCE: a CSV or Parquet file, a folder, or a DuckDB file.

    A folder may also hold FHIR R4 resources as NDJSON, of a bulk export or in bundles.

    Every column gets a role, with the reason above it, and nothing may be asked yet: bounds and
    categories are public facts, which no program takes from the data. No value of it is written.
    """
    request = DraftRequest(place=source, today=datetime.now(UTC).date(), **given)
    done = draft_policies(request)
    folder = policies_of(out)
    _write(folder, done.files)
    for line in _told(done):
        click.echo(line)
    click.echo(
        f"next: correct {folder / 'datasets' / done.name}.yaml, then run\n"
        f"  gateway policy lint {out} --source {done.folder}\n"
        f"  gateway policy test {out}"
    )


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files; those that every folder has once are left as they are."""
    once = {GATEWAY_FILE: files[GATEWAY_FILE], SCHEMA_FILE: schema_text().encode()}
    starter = resources.files("gateway.starter").joinpath(APPROVALS_FILE)
    once[APPROVALS_FILE] = starter.read_bytes()
    new = {name: content for name, content in files.items() if name not in once}
    for name in new:
        if (folder / name).exists():
            raise OperatorError(
                "there is such a file already",
                code="CFG-NOT-EMPTY",
                remedy="give the draft another --name, or move the file; nothing was written",
                file=str(folder / name),
            )
    new |= {name: content for name, content in once.items() if not (folder / name).exists()}
    for name, content in new.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new_file(path, content, 0o644)


def _told(done: Draft) -> list[str]:
    lines = []
    for table in done.tables:
        private = table.ownership is Ownership.PRIVATE
        whose = "patients' rows" if private else "a directory, not stored"
        lines.append(f"{table.surveyed.name}: {whose}; {table.reason}")
        lines += [f"  {link.column} refers to {link.target}" for link in table.links]
    lines += [f"passed over: {name}, which has another format" for name in done.passed_over]
    return lines
