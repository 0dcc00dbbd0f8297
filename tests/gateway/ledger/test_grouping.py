from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from unittest.mock import patch

import pytest

from gateway.ledger.book import Place
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.grouping import Grouping, Member
from tests.gateway.ledger.company import (
    PLACE,
    wait_until,
)
from tests.limits import PATIENCE


class Carried:
    """What groups were carried out; the first waits until it may go on."""

    def __init__(self) -> None:
        self.may_go = threading.Event()
        self.groups: list[int] = []
        self.error: BaseException | None = None

    def __call__(self, group: Sequence[Member[str]]) -> None:
        self.groups.append(len(group))
        if len(self.groups) == 1:
            assert self.may_go.wait(PATIENCE)
        if self.error is not None:
            raise self.error
        for one in group:
            one.place = one.write("")


def test_one_who_comes_alone_is_carried_out_at_once_in_his_own_thread() -> None:
    carried = Carried()
    carried.may_go.set()
    grouping: Grouping[str] = Grouping(carried)
    ran: list[int] = []

    def write(_: str) -> Place:
        ran.append(threading.get_ident())
        return PLACE

    assert grouping.join(write).outcome() == PLACE
    assert ran == [threading.get_ident()]


def test_one_who_is_interrupted_while_he_waits_leaves_the_others_their_turn(
    threads: ThreadPoolExecutor,
) -> None:
    carried = Carried()
    grouping: Grouping[str] = Grouping(carried)
    first = threads.submit(grouping.join, lambda _: PLACE)
    wait_until(lambda: carried.groups == [1])
    with (
        patch("gateway.ledger.grouping.threading.Event.wait", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        grouping.join(lambda _: PLACE)
    second = threads.submit(grouping.join, lambda _: PLACE)
    wait_until(lambda: len(grouping._waiting) == 1)
    carried.may_go.set()

    assert first.result(PATIENCE).outcome() == PLACE
    assert second.result(PATIENCE).outcome() == PLACE
    assert carried.groups == [1, 1]


def test_one_who_is_interrupted_as_he_is_to_lead_passes_the_lead_on(
    threads: ThreadPoolExecutor,
) -> None:
    carried = Carried()
    grouping: Grouping[str] = Grouping(carried)
    first = threads.submit(grouping.join, lambda _: PLACE)
    wait_until(lambda: carried.groups == [1])
    followers: list[Future[Member[str]]] = []

    def interrupted_as_leader(event: threading.Event) -> None:
        followers.append(threads.submit(grouping.join, lambda _: PLACE))
        wait_until(lambda: len(grouping._waiting) == 2)
        carried.may_go.set()
        wait_until(event.is_set)
        raise KeyboardInterrupt

    real = threading.Event.wait
    here = threading.get_ident()

    def wait(event: threading.Event, seconds: float | None = None) -> bool:
        if threading.get_ident() == here and event is grouping._waiting[0].moved:
            interrupted_as_leader(event)
        return real(event, seconds)

    with patch.object(threading.Event, "wait", wait), pytest.raises(KeyboardInterrupt):
        grouping.join(lambda _: PLACE)

    assert first.result(PATIENCE).outcome() == PLACE
    assert followers[0].result(PATIENCE).outcome() == PLACE
    grouping.drain()


def test_a_leader_who_is_interrupted_fails_his_group_and_the_next_goes_on(
    threads: ThreadPoolExecutor,
) -> None:
    carried = Carried()
    carried.error = KeyboardInterrupt()
    grouping: Grouping[str] = Grouping(carried)
    first = threads.submit(grouping.join, lambda _: PLACE)
    wait_until(lambda: carried.groups == [1])
    pair = [threads.submit(grouping.join, lambda _: PLACE) for _ in range(2)]
    wait_until(lambda: len(grouping._waiting) == 2)
    carried.may_go.set()

    assert isinstance(first.exception(PATIENCE), KeyboardInterrupt)
    failed = [future.exception(PATIENCE) for future in pair]
    assert sum(isinstance(error, KeyboardInterrupt) for error in failed) == 1
    (follower,) = [future.result() for future, error in zip(pair, failed, strict=True) if not error]
    with pytest.raises(LedgerFaultError):
        follower.outcome()
    carried.error = None
    assert grouping.join(lambda _: PLACE).outcome() == PLACE
