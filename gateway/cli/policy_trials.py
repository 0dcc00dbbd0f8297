"""``gateway policy test | explain | impact | simulate``: declarations tried out, nothing asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from gateway.cli.policy_folders import (
    directory_argument,
    in_force,
    is_deployment,
    opened,
    policies_of,
)
from gateway.cli.rendering import text_table
from gateway.governing.decision_trees import decision_tree
from gateway.governing.history import questions_asked
from gateway.governing.policy_tests import NOON, request_of, run_policy_tests
from gateway.governing.simulation import Simulation, simulate
from gateway.settings import load_settings
from policies.active import PolicySet
from policies.cases import Who
from policies.changes import classify
from policies.impact import Impact, impact_of
from policies.load import load_policies
from policies.privacy import Measure

__all__ = ["COMMANDS"]

_CANDIDATE = click.argument(
    "candidate", metavar="CANDIDATE", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
_FOLDER = click.option(
    "--folder",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="The deployment to compare with.",
)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(name="test")
@directory_argument
@click.option("--coverage", is_flag=True, help="Fail if a column, aggregate or purpose is missed.")
@click.pass_context
def trial(context: click.Context, folder: Path, *, coverage: bool) -> None:
    """Run the tests of DIR, a deployment or a folder of declarations; no rows are read.

    Exit codes: 0 all is as expected; 1 a test failed, or something was missed with --coverage.
    """
    report = run_policy_tests(policies_of(folder))
    for failure in report.failures:
        click.echo(str(failure))
    hit = report.targets - len(report.missed)
    click.echo(f"{report.run} cases, {len(report.failures)} failed")
    click.echo(f"{hit} of {report.targets} columns, aggregates and purposes were looked at")
    for target in report.missed if coverage else ():
        click.echo(f"missed: {target}")
    context.exit(1 if report.failures or (coverage and report.missed) else 0)


@click.command(name="explain")
@directory_argument
@click.option("--as", "user", required=True, help="Who asks, as members of projects are named.")
@click.option("--project", required=True, help="In which project.")
@click.option("--query", required=True, help="The SQL.")
@click.option("--dataset", help="Needed where the project has several.")
@click.option("--purpose", help="Needed where the project has several.")
@click.option("--epsilon", help="Price in pools of pure differential privacy.")
@click.option("--rho", help="Price in zCDP pools.")
@click.option("--on", "day", type=_DAY, help="On which day; today by default.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def explanation(context: click.Context, /, folder: Path, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401  click's
    """Tell what would become of a question in DIR, and which line of which file says so.

    Of a deployment, what is in force decides; of a folder of declarations, what is written there.
    Exit codes: 0 allowed; 1 denied.
    """
    active = _declared(folder)
    who = Who(**{name: given[name] for name in ("user", "project", "dataset", "purpose")})
    request = request_of(active, who, given["query"], _when(given["day"]), _price(given))
    tree = decision_tree(request, active)
    click.echo(json.dumps(tree.document(), indent=2) if as_json else tree.text())
    context.exit(1 if tree.quote is None else 0)


@click.command(name="impact")
@_CANDIDATE
@_FOLDER
def impact(candidate: Path, folder: Path) -> None:
    """Tell whom and what it would touch to put CANDIDATE, a folder of declarations, in force."""
    after, before = load_policies(policies_of(candidate)), _in_force(folder)
    click.echo(f"in force:  {before.digest}\ncandidate: {after.digest}")
    click.echo(f"the change {classify(before, after).value}")
    for one in impact_of(before, after):
        for line in _impact_lines(one):
            click.echo(line)
    if before.digest != after.digest:
        click.echo("stored answers are not given again: each question is charged once more")


@click.command(name="simulate")
@_CANDIDATE
@_FOLDER
@click.option("--since", default="30d", show_default=True, help="Of the last days, such as 30d.")
@click.option("--on", "day", type=_DAY, help="Ask all on this day; by default each on its own.")
def simulation(candidate: Path, folder: Path, since: str, day: datetime | None) -> None:
    """Ask the questions of the audit log again under CANDIDATE, a folder of declarations.

    Nothing is charged and no row is read. Questions are shown as the log has them, with constants
    masked that are not public.
    """
    after, before = load_policies(policies_of(candidate)), _in_force(folder)
    start = datetime.now(UTC) - timedelta(days=_days(since))
    found = simulate(
        questions_asked(load_settings(folder).ledger),
        before,
        after,
        start,
        None if day is None else _when(day),
    )
    for line in _simulation_lines(found):
        click.echo(line)


COMMANDS = (trial, explanation, impact, simulation)
"""Commands of ``gateway policy`` that try declarations out."""


def _declared(folder: Path) -> PolicySet:
    return _in_force(folder) if is_deployment(folder) else load_policies(folder)


def _in_force(folder: Path) -> PolicySet:
    with opened(folder) as parts:
        return in_force(*parts)


def _when(day: datetime | None) -> datetime:
    return datetime.now(UTC) if day is None else datetime.combine(day, NOON)


def _price(given: Mapping[str, Any]) -> tuple[Decimal | None, Measure | None]:
    offered = [
        (_decimal(given[name]), measure)
        for name, measure in (("epsilon", Measure.PURE), ("rho", Measure.ZCDP))
        if given[name] is not None
    ]
    if len(offered) > 1:
        raise click.UsageError("give --epsilon or --rho, not both")
    return offered[0] if offered else (None, None)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise click.UsageError("a price is a decimal number, such as 0.5") from None


def _days(since: str) -> int:
    number = since.removesuffix("d")
    if not number.isdecimal() or number == since:
        raise click.UsageError("--since is a number of days, such as 30d")
    return int(number)


def _impact_lines(one: Impact) -> Iterator[str]:
    yield f"{one.subject}: {one.state}; members: {', '.join(one.members) or 'none'}"
    for touched in one.touched:
        for sign, names in (("+", touched.gained), ("-", touched.lost), ("~", touched.changed)):
            if names:
                yield f"  {sign} {touched.what}: {', '.join(names)}"


def _simulation_lines(found: Simulation) -> Iterator[str]:
    flips = found.flips
    yield f"{len(found.outcomes)} questions were asked again, {len(flips)} end otherwise"
    if found.skipped:
        yield f"{found.skipped} could not be asked again: no text of them is kept that can be read"
    for one in flips:
        access, code = one.asked.request.access, one.code or one.asked.denied
        yield f"{one.flip} {code}: entry {one.asked.entry}, {access.project}, {access.principal}"
        yield f"  {one.asked.template}"
    projects = sorted({one.asked.request.access.project for one in flips})
    yield f"projects touched: {', '.join(projects) or 'none'}"
    rows = [
        [project, *(f"{measure.symbol} {units / measure.units:g}" for units in (was, would))]
        for project, (was, would, measure) in sorted(found.charges().items())
    ]
    yield text_table(["project", "charged", "would be charged"], rows)
