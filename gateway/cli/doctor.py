"""``gateway doctor``: whether a deployment is set up as it should be."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.checkup import Grade, Result, examine
from gateway.cli.arguments import deployment_argument
from gateway.clock import SystemClock

__all__ = ["command"]


@click.command(name="doctor")
@deployment_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
@click.option("--strict", is_flag=True, help="Warnings count as failures.")
@click.pass_context
def command(context: click.Context, folder: Path, *, as_json: bool, strict: bool) -> None:
    """Check files, keys, disks, clock, database, log, witnesses, policies and store of DIR.

    Nothing is changed or logged. Run it as the user of the service.

    Exit codes: 0 nothing failed; 1 something did.
    """
    found = tuple(examine(folder, SystemClock().now()))
    click.echo(_document(found) if as_json else "\n".join(one.line() for one in found))
    bad = {Grade.FAIL, Grade.WARN} if strict else {Grade.FAIL}
    context.exit(int(any(one.grade in bad for one in found)))


def _document(found: tuple[Result, ...]) -> str:
    rows = [
        {
            "check": one.check,
            "grade": one.grade.value.lower(),
            "found": one.found,
            "remedy": one.remedy,
        }
        for one in found
    ]
    return json.dumps({"checks": rows}, indent=1, ensure_ascii=False)
