from __future__ import annotations

import io
import shlex
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from gateway.demo.pages import Pages
from gateway.demo.people import make_people
from gateway.demo.questions import PROJECT, QUESTIONS
from gateway.identity.accounts import Accounts
from gateway.identity.principals import AccountRole
from tests.gateway.conftest import FAR_DAY


def test_each_of_the_demos_people_has_a_key_of_their_role(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "accounts.sqlite")
    people = make_people(accounts, expires=FAR_DAY)

    assert [one.user for one in people] == ["demo|researcher", "demo|steward", "demo|auditor"]
    for one in people:
        known = accounts.authenticate(one.key, datetime.now(UTC))
        assert (known.user, known.role) == (one.user, one.role)
        assert one.key not in repr(one)
    assert people[0].role is AccountRole.RESEARCHER


def test_the_first_address_that_is_printed_is_the_demos_people() -> None:
    told = io.StringIO()
    Pages(Console(file=told, width=80)).serving("http://127.0.0.1:8080", "gw_key", PROJECT)
    text = told.getvalue()

    assert text.index("http://127.0.0.1:8080/demo") == text.index("http://")


def test_the_command_that_is_printed_can_be_pasted() -> None:
    told = io.StringIO()
    Pages(Console(file=told, width=80)).serving("http://127.0.0.1:8080", "gw_key", PROJECT)
    command = told.getvalue()[told.getvalue().index("GATEWAY_API_KEY") :]

    words = shlex.split(command)
    assert words[:3] == ["GATEWAY_API_KEY=gw_key", "gateway", "query"]
    assert words[-1] == QUESTIONS[0].sql
