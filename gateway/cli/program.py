"""The program ``gateway``: finds a command, runs it, and tells failures in one line each.

Exit codes: 0 done; 1 refused or failed, the line on standard error says why; 2 wrong usage;
3 internal error, the line holds an incident id; 130 interrupted. ``gateway audit verify`` has
more, one for each class of what is wrong.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple

import click

from gateway.cli.failures import INTERRUPTED, USAGE, error_lines, exit_code

__all__ = ["COMMANDS", "main", "program"]


class _Place(NamedTuple):
    module: str
    summary: str


COMMANDS: Final = {
    "init": _Place("gateway.cli.init", "Make the folder of a new deployment."),
    "policy": _Place("gateway.cli.policy", "Check declarations."),
    "ingest": _Place("gateway.cli.ingest", "De-identify and store a dataset."),
    "erase": _Place("gateway.cli.erase", "Take patients out, for good."),
    "key": _Place("gateway.cli.keys", "Make, revoke and list API keys."),
    "serve": _Place("gateway.cli.serve", "Serve the HTTP API."),
    "openapi": _Place("gateway.cli.openapi", "Print the description of the HTTP API."),
    "quote": _Place("gateway.cli.quote", "Tell the price of a question, for free."),
    "explain": _Place("gateway.cli.explain", "Tell in words how a question is answered, for free."),
    "query": _Place("gateway.cli.query", "Ask a question, at its price."),
    "jobs": _Place("gateway.cli.jobs", "List, show and cancel questions answered later."),
    "catalog": _Place("gateway.cli.catalog", "List what a project may ask."),
    "budget": _Place("gateway.cli.budget", "Tell what is spent and what is left."),
    "receipt": _Place("gateway.cli.receipt", "Get the proof of an answer or a refusal."),
    "practice": _Place("gateway.cli.practice", "Make up tables to try queries on."),
    "audit": _Place("gateway.cli.audit", "Verify the audit log and the ledger."),
    "witness": _Place("gateway.cli.witness", "Cosign the heads of other people's logs."),
    "deidentify": _Place("gateway.cli.deidentify", "De-identify text."),
    "release": _Place("gateway.cli.release", "Give records to a project, approved by two."),
    "demo": _Place("gateway.cli.demo", "Show everything on a made-up hospital."),
}
"""From command to the module whose ``command`` it is; loaded when it is run, to start fast."""


class _Program(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command = importlib.import_module(place.module).command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in COMMANDS.items()])


@click.command(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="clinical-gateway", prog_name="gateway")
def program() -> None:
    """Share clinical data as differentially private answers.

    Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 internal error.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit the process.

    Args:
        arguments: As typed after ``gateway``; the process's own if None.
    """
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        outcome = program.main(args=arguments, prog_name="gateway", standalone_mode=False)
    except click.Abort:
        click.echo("gateway: interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return USAGE
    except Exception as error:  # noqa: BLE001  no traceback may show a value; an incident id does
        lines, code = error_lines(error), exit_code(error)
        for line in lines:
            click.echo(f"gateway: {line}", err=True)
        return code
    # With standalone_mode off, click returns what ctx.exit() was given, such as after --help.
    return outcome if isinstance(outcome, int) else 0
