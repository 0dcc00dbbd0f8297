"""Plans are kept, and found again by nobody else and under no other policy."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from policies.active import PolicySet
from policies.errors import PolicyDeniedError, UnsupportedQueryError
from query import planning
from query.allowed import Allowed, allowed_plan
from query.answers import Request
from tests.factories import make_dataset, make_policies, make_request

COUNT = "SELECT class, COUNT(*) AS n FROM visits GROUP BY class"
POLICIES = make_policies(make_dataset())


def planned(request: Request, policies: PolicySet = POLICIES) -> Allowed:
    return allowed_plan(request, policies)


def test_the_same_text_is_planned_once() -> None:
    first, again = planned(make_request(COUNT)), planned(make_request(COUNT))

    assert again.question is first.question
    assert again.plan is first.plan
    assert again.measurement is first.measurement


@pytest.mark.parametrize(
    "options",
    [
        {"loss": Decimal("0.25")},
        {"max_groups": 1},
        {"max_rows_per_group": 1},
        {"weights": {"n": 2.0}},
    ],
    ids=str,
)
def test_another_wish_is_another_plan_of_the_same_question(options: dict[str, Any]) -> None:
    first, other = planned(make_request(COUNT)), planned(make_request(COUNT, **options))

    assert other.question is first.question
    assert other.plan is not first.plan


def test_another_declaration_is_asked_anew_though_its_digest_were_the_same() -> None:
    wider = make_policies(make_dataset(max_groups=1))
    first, other = planned(make_request(COUNT)), planned(make_request(COUNT), wider)

    assert wider.digest == POLICIES.digest
    assert other.question is not first.question
    assert other.plan.bounds.max_groups == 1


@pytest.mark.parametrize("field", ["principal", "project", "dataset", "purpose"])
def test_nobody_finds_what_another_asked(field: str) -> None:
    access = make_request(COUNT).access
    dataset = POLICIES.datasets["clinic"]
    first = planning.question_asked(COUNT, dataset, access)

    assert planning.question_asked(COUNT, dataset, access) is first
    other = replace(access, **{field: "another"})  # type: ignore[arg-type]  # a text
    assert planning.question_asked(COUNT, dataset, other) is not first


def test_who_may_ask_is_decided_each_time() -> None:
    request = make_request(COUNT)
    planned(request)
    late = replace(
        request, access=replace(request.access, time=request.access.time + timedelta(9999))
    )

    with pytest.raises(PolicyDeniedError):
        planned(late)


def test_a_refusal_is_not_kept() -> None:
    for _ in range(2):
        with pytest.raises(UnsupportedQueryError):
            planned(make_request("SELECT nothing FROM visits"))


def test_another_thread_builds_its_own() -> None:
    found: list[Allowed] = []
    first = planned(make_request(COUNT))
    thread = threading.Thread(target=lambda: found.append(planned(make_request(COUNT))))
    thread.start()
    thread.join()

    assert found[0].measurement is not first.measurement
    assert found[0].plan == first.plan
    assert found[0].question is first.question


def test_a_thread_keeps_few_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MAX_KEPT_BY_THREAD", 1)
    first = planned(make_request(COUNT))
    assert planned(make_request(COUNT)).plan is first.plan
    planned(make_request(COUNT, loss="0.25"))

    assert planned(make_request(COUNT)).plan is not first.plan


def test_what_was_not_asked_for_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MAX_KEPT", 3)
    dataset, access = POLICIES.datasets["clinic"], make_request(COUNT).access
    texts = [f"SELECT COUNT(*) FROM visits WHERE cost > {n}" for n in range(3)]
    first, second, _ = (planning.question_asked(text, dataset, access) for text in texts)

    assert planning.question_asked(texts[0], dataset, access) is first
    planning.question_asked(COUNT + " LIMIT 3", dataset, access)
    assert planning.question_asked(texts[0], dataset, access) is first
    assert planning.question_asked(texts[1], dataset, access) is not second
