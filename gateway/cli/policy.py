"""``gateway policy``: draft, check, compare and tidy declarations before they are in force."""

from __future__ import annotations

from typing import Final

import click

from gateway.cli.policy_approvals import COMMANDS as APPROVALS
from gateway.cli.policy_diff import diff
from gateway.cli.policy_draft import draft
from gateway.cli.policy_lint import lint
from gateway.cli.policy_text import fmt, schema
from gateway.cli.policy_trials import COMMANDS as TRIALS

__all__ = ["command"]

_TEXT: Final = (draft, lint, diff, fmt, schema)


@click.group(name="policy")
def command() -> None:
    """Draft, check, compare, try out, approve and activate declarations."""


for _one in (*_TEXT, *APPROVALS, *TRIALS):
    command.add_command(_one)
