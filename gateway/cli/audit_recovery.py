"""``gateway audit recover`` and ``rotate-key``: what is done to the log by its own rules."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.activation import APPROVALS
from gateway.cli.arguments import deployment_argument
from gateway.clock import SystemClock
from gateway.errors import OperatorError
from gateway.recovery import Recovery, recover_log
from gateway.settings import load_settings
from gateway.signing_keys import open_key
from gateway.suspension import REASONS
from policies.signatures import signed

__all__ = ["recover", "rotate_key"]


@click.command(name="rotate-key")
@deployment_argument
def rotate_key(folder: Path) -> None:
    """Refuse: a log has one key, which no other can follow. DIR is left as it is.

    Whoever holds an old key could sign another past, and that another key follows it, so that
    nobody could tell which log is the right one.
    """
    raise OperatorError(
        "a log has one key for as long as it lives: who holds an old one could sign another past",
        code="SYS-KEYS-ROTATE",
        remedy="end this log and make a new deployment: docs/operations.md, Changing the log's key",
        file=str(folder),
    )


@click.command()
@deployment_argument
@click.option("--reason-code", required=True, type=click.Choice(REASONS))
@click.option(
    "--key", "key_file", type=click.Path(dir_okay=False, path_type=Path), help="Of who signs."
)
@click.option(
    "--spend-all-budgets", required=True, is_flag=True, help="Says that you know what it costs."
)
def recover(
    folder: Path, reason_code: str, key_file: Path | None, *, spend_all_budgets: bool
) -> None:
    """Let the log of DIR go on from an older copy, where no newer one is left.

    What was charged since is not known, so all budgets are spent to their caps: questions are
    answered again once caps were raised by declarations that are approved. It is done once as many
    have signed as for a change that widens. Stop the service first, on all hosts.
    """
    del spend_all_budgets
    settings, clock = load_settings(folder), SystemClock()
    recovery = Recovery.of(settings)
    if key_file is not None:
        envelope = signed(recovery.statement, open_key(key_file), clock.now())
        path = (
            settings.policies
            / APPROVALS
            / f"{recovery.name}.{envelope.signatures[0].key_id}.dsse.json"
        )
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(envelope.to_bytes())
    recover_log(recovery, settings, reason_code, clock)
    click.echo(f"The log goes on after {recovery.size} entries; all budgets are spent.")
