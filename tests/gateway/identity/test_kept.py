"""A provider that hangs, and many who ask at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event, Thread

import httpx
import pytest

from gateway.errors import UnavailableError
from gateway.identity import provider as provider_module
from gateway.identity.attempts import Attempt
from gateway.identity.kept import Kept, unreachable
from gateway.identity.provider import Provider
from gateway.identity.settings import OidcSettings
from tests.gateway.made_up import NOW
from tests.limits import PATIENCE

SECONDS = int(NOW.timestamp())
ISSUER = "https://login.example"


def provider_of(answer: Callable[[httpx.Request], httpx.Response], seconds: float = 5) -> Provider:
    settings = OidcSettings(issuer=ISSUER, client_id="g", timeout_seconds=seconds)
    return Provider(settings, "", recent_seconds=300, transport=httpx.MockTransport(answer))


def begin(provider: Provider, now: int = SECONDS) -> str:
    return provider.authorization_url(Attempt.begin(NOW, target="/"), "https://g.example", now)


def metadata() -> httpx.Response:
    urls = dict.fromkeys(("authorization_endpoint", "token_endpoint"), f"{ISSUER}/x")
    return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", **urls})


def test_nobody_waits_for_the_fetch_of_another() -> None:
    asked, answered = Event(), Event()

    def slow(_: httpx.Request) -> httpx.Response:
        asked.set()
        assert answered.wait(PATIENCE)
        return metadata()

    provider = provider_of(slow)
    first = Thread(target=begin, args=(provider,))
    first.start()
    assert asked.wait(PATIENCE)
    try:
        with pytest.raises(UnavailableError) as caught:
            begin(provider)
    finally:
        answered.set()
        first.join()

    assert caught.value.code == "AUTH-PROVIDER"
    assert begin(provider).startswith(f"{ISSUER}/x?")


def test_a_provider_that_did_not_answer_is_not_asked_for_ten_seconds() -> None:
    asked = []

    def dead(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise httpx.ConnectTimeout("canary")

    provider = provider_of(dead)
    for later in (0, 1, 9, 10):
        with pytest.raises(UnavailableError):
            begin(provider, SECONDS + later)

    assert len(asked) == 2


def test_two_requests_are_under_way_at_once_at_most() -> None:
    held, go_on, asked = Event(), Event(), []

    def slow(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return metadata()
        asked.append(request)
        if len(asked) == 2:
            held.set()
        assert go_on.wait(PATIENCE)
        raise httpx.ReadTimeout("canary")

    provider = provider_of(slow)
    begin(provider)

    def finish() -> None:
        with pytest.raises(UnavailableError):
            provider.claims(Attempt.begin(NOW, target="/"), "c", "https://g.example", SECONDS)

    threads = [Thread(target=finish) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert held.wait(PATIENCE)
    try:
        finish()
    finally:
        go_on.set()
        for thread in threads:
            thread.join()

    assert len(asked) == 2


def test_an_answer_that_trickles_is_cut_off_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(provider_module, "monotonic", lambda: now[0])

    def trickle() -> Iterator[bytes]:
        for _ in range(100):
            now[0] += 1
            yield b" "

    provider = provider_of(lambda _: httpx.Response(200, content=trickle()), seconds=5)
    with pytest.raises(UnavailableError):
        begin(provider)

    assert now == [6]


def test_what_went_wrong_otherwise_is_tried_again_at_once() -> None:
    kept: Kept[int] = Kept()

    def broken() -> int:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        kept.get(broken, SECONDS)
    assert kept.get(lambda: 1, SECONDS) == 1
    assert kept.get(lambda: 2, SECONDS) == 1
    assert kept.get(lambda: 3, SECONDS, anew=True) == 3
    assert unreachable().code == "AUTH-PROVIDER"
