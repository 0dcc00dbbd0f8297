from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.deployment import Deployment
from gateway.governing.history import Asked, questions_asked
from gateway.governing.simulation import Simulation, simulate
from gateway.local import LocalGateway
from gateway.settings import load_settings
from policies.errors import RefusalError
from policies.load import load_policies
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full
from tests.gateway.ledger.worlds import ledger_file

__all__ = ["run"]

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ANSWERED = (
    COUNTS,
    COUNTS,
    "SELECT COUNT(*) AS n FROM patients WHERE sex = 'F'",
    "SELECT AVG(age) AS a FROM patients WHERE age > 40 AND age < 4321",
    "SELECT COUNT(*) AS n FROM visits WHERE kind = 'inpatient'",
)
REFUSED = (
    (USER, "SELECT COUNT(*) FROM patients WHERE name = 'Canary Name7'"),
    ("eve", COUNTS),
    (USER, "SELECT COUNT(*) FROM"),
    (USER, "SELECT age, COUNT(*) AS n FROM patients GROUP BY age"),
)


@pytest.fixture(scope="module")
def asked_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment that was asked nine questions."""
    site = make_full(tmp_path_factory.mktemp("asked"))
    with Deployment.open(site, paced=False) as deployment:
        for sql in ANSWERED:
            LocalGateway(deployment, USER).query(PROJECT, sql, epsilon="0.3")
        for user, sql in REFUSED:
            with pytest.raises(RefusalError):
                LocalGateway(deployment, user).query(PROJECT, sql, epsilon="0.3")
    return site


@pytest.fixture
def candidate(asked_site: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(asked_site / "policies", tmp_path / "candidate"))


def edit(candidate: Path, file: str, old: str, new: str) -> None:
    path = candidate / file
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def history(site: Path) -> list[Asked]:
    return list(questions_asked(load_settings(site).ledger))


def simulated(site: Path, candidate: Path, since: datetime = LONG_AGO) -> Simulation:
    before, after = load_policies(site / "policies"), load_policies(candidate)
    return simulate(history(site), before, after, since)


def test_the_log_gives_back_every_question(asked_site: Path) -> None:
    asked = history(asked_site)

    assert [bool(one.denied) for one in asked] == [False] * 5 + [True] * 4
    units = [None if one.charged is None else one.charged.amount for one in asked]
    assert units == [300_000, 0, 0, 300_000, 300_000, None, None, None, None]
    assert [one.request.sql for one in asked if one.is_exact] == [
        COUNTS,
        COUNTS,
        ANSWERED[3],
        ANSWERED[4],
    ]
    assert [one.denied for one in asked[5:]] == [
        "POL-COLUMN-ROLE",
        "PRJ-NOT-MEMBER",
        "SQL-SYNTAX",
        "POL-COLUMN-GROUP",
    ]


def test_the_declarations_in_force_change_nothing(asked_site: Path) -> None:
    found = simulated(asked_site, asked_site / "policies")

    assert found.flips == ()
    assert found.skipped == 2  # what could not be read, and a stranger's
    assert [one.code for one in found.outcomes if one.code] == [
        "POL-COLUMN-ROLE",
        "POL-COLUMN-GROUP",
    ]
    assert {(was, would) for was, would, _ in found.charges().values()} == {(900_000, 900_000)}


def test_what_is_allowed_and_denied_then_is_told(asked_site: Path, candidate: Path) -> None:
    edit(candidate, "projects/example.yaml", "visits: [kind]", "visits: []")
    edit(candidate, "datasets/example.yaml", "dp: {bounds: [0, 90],",
         "dp: {group_by: true, bounds: [0, 90],")  # fmt: skip
    flips = simulated(asked_site, candidate).flips

    assert [(one.flip, one.code) for one in flips] == [
        ("allow -> deny", "PRJ-COLUMN"),
        ("deny -> allow", ""),
    ]
    assert flips[1].charge is not None
    assert str(flips[1].charge.parameter) == "0.1"  # of what was refused no price is known


def test_a_smaller_budget_is_used_up_by_the_first_questions(
    asked_site: Path, candidate: Path
) -> None:
    edit(candidate, "projects/example.yaml", 'epsilon: "2"', 'epsilon: "0.6"')
    found = simulated(asked_site, candidate)

    assert [(one.flip, one.code) for one in found.flips] == [("allow -> deny", "BUD-PROJECT")]
    assert {(was, would) for was, would, _ in found.charges().values()} == {(900_000, 600_000)}


def test_what_was_spent_before_is_spent(asked_site: Path, candidate: Path) -> None:
    edit(candidate, "projects/example.yaml", 'epsilon: "2"', 'epsilon: "0.6"')
    asked = history(asked_site)
    found = simulated(asked_site, candidate, asked[3].request.access.time)

    assert len(found.outcomes) == 4
    assert [one.code for one in found.flips] == ["BUD-PROJECT"]


def test_what_followed_from_an_answer_costs_where_that_is_not_given(
    asked_site: Path, candidate: Path
) -> None:
    asked = history(asked_site)
    before, after = load_policies(asked_site / "policies"), load_policies(candidate)
    found = simulate(asked[1:], before, after, LONG_AGO)
    charges = [0 if one.charge is None else one.charge.amount for one in found.outcomes[:2]]

    assert charges == [300_000, 0]


def test_a_member_who_is_gone_has_no_budget(asked_site: Path, candidate: Path) -> None:
    edit(candidate, "projects/example.yaml", '"researcher:change.me"', '"researcher:other"')
    found = simulated(asked_site, candidate)

    assert {one.code for one in found.flips} == {"PRJ-NOT-MEMBER"}
    assert len(found.flips) == 5


def test_all_may_be_asked_on_one_day(asked_site: Path, candidate: Path) -> None:
    before, after = load_policies(asked_site / "policies"), load_policies(candidate)
    later = datetime.now(UTC) + timedelta(days=3000)
    found = simulate(history(asked_site), before, after, LONG_AGO, later)

    assert {one.code for one in found.outcomes} == {"PRJ-MEMBER-EXPIRED"}


def test_older_questions_without_their_text_are_asked_in_canonical_form(
    asked_site: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "ledger.sqlite"
    shutil.copy(ledger_file(load_settings(asked_site)), copy)
    with closing(sqlite3.connect(copy)) as connection:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE query SET wording = NULL")
        connection.commit()
    asked = list(questions_asked(copy))
    active = load_policies(asked_site / "policies")

    assert not any(one.is_exact for one in asked)
    assert "4321" not in " ".join(one.request.sql for one in asked)
    assert "age < 1000" in asked[3].request.sql
    assert simulate(asked, active, active, LONG_AGO).flips == ()


def test_the_command_shows_masked_questions_and_no_constants(
    run: Run, asked_site: Path, candidate: Path
) -> None:
    edit(candidate, "projects/example.yaml", "patients: [age, sex]", "patients: [sex]")
    where = ("policy", "simulate", candidate, "--folder", asked_site)
    outcome = run(*where)
    none = run(*where, "--since", "0d")
    on = run(*where, "--on", "2040-01-01")

    assert outcome.code == none.code == 0
    assert "allow -> deny PRJ-COLUMN: entry" in outcome.out
    assert ":number" in outcome.out
    assert "projects touched: example-project" in outcome.out
    assert "epsilon 0.9  epsilon 0.6" in outcome.out
    assert not re.search("4321|Canary", outcome.out)
    assert "0 questions were asked again" in none.out
    assert "PRJ-MEMBER-EXPIRED" in on.out
    assert run(*where, "--since", "soon").code == 2


def test_impact_tells_whom_a_change_touches(run: Run, asked_site: Path, candidate: Path) -> None:
    same = run("policy", "impact", candidate, "--folder", asked_site)
    edit(candidate, "projects/example.yaml", "patients: [age, sex]", "patients: [sex]")
    changed = run("policy", "impact", candidate, "--folder", asked_site)

    assert "the change neutral" in same.out
    assert "project/example-project: changed; members: researcher:change.me" in changed.out
    assert "  - columns: example.patients.age" in changed.out
    assert "charged once more" in changed.out


def test_explain_gives_a_tree_with_lines(run: Run, asked_site: Path) -> None:
    where = ("policy", "explain", asked_site, "--as", USER, "--project", PROJECT, "--query")
    allowed = run(*where, COUNTS, "--epsilon", "0.2", "--on", "2026-12-01")
    denied = run(*where, "SELECT COUNT(*) FROM patients WHERE name = 'x'", "--json")
    unread = run(*where, "SELECT COUNT(*) FROM nothing")
    folder = run("policy", "explain", asked_site / "policies", *where[3:], COUNTS)
    tree = json.loads(denied.out)
    (role,) = (one for one in tree["rules"] if one["rule"] == "column_role")

    assert (allowed.code, denied.code, unread.code, folder.code) == (0, 1, 1, 0)
    assert allowed.out.startswith("allow, at epsilon 0.2\n├─ allow project_member  [projects/")
    assert "│  └─ allow column_role patients.sex as group  [datasets/example.yaml:" in allowed.out
    assert (tree["decision"], tree["code"]) == ("deny", "POL-COLUMN-ROLE")
    assert role["at"]["file"] == "datasets/example.yaml"
    assert role["at"]["line"] > 10
    assert unread.out.startswith("deny SQL-NAME ")
    assert run(*where, COUNTS, "--epsilon", "x").code == 2
    assert run(*where, COUNTS, "--epsilon", "1", "--rho", "1").code == 2
    stranger = run(
        *("policy", "explain", asked_site, "--as", "eve", "--project", PROJECT),
        *("--query", COUNTS, "--json"),
    )
    assert [one["at"] for one in json.loads(stranger.out)["rules"]] == [None]
