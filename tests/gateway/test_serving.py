from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
import pytest

from gateway.serving import Drain, _Stop, serve
from gateway.settings import ServiceSettings
from tests.limits import PATIENCE


class SlowApp:
    """Answers once it is let go; its body is closed by whoever reads it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self.closed = threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        del environ
        self.entered.set()
        self.go_on.wait(PATIENCE)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        return iter((b"do", b"ne"))

    def close(self) -> None:
        self.closed.set()


def send_to_main(number: signal.Signals) -> None:
    ident = threading.main_thread().ident
    assert ident is not None
    signal.pthread_kill(ident, number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_the_request_under_way_end(number: signal.Signals) -> None:
    app, replies = SlowApp(), list[httpx.Response]()
    before = signal.getsignal(number)

    def ask(port: int) -> None:
        replies.append(httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=PATIENCE))

    def stop() -> None:
        app.entered.wait(PATIENCE)
        send_to_main(number)
        app.go_on.set()

    threads: list[threading.Thread] = []

    def started(port: int) -> None:
        threads.extend((threading.Thread(target=ask, args=(port,)), threading.Thread(target=stop)))
        for thread in threads:
            thread.start()

    serve(app, ServiceSettings(port=0, threads=1), started)
    for thread in threads:
        thread.join(PATIENCE)

    assert [reply.text for reply in replies] == ["done"]
    assert "Server" not in replies[0].headers
    assert app.closed.is_set()
    assert signal.getsignal(number) == before


class Slow:
    """Takes its time to go, as what OpenDP made does."""

    gone = threading.Event()

    def __del__(self) -> None:
        time.sleep(0.5)
        self.gone.set()


def test_what_a_thread_keeps_is_gone_before_the_interpreter_is() -> None:
    kept = threading.local()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        del environ
        kept.it = Slow()
        start_response("204 No Content", [])
        return []

    def ask_and_stop(port: int) -> None:
        httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=PATIENCE)
        send_to_main(signal.SIGTERM)

    def started(port: int) -> None:
        threading.Thread(target=ask_and_stop, args=(port,)).start()

    serve(app, ServiceSettings(port=0, threads=1), started)

    assert Slow.gone.is_set()


def test_a_second_signal_stops_at_once_and_nothing_is_sent_afterwards() -> None:
    app = SlowApp()
    threads: list[threading.Thread] = []

    def ask(port: int) -> None:
        # Whether the reply still gets out is not promised.
        with suppress(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=PATIENCE)

    def stop() -> None:
        app.entered.wait(PATIENCE)
        send_to_main(signal.SIGTERM)
        send_to_main(signal.SIGINT)
        app.go_on.set()

    def started(port: int) -> None:
        threads.extend((threading.Thread(target=ask, args=(port,)), threading.Thread(target=stop)))
        for thread in threads:
            thread.start()

    serve(app, ServiceSettings(port=0, threads=1), started)
    threads.extend(one for one in threading.enumerate() if one.name == "gateway-stop")
    for thread in threads:
        thread.join(PATIENCE)

    assert len(threads) == 3
    assert not any(thread.is_alive() for thread in threads)


def test_the_stop_is_sent_once_nothing_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    class Recorded(Drain):
        def wait(self, seconds: float) -> bool:
            order.append(f"waited at most {seconds:.0f} s")
            return True

    monkeypatch.setattr(signal, "pthread_kill", lambda *_: order.append("sent"))
    _Stop(Recorded(SlowApp()))(signal.SIGTERM, None)
    for thread in [one for one in threading.enumerate() if one.name == "gateway-stop"]:
        thread.join(PATIENCE)

    assert order == ["waited at most 30 s", "sent"]


def test_a_signal_after_the_end_is_not_heeded() -> None:
    stop = _Stop(Drain(SlowApp()))
    stop.finish()
    stop(signal.SIGTERM, None)
    stop(signal.SIGTERM, None)

    assert not any(one.name == "gateway-stop" for one in threading.enumerate())


def test_draining_waits_for_requests_and_not_for_ever() -> None:
    app = SlowApp()
    drain = Drain(app)
    thread = threading.Thread(target=drain, args=({}, lambda *_: None))
    thread.start()
    app.entered.wait(PATIENCE)

    assert not drain.wait(0.01)
    app.go_on.set()
    assert drain.wait(PATIENCE)
    thread.join()


def test_a_request_that_fails_is_no_longer_under_way() -> None:
    def broken(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise KeyError(environ, start_response)

    drain = Drain(broken)
    with pytest.raises(KeyError):
        drain({}, lambda *_: lambda _: None)

    assert drain.wait(0)


def test_a_body_without_close_is_read_all_the_same() -> None:
    drain = Drain(lambda _environ, _start: [b"a", b"b"])

    assert list(drain({}, lambda *_: lambda _: None)) == [b"a", b"b"]


def test_a_large_body_is_refused_before_it_is_read() -> None:
    statuses: list[int] = []

    def blocks() -> Iterator[bytes]:
        # Of unknown length to the server, so that nothing but what it has read can stop it.
        for _ in range(64):
            yield bytes(64 * 1024)

    def ask(port: int) -> None:
        url = f"http://127.0.0.1:{port}/"
        with suppress(httpx.WriteError, httpx.ReadError):
            reply = httpx.post(url, content=blocks(), trust_env=False, timeout=PATIENCE)
            statuses.append(reply.status_code)
        send_to_main(signal.SIGTERM)

    threads: list[threading.Thread] = []

    def started(port: int) -> None:
        threads.append(threading.Thread(target=ask, args=(port,)))
        threads[0].start()

    app = SlowApp()
    serve(app, ServiceSettings(port=0, threads=1), started)
    threads[0].join(PATIENCE)

    assert not app.entered.is_set()
    assert statuses in ([], [413])
