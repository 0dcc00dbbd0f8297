"""Metrics for the operator, in Prometheus' form, on a port of their own.

Whoever reads them learns how much the service does and how it fails, and nothing of rows: no
label holds a user, a project, a query or a value of a path, and what says how long a request took
says at which step of time it left (``gateway.pacing``), which is what its caller saw. There are
none of the process: its memory and its processor time are functions of the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    start_http_server,
)

from gateway.pacing import GROWTH, leaving_time
from gateway.serving_settings import HttpSettings

__all__ = ["Metrics", "metrics_served"]

_STEPS: Final = 5
_FIRST_STEP_MS: Final = 250


class Metrics:
    """What is counted of one service; safe among threads.

    Args:
        time_bucket_ms: First step of time of the service; where that is off, 250 is taken.
    """

    def __init__(self, time_bucket_ms: int) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
        self.registry = CollectorRegistry(auto_describe=True)
        self._step = (time_bucket_ms or _FIRST_STEP_MS) / 1000
        self._requests = Counter(
            "gateway_requests", "Requests.", ("route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "gateway_request_seconds",
            "The step of time by which a request was answered.",
            ("route",),
            buckets=[self._step * GROWTH**power for power in range(_STEPS)],
            registry=self.registry,
        )
        self._refusals = Counter(
            "gateway_refusals", "Refusals, by family of codes.", ("family",), registry=self.registry
        )
        self._incidents = Counter(
            "gateway_incidents",
            "Internal errors, each with an incident id.",
            registry=self.registry,
        )
        self._under_way = Gauge(
            "gateway_requests_under_way", "Requests being answered.", registry=self.registry
        )
        self._ready = Gauge(
            "gateway_ready", "1 if the last readiness probe found all well.", registry=self.registry
        )

    def begin(self) -> None:
        """Count a request in."""
        self._under_way.inc()

    def end(self) -> None:
        """Count it out."""
        self._under_way.dec()

    def answered(self, route: str, status: int, code: str, seconds: float) -> None:
        """Count a reply.

        Args:
            route: The rule of its address, with the names of parameters; empty if there is none.
            status: Of the reply.
            code: Of its problem; empty where there is none.
            seconds: Since the request came.
        """
        self._requests.labels(route or "none", str(status)).inc()
        self._seconds.labels(route or "none").observe(leaving_time(seconds, self._step))
        if code.startswith("SYS-INTERNAL"):
            self._incidents.inc()
        elif code:
            self._refusals.labels(code.partition("-")[0]).inc()

    def readiness(self, *, ready: bool) -> None:
        """Keep what a probe found."""
        self._ready.set(int(ready))

    def text(self) -> str:
        """Return all of them, as they are scraped."""
        return generate_latest(self.registry).decode()


@contextmanager
def metrics_served(metrics: Metrics, settings: HttpSettings) -> Iterator[None]:
    """Serve metrics on their own port while the block runs, if the settings name one."""
    if not settings.metrics_port:
        yield
        return
    server, thread = start_http_server(
        settings.metrics_port, addr=settings.metrics_host, registry=metrics.registry
    )
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
