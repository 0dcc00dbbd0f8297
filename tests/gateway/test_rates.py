from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from gateway import rates as rates_module
from gateway.app import create_app
from gateway.errors import TooManyRequestsError
from gateway.operations_log import operations_log
from gateway.rates import Rates, network_of
from gateway.serving_settings import HttpSettings
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService

SECOND = 10**9


class Ticks:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Ticks:
    return Ticks()


def test_so_many_may_come_at_once_and_then_one_by_one(clock: Ticks) -> None:
    rates = Rates("key", 6, clock)
    first = [rates.spend("a") for _ in range(7)]
    clock.now += 10 * SECOND
    later = [rates.spend("a"), rates.spend("a")]

    assert [one.remaining for one in first] == [5, 4, 3, 2, 1, 0, 0]
    assert [one.retry_seconds for one in first] == [0] * 6 + [10]
    assert [one.retry_seconds for one in later] == [0, 10]


def test_callers_do_not_share_a_limit(clock: Ticks) -> None:
    rates = Rates("key", 1, clock)

    assert [rates.spend(who).retry_seconds for who in "aab"] == [0, 60, 0]


def test_what_is_refused_is_told_with_the_time_to_wait(clock: Ticks) -> None:
    rates = Rates("key", 2, clock)
    rates.spend("a").check()
    rates.spend("a").check()
    with pytest.raises(TooManyRequestsError) as caught:
        rates.spend("a").check()

    assert (caught.value.code, caught.value.retry_after) == ("RATE-LIMIT", 30)


@given(st.lists(st.integers(0, 90 * SECOND), max_size=60), st.integers(1, 20))
def test_no_window_sees_more_than_twice_the_limit_and_no_quiet_caller_is_refused(
    waits: list[int], limit: int
) -> None:
    clock = Ticks()
    rates = Rates("key", limit, clock)
    passed: list[int] = []
    for wait in waits:
        clock.now += wait
        standing = rates.spend("a")
        if standing.retry_seconds == 0:
            passed.append(clock.now)
        assert 0 <= standing.remaining <= limit
        assert (standing.retry_seconds > 0) <= (wait < 60 * SECOND)

    for start in passed:
        within = [one for one in passed if start <= one < start + 60 * SECOND]
        assert len(within) <= 2 * limit


def test_who_has_nothing_to_wait_for_is_forgotten(
    clock: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates_module, "_SWEPT_AT", 3)
    rates = Rates("address", 1, clock)
    for who in "abc":
        rates.spend(who)
    clock.now += 61 * SECOND
    rates.spend("d")

    assert set(rates._free_at) == {"d"}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("unix", ""),
        (None, ""),
    ],
)
def test_addresses_of_one_network_are_one_caller(address: str | None, network: str) -> None:
    assert network_of(address) == network


def limited(folder: Path, **limits: int) -> tuple[FlaskClient, dict[str, str]]:
    service = FakeService(folder)
    service.settings = replace(service.settings, http=HttpSettings(**limits))  # type: ignore[arg-type]  # numbers only
    key = service.accounts.create("ana", expires=FAR_DAY)
    app = create_app(service, log=operations_log(io.StringIO()))
    return app.test_client(), {"Authorization": f"Bearer {key.text}"}


def test_a_key_is_limited_and_told_how_it_stands(tmp_path: Path) -> None:
    http, key = limited(tmp_path, requests_per_minute=3)
    replies = [http.get("/v1/me", headers=key) for _ in range(4)]

    assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
    assert [reply.headers["RateLimit-Policy"] for reply in replies] == ['"key";q=3;w=60'] * 4
    assert replies[0].headers["RateLimit"] == '"key";r=2;t=20'
    assert replies[3].headers["RateLimit"].startswith('"key";r=0;t=')
    assert 1 <= int(replies[3].headers["Retry-After"]) <= 20
    assert replies[3].json is not None
    assert replies[3].json["code"] == "RATE-LIMIT"


def test_whoever_guesses_keys_is_limited_and_nobody_else(tmp_path: Path) -> None:
    http, key = limited(tmp_path, unknown_per_minute=2)
    guesses = [
        http.get("/v1/me", headers={"Authorization": f"Bearer gw_{n}"}).status_code
        for n in range(4)
    ]

    assert guesses == [401, 401, 429, 429]
    assert http.get("/v1/me", headers=key).status_code == 200
    assert http.get("/livez").status_code == 200


def test_probes_are_limited_by_address(tmp_path: Path) -> None:
    http, _ = limited(tmp_path, unknown_per_minute=2)

    assert [http.get("/readyz").status_code for _ in range(3)] == [200, 200, 429]
    assert http.get("/readyz", environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 200
