from __future__ import annotations

import pytest

from gateway.errors import JobCancelledError
from gateway.jobs.watch import State, Watch
from tests.gateway.made_up import make_loss


def test_a_question_goes_through_its_phases_and_is_settled_once() -> None:
    watch = Watch("0" * 32)
    phases = [watch.state]
    watch.now_charged(make_loss())
    phases.append(watch.state)
    watch.now_running()
    phases.append(watch.state)
    watch.settle()

    assert phases == [State.QUEUED, State.CHARGED, State.RUNNING]
    assert all(phase.is_open for phase in phases)
    assert watch.charged == make_loss()
    assert not watch.cancel()
    assert not watch.cancelled


def test_what_is_cancelled_in_time_is_never_settled() -> None:
    watch = Watch("0" * 32)

    assert watch.cancel()
    assert watch.cancel()
    with pytest.raises(JobCancelledError):
        watch.check()
    with pytest.raises(JobCancelledError):
        watch.settle()
    assert not any(state.is_open for state in (State.DONE, State.FAILED, State.CANCELLED))
