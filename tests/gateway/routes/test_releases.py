"""Who sees what left as records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.audit.events import RecordsApproved, RecordsRequested
from gateway.identity.principals import AccountRole
from gateway.releases.states import ReleaseState
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import NOW

Headers = Callable[..., dict[str, str]]
DIGEST = "sha256:" + "ab" * 32


def make_state(release: str, **said: Any) -> ReleaseState:  # noqa: ANN401  of any field
    given = {"project": "heart", "recipient": "ana", "actor": "ana", **said}
    request = RecordsRequested(
        purpose="heart research", dataset="hospital", snapshot="2026-05#1", policy=DIGEST,
        release=release * 32, manifest=DIGEST, plan=DIGEST, min_k=11, min_l=2, max_t="",
        max_left_out="0.05", until="2026-06-30", table="patients", **given,
    )  # fmt: skip
    approval = RecordsApproved(actor="operator", policy=DIGEST, release=release * 32,
                               manifest=DIGEST, ref=4, signers="c" * 16)  # fmt: skip
    left = {6: NOW - timedelta(days=1)}
    return ReleaseState(
        entry=4, time=NOW - timedelta(days=2), request=request, approvals=[approval], exported=left
    )


@pytest.fixture(autouse=True)
def _released(service: FakeService) -> None:
    service.released = (
        make_state("1"),
        make_state("2", recipient="eve", actor="eve"),
        make_state("3", project="lungs"),
    )


def releases(http: FlaskClient, headers: dict[str, str], project: str = "heart") -> Any:  # noqa: ANN401  JSON
    reply = http.get(f"/v1/projects/{project}/releases", headers=headers)
    assert reply.json is not None
    return reply.json["releases"] if reply.status_code == 200 else reply.json["code"]


def test_a_member_sees_what_is_theirs(http: FlaskClient, key_of: Headers) -> None:
    (one,) = releases(http, key_of())

    assert one["release"] == "1" * 32
    assert (one["dataset"], one["table"], one["k"], one["state"]) == (
        "hospital", "patients", 11, "exported",
    )  # fmt: skip
    assert one["exported"] == ["2026-05-31T12:00:00+00:00"]
    assert not one["overdue"]
    assert not [name for name in one if "approv" in name or "entr" in name]


@pytest.mark.parametrize("role", [AccountRole.STEWARD, AccountRole.AUDITOR])
def test_stewards_and_auditors_see_all_of_a_project(
    http: FlaskClient, key_of: Headers, role: AccountRole
) -> None:
    found = releases(http, key_of("olga", role=role))

    assert [one["release"][0] for one in found] == ["1", "2"]
    assert found[0]["approvals"] == 1
    assert found[0]["approved_by"] == ["c" * 16]


@pytest.mark.parametrize(("projects", "role"), [
    (None, AccountRole.RESEARCHER),
    (("lungs",), AccountRole.AUDITOR),
])  # fmt: skip
def test_others_see_nothing(
    http: FlaskClient, key_of: Headers, projects: tuple[str, ...] | None, role: AccountRole
) -> None:
    assert releases(http, key_of("olga", projects, role)) == "PRJ-NOT-MEMBER"


def test_administrators_have_nothing_to_do_with_releases(
    http: FlaskClient, key_of: Headers
) -> None:
    assert releases(http, key_of("olga", None, AccountRole.ADMINISTRATOR)) == "AUTH-ROLE"


def test_a_project_that_is_none_is_told_as_one_of_others(
    http: FlaskClient, key_of: Headers
) -> None:
    auditor = key_of("olga", role=AccountRole.AUDITOR)

    assert releases(http, auditor, "nothing") == "PRJ-NOT-MEMBER"


def test_what_is_not_back_in_time_is_overdue(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    service.time = NOW + timedelta(days=40)

    assert releases(http, key_of())[0]["overdue"]
    assert Path(service.settings.activated).exists() is False
