"""``gateway release``: records of a project, from the request to their destruction."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.arguments import deployment_argument
from gateway.cli.deidentify_options import asked_by
from gateway.cli.identified_files import read_plan, read_table
from gateway.cli.rendering import text_table
from gateway.cli.signing import passphrase_option, private_key
from gateway.clock import SystemClock
from gateway.governing.activated import ActivatedSets
from gateway.keyring import KeyRing
from gateway.records import record_door
from gateway.releases.checking import check_release
from gateway.releases.leaving import approve_release, destroy_release, export_release
from gateway.releases.listing import COLUMNS, Approvers, audited_document, release_cells
from gateway.releases.making import Wanted
from gateway.releases.plans import plan_lines
from gateway.releases.requests import request_release
from gateway.releases.scorecards import read_scorecard
from gateway.releases.states import release_states
from gateway.releases.tracing import trace
from gateway.settings import load_settings

__all__ = ["command"]

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_release: Final = click.argument("release", metavar="ID")


@click.group(name="release")
def command() -> None:
    """Give de-identified records to a project: asked for, approved by two, exported, destroyed.

    No differential privacy, no charge: what leaves so is out of reach. Each step is in the audit
    log.
    """


@command.command()
@deployment_argument
@click.option("--project", required=True, help="For whom.")
@click.option("--dataset", required=True, help="Of which dataset.")
@click.option("--table", required=True, help="Which of its tables.")
def plan(folder: Path, project: str, dataset: str, table: str) -> None:
    """Print the plan with which a table may leave, to be made coarser or shorter."""
    with record_door(load_settings(folder)) as door:
        click.echo("\n".join(plan_lines(door.policies, project, dataset, table)))


@command.command()
@deployment_argument
@click.option("--as", "user", help="Who asks; a member of the project.")
@click.option("--recipient", help="Who gets it; a member of the project, by default who asks.")
@click.option("--project", required=True, help="For whom.")
@click.option("--purpose", help="Why, in the words of the policy.")
@click.option("--dataset", required=True, help="Of which dataset.")
@click.option("--table", required=True, help="Which of its tables.")
@click.option("--plan", "plan_file", type=_FILE, required=True, help="What becomes of its columns.")
@click.option("--evidence", type=_FILE, help="Scorecard, where free text leaves.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="Of the file that leaves.",
)
def request(folder: Path, **given: Any) -> None:  # noqa: ANN401  click's
    """Make a release from what is stored in DIR, and keep it until it is approved.

    Nothing leaves. The folder that is named has what will, and beside it in review/ the plan and
    a report with exact counts, for those who approve.
    """
    asked = asked_by(given)
    read, _ = read_plan(given["plan_file"])
    with record_door(load_settings(folder)) as door:
        evidence = given["evidence"]
        wanted = Wanted(
            asked=asked,
            recipient=given["recipient"] or asked.user,
            table=given["table"],
            plan=read,
            plan_file=given["plan_file"].read_bytes(),
            form=given["form"],
            scorecard=None
            if evidence is None
            else read_scorecard(evidence, door.keys.master_secret),
        )
        made = request_release(door, wanted)
    click.echo(f"release {made.manifest.release}, entry {made.receipt.index} of the audit log")
    for one in made.manifest.earlier:
        coding = ", ".join(f"{name}: {step}" for name, step in one.coding.items())
        coding = coding or "its coding is not kept"
        click.echo(
            f"before: {one.release} of {one.table} to {one.recipient}, {one.state}; {coding}"
        )
    click.echo(f"look at {made.folder}; then let it be approved with 'gateway release approve'")


@command.command()
@_release
@deployment_argument
@click.option("--key", "key_file", type=_FILE, required=True, help="Private key of who has read.")
@passphrase_option
@click.option(
    "--leaking",
    type=click.IntRange(min=0),
    required=True,
    help="Texts of review/texts.jsonl by which somebody could be told.",
)
@click.pass_context
def check(context: click.Context, release: str, folder: Path, key_file: Path, leaking: int) -> None:
    """Sign what came of reading the drawn texts of release ID of DIR; exit code 1 if they fail.

    A failed check keeps the release from leaving for good.
    """
    with record_door(load_settings(folder)) as door:
        receipt, passed = check_release(door, release, private_key(key_file), leaking)
    click.echo(f"{'passed' if passed else 'failed'}, entry {receipt.index} of the audit log")
    context.exit(int(not passed))


@command.command()
@_release
@deployment_argument
@click.option("--key", "key_file", type=_FILE, required=True, help="Private key of who signs.")
@passphrase_option
def approve(release: str, folder: Path, key_file: Path) -> None:
    """Sign that release ID of DIR may leave, after you have looked at it."""
    with record_door(load_settings(folder)) as door:
        done = approve_release(door, release, private_key(key_file))
    click.echo(
        f"entry {done.receipt.index} of the audit log; {done.given} of {done.needed} approve"
    )


@command.command()
@_release
@deployment_argument
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="New folder of the files that leave.",
)
def export(release: str, folder: Path, out: Path) -> None:
    """Write the files of release ID of DIR, once it is approved, for its recipient."""
    with record_door(load_settings(folder)) as door:
        receipt = export_release(door, release, out)
    click.echo(f"{out}: entry {receipt.index} of the audit log")


@command.command()
@_release
@deployment_argument
def destroy(release: str, folder: Path) -> None:
    """Remove release ID from DIR, and log that all copies are gone.

    Run it when the recipient has said so of theirs.
    """
    with record_door(load_settings(folder)) as door:
        receipt = destroy_release(door, release)
    click.echo(f"destroyed, entry {receipt.index} of the audit log")


@command.command(name="list")
@deployment_argument
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def listed(context: click.Context, folder: Path, *, as_json: bool) -> None:
    """List the releases of DIR; exit code 1 if any should have been destroyed by now."""
    settings = load_settings(folder)
    states, now = release_states(settings.ledger).values(), SystemClock().now()
    approvers = Approvers(ActivatedSets(settings.activated))
    documents = [audited_document(state, now, approvers) for state in states]
    if as_json:
        click.echo(json.dumps(documents, indent=2))
    else:
        click.echo(text_table(list(COLUMNS), [release_cells(one) for one in documents]))
    context.exit(int(any(one["overdue"] for one in documents)))


@command.command(name="trace")
@click.argument("file", type=_FILE)
@deployment_argument
def tracing(file: Path, folder: Path) -> None:
    """Tell of which releases of DIR the stand-ins in FILE are, such as one that was found."""
    settings = load_settings(folder)
    master = KeyRing.open(settings.keys).master_secret
    found = trace(read_table(file), release_states(settings.ledger), master)
    for state in found:
        one = state.request
        click.echo(f"{one.release}: to {one.recipient} of {one.project}, entry {state.entry}")
    if not found:
        click.echo("no stand-in of any release is in this file, which proves nothing")
