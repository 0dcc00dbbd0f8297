from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.clock import Clock, SystemClock


def test_the_host_tells_time_in_utc_and_never_steps_back() -> None:
    clock: Clock = SystemClock()

    first, second = clock.monotonic_ms(), clock.monotonic_ms()

    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert 0 <= first <= second
