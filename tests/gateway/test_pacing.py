from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission import Admission
from gateway.errors import TooManyRequestsError
from gateway.pacing import Pacer, leaving_time


@pytest.mark.parametrize(
    ("elapsed", "leaves"),
    [(0, 0.25), (0.25, 0.25), (0.26, 1), (1, 1), (1.1, 4), (4.1, 16), (60, 64)],
)
def test_answers_leave_at_steps_that_grow_fourfold(elapsed: float, leaves: float) -> None:
    assert leaving_time(elapsed, 0.25) == leaves


@given(st.floats(0, 1e6), st.floats(1e-3, 60))
def test_no_answer_leaves_before_it_is_there_and_few_times_are_told_apart(
    elapsed: float, bucket: float
) -> None:
    step = leaving_time(elapsed, bucket)

    assert step >= elapsed
    assert step == bucket or step < 4 * elapsed


def test_a_bucket_of_zero_does_not_wait() -> None:
    pauses: list[float] = []
    Pacer(bucket=0, clock=lambda: 5.0, sleep=pauses.append).wait(1.0)

    assert pauses == []


def test_waits_for_what_is_left_of_the_step() -> None:
    times, pauses = iter([10.0, 10.1]), list[float]()
    pacer = Pacer(bucket=0.25, clock=lambda: next(times), sleep=pauses.append)
    pacer.wait(pacer.start())

    assert pauses == [pytest.approx(0.15)]


def test_the_default_clock_never_goes_back() -> None:
    pacer = Pacer(bucket=0.001)

    assert (pacer.clock, pacer.sleep) == (time.monotonic, time.sleep)


def test_one_key_cannot_take_every_thread_and_others_are_not_held_up() -> None:
    admission = Admission(2)
    admission.enter("a")
    admission.enter("a")
    with pytest.raises(TooManyRequestsError) as caught:
        admission.enter("a")
    admission.enter("b")
    admission.leave("a")
    admission.enter("a")

    assert "2 requests" in caught.value.message
