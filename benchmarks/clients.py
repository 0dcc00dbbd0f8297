"""Clients that ask a service all at once: what nobody asked, the same again, prices, denials."""

from __future__ import annotations

import itertools
import random
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import httpx

__all__ = ["KINDS", "Told", "ask_together"]

KINDS: Final[Mapping[str, int]] = {
    "fresh question": 35,
    "same again": 25,
    "price": 20,
    "denied": 10,
    "sent twice": 5,
    "job": 5,
}
"""What a client does next, and how often of a hundred times."""

PRICE: Final = "0.01"
_TURNED_AWAY: Final = frozenset({409, 429})
_SERVER_FAILURES: Final = 500
_EXPECTED: Final = {"denied": 403}
"""The status of a reply; 200 where it is not here."""
_JOB_SECONDS: Final = 60.0


@dataclass(slots=True)
class Told:
    """What the clients were told.

    Attributes:
        seconds: From what was asked to how long each reply took.
        statuses: How often each HTTP status came.
        charged: From query id to what its answer said that it cost; only what cost something.
        faults: What should never be: two charges for one request, other bytes the second time.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[int] = field(default_factory=Counter)
    charged: dict[str, Decimal] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def failures(self) -> int:
        """Replies of a status from 500 on."""
        return sum(many for status, many in self.statuses.items() if status >= _SERVER_FAILURES)

    @property
    def turned_away(self) -> int:
        """Replies that said to come again."""
        return sum(self.statuses[status] for status in _TURNED_AWAY)


class _Client:
    """One client with a key of its own."""

    def __init__(
        self, http: httpx.Client, project: str, told: Told, numbers: Iterator[int]
    ) -> None:
        self._http = http
        self._base = f"/v1/projects/{project}"
        self._told = told
        self._numbers = numbers
        self._ways: Mapping[str, Callable[[], object]] = {
            "fresh question": lambda: self._ask("fresh question", self._fresh()),
            "same again": lambda: self._ask("same again", _question(random.randrange(5))),
            "price": lambda: self._post("price", "/queries:price", self._fresh()),
            "denied": lambda: self._post("denied", "/queries", _denied()),
            "sent twice": self._twice,
            "job": self._job,
        }

    def step(self) -> None:
        """Do one thing."""
        (kind,) = random.choices(list(KINDS), list(KINDS.values()))
        self._ways[kind]()

    def _fresh(self) -> dict[str, Any]:
        return _question(next(self._numbers))

    def _ask(
        self, kind: str, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        reply = self._post(kind, "/queries", body, headers)
        if reply.status_code == httpx.codes.OK:
            self._keep(reply.json())
        return reply

    def _twice(self) -> None:
        body, headers = self._fresh(), {"Idempotency-Key": str(uuid.uuid4())}
        first = self._ask("sent twice", body, headers)
        again = self._post("sent twice", "/queries", body, headers)
        both = {first.status_code, again.status_code} == {httpx.codes.OK}
        if both and first.content != again.content:
            self._fault("a request that was sent twice was answered by other bytes")

    def _job(self) -> None:
        started = time.perf_counter()
        reply = self._send("POST", "/queries", self._fresh(), {"Prefer": "respond-async"})
        if reply.status_code != httpx.codes.ACCEPTED:
            return
        path, end = reply.headers["Location"].removeprefix(self._base), started + _JOB_SECONDS
        while (job := self._send("GET", path).json()).get("ended") is None:
            if time.perf_counter() > end:
                self._fault("a job did not end")
                return
            time.sleep(0.1)
        if job["state"] == "done":
            self._keep(self._send("GET", f"{path}/result").json())
        elif job["problem"]["status"] not in _TURNED_AWAY:
            self._fault(f"a job failed with {job['problem']['code']}")
        self._took("job", started)

    def _post(
        self, kind: str, path: str, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        started = time.perf_counter()
        reply = self._send("POST", path, body, headers)
        status = reply.status_code
        if status not in _TURNED_AWAY:
            self._took(kind, started)
            if status < _SERVER_FAILURES and status != _EXPECTED.get(kind, 200):
                self._fault(f"a request of the kind '{kind}' was told {status}")
        return reply

    def _send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        reply = self._http.request(method, f"{self._base}{path}", json=body, headers=headers)
        with self._told.lock:
            self._told.statuses[reply.status_code] += 1
        return reply

    def _took(self, kind: str, started: float) -> None:
        with self._told.lock:
            self._told.seconds[kind].append(time.perf_counter() - started)

    def _keep(self, answer: dict[str, Any]) -> None:
        price = Decimal(answer["charged"]["epsilon"])
        if not price:
            return
        with self._told.lock:
            known = self._told.charged.setdefault(answer["query_id"], price)
        if known != price:
            self._fault("one query was told at two prices")

    def _fault(self, words: str) -> None:
        with self._told.lock:
            self._told.faults.append(words)


def ask_together(url: str, keys: list[str], project: str, seconds: float) -> Told:
    """Let one client for each key ask for so long; return what all were told."""
    told, numbers, end = Told(), itertools.count(1000), time.monotonic() + seconds

    def ask(key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False) as http:
            client = _Client(http, project, told, numbers)
            while time.monotonic() < end:
                try:
                    client.step()
                except httpx.HTTPError as error:
                    told.faults.append(f"a connection failed: {type(error).__name__}")

    threads = [threading.Thread(target=ask, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def _question(number: int) -> dict[str, Any]:
    """Return a question that no other number gives."""
    sql = f"SELECT class, COUNT(*) AS n FROM visits WHERE amount > {number / 100} GROUP BY class"  # noqa: S608  a number
    return {"sql": sql, "epsilon": PRICE}


def _denied() -> dict[str, Any]:
    return {"sql": "SELECT COUNT(*) AS n FROM visits", "purpose": "marketing"}
