"""What the page for researchers names is there."""

from __future__ import annotations

import re
from pathlib import Path

import click

from gateway.cli.program import COMMANDS, program
from gateway.client import Gateway, Job, Result

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "client.md").read_text(encoding="utf-8")


def test_every_method_that_is_named_is_there() -> None:
    named = re.findall(r"(gateway|job|result)\.([a-z_]+)", PAGE)
    owners = {"gateway": Gateway, "job": Job, "result": Result}
    missing = [f"{owner}.{name}" for owner, name in named if not hasattr(owners[owner], name)]

    assert len(named) >= 20
    assert set(missing) <= {"gateway.errors", "result.answer"}  # a module; set by __init__


def test_every_command_that_is_named_is_there_with_its_options() -> None:
    commands = re.findall(r"`gateway ([a-z]+)(?: ([a-z]+))?([^`]*)`", PAGE)
    context = click.Context(program)

    assert len(commands) >= 10
    for name, sub, rest in commands:
        assert name in COMMANDS
        command = program.get_command(context, name)
        if isinstance(command, click.Group):
            command = command.get_command(context, sub)
        assert command is not None, (name, sub)
        options = {one for parameter in command.params for one in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options, (name, rest)


def test_what_the_client_does_not_offer_is_not_left_out() -> None:
    public = {name for name in vars(Gateway) if not name.startswith("_")}
    told = {name for owner, name in re.findall(r"(gateway)\.([a-z_]+)", PAGE)}

    assert public - told <= {
        "close",
        "me",
        "project",
        "receipt",
        "growth",
        "checkpoint",
        "practice_zip",
    }
