from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.audit.entries import time_text
from gateway.audit.fields import FIELDS
from gateway.audit.flags import RULES, SETTLED, Flags

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
COUNT = "SELECT COUNT(*) AS n FROM visits WHERE age > 40 AND sex = 'F' GROUP BY ward"


class Log:
    """Entries as the log has them, at the times that a test says."""

    def __init__(self) -> None:
        self.flags = Flags()
        self.size = 0
        self.time = START

    def take(self, kind: str, *, behind_ms: int = 0, **fields: Any) -> None:  # noqa: ANN401
        entry = {
            "seq": self.size,
            "time": time_text(self.time),
            "behind_ms": behind_ms,
            "kind": kind,
            **fields,
        }
        self.size += 1
        self.flags.take(entry)

    def ask(self, request: str = COUNT, *, after: float = 60.0, **fields: Any) -> None:  # noqa: ANN401
        self.time += timedelta(seconds=after)
        asked: dict[str, Any] = {
            "actor": "ana",
            "project": "heart",
            "dataset": "hospital",
            "purpose": "research",
            "pool": "hospital",
            "measure": "pure",
            "amount": 1,
            "request": request,
        }
        self.take("query.reserve", **(asked | fields))

    def deny(self, *, actor: str = "ana", after: float = 60.0) -> None:
        self.time += timedelta(seconds=after)
        self.take("query.deny", actor=actor, code="POL-ROLE")

    @property
    def rules(self) -> list[str]:
        return [flag.rule for flag in self.flags.found.values()]


@pytest.fixture
def log() -> Log:
    return Log()


def test_a_plain_question_is_not_flagged(log: Log) -> None:
    log.ask()

    assert log.rules == []


def test_ten_questions_of_one_shape_within_minutes_are_a_burst(log: Log) -> None:
    for age in range(10):
        log.ask(f"SELECT COUNT(*) FROM visits WHERE age = {age} AND ward = 'w{age}'")

    assert log.rules.count("burst") == 1


@pytest.mark.parametrize("change", ["slow", "other people", "other shapes"])
def test_what_is_no_burst(log: Log, change: str) -> None:
    for number in range(10):
        column = f"c{number}x" if change == "other shapes" else "age"
        log.ask(
            f"SELECT COUNT(*) FROM visits WHERE {column} = 1",
            after=120.0 if change == "slow" else 10.0,
            actor=f"a{number}" if change == "other people" else "ana",
        )

    assert "burst" not in log.rules


@pytest.mark.parametrize(
    ("second", "flagged"),
    [
        ("SELECT COUNT(*) AS n FROM visits WHERE age > 40 GROUP BY ward", True),
        (COUNT.replace("age > 40 AND", "age > 40 AND zip = '021' AND"), True),
        (COUNT.replace("COUNT(*) AS n", "SUM(cost) AS n"), False),
        (COUNT.replace("age > 40", "age > 50"), False),
        (COUNT, False),
        ("SELECT COUNT(*) AS n FROM visits GROUP BY ward", False),
    ],
)
def test_one_condition_more_or_less_is_differencing(
    log: Log, second: str, *, flagged: bool
) -> None:
    log.ask(COUNT)
    log.ask(second)

    assert ("differencing" in log.rules) is flagged


def test_one_condition_against_none_is_differencing(log: Log) -> None:
    log.ask("SELECT COUNT(*) AS n FROM visits GROUP BY ward")
    log.ask("SELECT COUNT(*) AS n FROM visits WHERE age > 40 GROUP BY ward")

    assert [flag.reason for flag in log.flags.found.values()] == ["beside entry 0"]


@pytest.mark.parametrize("change", [{"actor": "ben"}, {"project": "lungs"}])
def test_who_shares_the_pair_among_members_or_projects_is_flagged(
    log: Log, change: dict[str, Any]
) -> None:
    log.ask(COUNT)
    for number in range(60):  # between them, as many others as one likes
        log.ask(f"SELECT AVG(x{number}y) FROM visits", after=1.0)
    log.ask("SELECT COUNT(*) AS n FROM visits WHERE age > 40 GROUP BY ward", **change)

    assert [one.reason for one in log.flags.found.values() if one.rule == "differencing"] == [
        "beside entry 0"
    ]


@pytest.mark.parametrize(
    "change",
    [{"actor": "ben", "project": "lungs"}, {"dataset": "clinic"}, {"after": 100_000.0}],
)
def test_what_is_no_differencing(log: Log, change: dict[str, Any]) -> None:
    log.ask(COUNT)
    log.ask("SELECT COUNT(*) AS n FROM visits WHERE age > 40 GROUP BY ward", **change)

    assert "differencing" not in log.rules


def test_refusals_and_then_an_answer_are_probing(log: Log) -> None:
    for _ in range(5):
        log.deny()
    log.ask()
    log.ask("SELECT COUNT(*) FROM patients")

    assert log.rules == ["probing"]


@pytest.mark.parametrize(
    ("refusals", "actor", "after"), [(4, "ana", 60), (5, "ben", 60), (5, "ana", 400)]
)
def test_what_is_no_probing(log: Log, refusals: int, actor: str, after: float) -> None:
    for _ in range(refusals):
        log.deny(actor=actor, after=after)
    log.ask()

    assert log.rules == []


def test_two_projects_that_ask_the_same_are_flagged_at_the_second(log: Log) -> None:
    log.ask()
    log.ask()
    log.ask(project="lungs", actor="ben")

    (flag,) = log.flags.found.values()
    assert (flag.rule, flag.entry, flag.project) == ("shared-question", 2, "lungs")
    assert flag.reason == "heart did so in entry 0"


def test_what_could_not_be_read_is_not_the_same_as_anything(log: Log) -> None:
    log.ask("")
    log.ask("", project="lungs", actor="ben")

    assert log.rules == []


def test_a_quarter_of_the_cap_within_a_day_is_flagged_once(log: Log) -> None:
    log.take("budget.cap", pool="hospital", capped_project="heart", capped_researcher="", cap=100)
    log.take("budget.cap", pool="hospital", capped_project="", capped_researcher="", cap=9)
    for number in range(4):
        log.ask(f"SELECT AVG(x{number}y) FROM visits", amount=9)
    log.ask("SELECT 1", amount=25, after=100_000)

    (flag,) = log.flags.found.values()
    assert (flag.rule, flag.entry, flag.reason) == (
        "spending",
        4,
        "27% of its cap since 2026-03-02 09:01",
    )


def test_a_day_of_spending_does_not_end_at_midnight(log: Log) -> None:
    log.take("budget.cap", pool="hospital", capped_project="heart", capped_researcher="", cap=100)
    log.time = datetime(2026, 3, 2, 23, 50, tzinfo=UTC)
    log.ask("SELECT 1", amount=20)
    log.ask("SELECT 2", amount=20, after=1200, actor="ben")
    log.ask("SELECT 3", amount=20, after=90_000)
    log.ask("SELECT 4", amount=6, project="lungs")

    assert [flag.entry for flag in log.flags.found.values() if flag.rule == "spending"] == [2]


def test_a_purpose_that_a_project_never_named_is_flagged(log: Log) -> None:
    log.ask()
    log.ask(purpose="audit")
    log.ask(purpose="audit")
    log.ask(project="lungs", purpose="teaching", request="SELECT 2")

    assert log.rules == ["new-purpose"]


def test_a_clock_that_steps_back_is_flagged(log: Log) -> None:
    log.take("system.start", behind_ms=1000)
    log.take("system.start", behind_ms=1001)

    (flag,) = log.flags.found.values()
    assert (flag.rule, flag.entry, flag.actor) == ("clock", 1, "")


def test_a_sign_off_settles_one_flag(log: Log) -> None:
    log.take("system.start", behind_ms=5000)
    log.take("system.start", behind_ms=5000)
    log.take("review.signoff", actor="eve", flag="clock", ref=0, settled="expected")
    log.take("review.signoff", actor="eve", flag="burst", ref=1, settled="expected")

    assert [flag.settled for flag in log.flags.found.values()] == ["expected", ""]


def test_the_log_can_hold_each_rule_and_each_way_of_settling() -> None:
    assert all(FIELDS["flag"].allows(rule) for rule in RULES)
    assert all(FIELDS["settled"].allows(way) for way in SETTLED)
