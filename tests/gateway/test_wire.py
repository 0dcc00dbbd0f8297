"""What is answered to bytes that are no request for the application, or two of them at once."""

from __future__ import annotations

import io
import json
import logging
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from gateway.app import create_app
from gateway.operations_log import operations_log
from gateway.security_headers import SECURITY_HEADERS, transport_headers
from gateway.serving import serve
from gateway.serving_settings import HttpSettings
from gateway.settings import ServiceSettings
from tests.gateway.fake_service import FakeService
from tests.gateway.test_serving import send_to_main
from tests.limits import PATIENCE

CANARY = "canary-813"
HOST = "Host: gateway\r\n"


@dataclass
class Told:
    """One reply on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def replies(raw: bytes) -> Iterator[Told]:
    """Read all replies that came on one connection."""
    while raw:
        head, _, rest = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        pairs = (line.split(": ", 1) for line in lines)
        headers = {name.title(): value for name, value in pairs}
        length = int(headers["Content-Length"])
        yield Told(int(first.split()[1]), headers, rest[:length])
        raw = rest[length:]


def exchange(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while block := connection.recv(65536):
            received += block
    return received


def while_serving(
    app: Callable[[WSGIEnvironment, StartResponse], object],
    act: Callable[[int], object],
    **options: object,
) -> object:
    """Serve an app, do something to its port in a thread, and return what that gave."""
    outcome: list[object] = []
    threads: list[threading.Thread] = []

    def work(port: int) -> None:
        try:
            outcome.append(act(port))
        finally:
            send_to_main(signal.SIGTERM)

    def started(port: int) -> None:
        threads.append(threading.Thread(target=work, args=(port,)))
        threads[0].start()

    serve(app, ServiceSettings(port=0, threads=2), started, **options)  # type: ignore[arg-type]  # passed on
    threads[0].join(PATIENCE)
    return outcome[0]


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def app(tmp_path: Path, log: io.StringIO) -> object:
    return create_app(FakeService(tmp_path), log=operations_log(log))


GET, POST = f"GET /livez HTTP/1.1\r\n{HOST}", f"POST /livez HTTP/1.1\r\n{HOST}"
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"
REFUSED = {
    "no HTTP": ("\x16\x03\x01\x02\x00 hello\r\n\r\n", 400),
    "a bad name of a header": (f"{GET}X {CANARY}: 1\r\n\r\n", 400),
    "a bare line feed": (f"{GET}X: a\n{CANARY}: b\r\n\r\n", 400),
    "headers too large": (f"{GET}X: {CANARY}".ljust(65_536, "x"), 431),
    "two lengths": (f"{POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
    "a length that is no number": (f"{POST}Content-Length: +5\r\n\r\nhello", 400),
    "an unknown coding": (f"{POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    "a chunk that is none": (f"{POST}{CHUNKED}0x5\r\nhello\r\n0\r\n\r\n", 400),
    "too long a body": (f"{POST}Content-Length: 99999999\r\n\r\nhello", 413),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_server_refuses_is_a_problem_and_repeats_nothing(
    app: Callable[..., object], name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    sent, status = REFUSED[name]
    raw = while_serving(app, lambda port: exchange(port, sent.encode("latin-1")))
    assert isinstance(raw, bytes)
    (told,) = replies(raw)
    document = json.loads(told.body)

    assert told.status == document["status"] == status
    assert told.headers["Content-Type"] == "application/problem+json"
    assert document["code"].startswith("REQ-")
    assert {one: told.headers[one.title()] for one in SECURITY_HEADERS} == SECURITY_HEADERS
    assert CANARY.encode() not in raw
    assert "Server" not in told.headers
    assert capfd.readouterr().err == ""


SMUGGLED = f"GET /{CANARY} HTTP/1.1\r\n{HOST}\r\n"


@pytest.mark.parametrize(
    "head",
    [
        f"Content-Length: {len(SMUGGLED)}\r\nTransfer-Encoding: chunked",
        f"Transfer-Encoding: chunked\r\nContent-Length: {len(SMUGGLED)}",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: \x0bchunked",
        "Content-Length: 0\r\nContent-Length: 44",
        "Content-Length: 0, 44",
        "Content-Length: 0x0",
    ],
)
def test_a_request_hidden_in_another_is_never_read_as_one_after_an_error(
    app: Callable[..., object], log: io.StringIO, head: str
) -> None:
    sent = f"POST /livez HTTP/1.1\r\n{HOST}{head}\r\n\r\n0\r\n\r\n{SMUGGLED}"
    raw = while_serving(app, lambda port: exchange(port, sent.encode("latin-1")))
    assert isinstance(raw, bytes)
    told = list(replies(raw))
    ends = [one.headers.get("Connection") == "close" for one in told]

    # Where both lengths are named, chunks count (RFC 9112, 6.3), and the rest is a request: that
    # is what the bytes say, and a proxy that reads otherwise sends nothing ambiguous on.
    assert 1 <= len(told) <= 2
    assert told[0].status in {400, 401, 405, 501}
    assert len(told) == 1 or "chunked" in head
    assert len(told) == 2 or ends[0]
    assert CANARY not in log.getvalue()


@pytest.mark.parametrize(
    "method", ["TRACE", "CONNECT", "PROPFIND", "OPTIONS", "BREW", "get", "PRI", "SEARCH"]
)
def test_odd_methods_are_refused_as_problems(app: Callable[..., object], method: str) -> None:
    sent = (
        f"{method} /livez HTTP/1.1\r\n{HOST}Origin: https://a.example\r\nConnection: close\r\n\r\n"
    )
    raw = while_serving(app, lambda port: exchange(port, sent.encode()))
    assert isinstance(raw, bytes)
    told = next(replies(raw))

    assert told.status in {400, 401, 405}
    assert told.headers["Content-Type"] == "application/problem+json"
    assert b"Access-Control" not in raw
    assert CANARY.encode() not in raw


def test_no_page_of_another_origin_is_let_in(app: Callable[..., object]) -> None:
    asked = "Access-Control-Request-Method: POST\r\nOrigin: https://a.example\r\n"
    for method in ("OPTIONS", "GET"):
        sent = f"{method} /livez HTTP/1.1\r\n{HOST}{asked}Connection: close\r\n\r\n"
        raw = while_serving(app, lambda port, sent=sent: exchange(port, sent.encode()))  # type: ignore[misc]  # bound now
        assert isinstance(raw, bytes)

        assert not re.search(rb"(?i)access-control|set-cookie", raw)


def test_a_failure_outside_of_the_application_is_an_incident_and_logged_without_words(
    log: io.StringIO, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        del environ, start_response
        raise ValueError(CANARY)

    sent = f"GET /{CANARY} HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"
    raw = while_serving(broken, lambda port: exchange(port, sent.encode()), log=operations_log(log))
    assert isinstance(raw, bytes)
    (told,) = replies(raw)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]

    assert (told.status, json.loads(told.body)["code"]) == (500, "SYS-INTERNAL")
    assert CANARY.encode() not in raw
    assert [line["error"] for line in lines if line["event"] == "server"] == ["ValueError"]
    assert CANARY not in log.getvalue() + capfd.readouterr().err + caplog.text
    assert logging.getLogger("waitress").propagate


def test_a_failure_after_the_reply_was_made_is_told_without_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(FakeService(tmp_path), log=operations_log(io.StringIO()))

    @app.after_request
    def broken(_: object) -> None:
        raise ValueError(CANARY)

    reply = app.test_client().get(f"/livez?{CANARY}")

    assert reply.status_code == 500
    assert CANARY not in reply.text + capfd.readouterr().err + caplog.text


PROXIED = f"GET /readyz HTTP/1.1\r\n{HOST}X-Forwarded-For: 192.0.2.%d\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(("proxy", "statuses"), [("127.0.0.1", [200, 200]), ("", [200, 429])])
def test_only_a_trusted_proxy_says_who_calls(
    tmp_path: Path, proxy: str, statuses: list[int]
) -> None:
    service = FakeService(tmp_path)
    object.__setattr__(service.settings, "http", HttpSettings(unknown_per_minute=1))
    app = create_app(service, log=operations_log(io.StringIO()))

    def two(port: int) -> list[int]:
        return [next(replies(exchange(port, (PROXIED % n).encode()))).status for n in (1, 2)]

    assert while_serving(app, two, trusted_proxy=proxy) == statuses


@pytest.mark.parametrize(("seconds", "told"), [(0, False), (31_536_000, True)])
def test_browsers_are_kept_to_tls_where_the_settings_say_so(
    tmp_path: Path, seconds: int, *, told: bool
) -> None:
    service = FakeService(tmp_path)
    object.__setattr__(service.settings, "http", HttpSettings(hsts_seconds=seconds))
    reply = create_app(service, log=operations_log(io.StringIO())).test_client().get("/livez")

    assert ("Strict-Transport-Security" in reply.headers) is told
    assert transport_headers(1)["Strict-Transport-Security"].startswith("max-age=1;")
