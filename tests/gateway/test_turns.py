"""What is the same waits for its turn; what is not passes."""

from __future__ import annotations

import threading

import pytest

from gateway.turns import Turns
from tests.limits import PATIENCE


def test_those_who_do_the_same_are_never_in_at_once() -> None:
    turns = Turns()
    inside: list[bool] = []
    most: list[int] = []

    def go() -> None:
        for _ in range(200):
            with turns.taken("same"):
                inside.append(True)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(most) == 800
    assert set(most) == {1}


def test_others_pass_and_whoever_fails_gives_the_turn_on() -> None:
    turns, passed = Turns(), threading.Event()

    def other() -> None:
        with turns.taken("other"):
            passed.set()

    def fails() -> None:
        with turns.taken("same"):
            thread = threading.Thread(target=other)
            thread.start()
            assert passed.wait(PATIENCE)
            thread.join()
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        fails()
    with turns.taken("same"):
        assert len(turns._lines) == 1

    assert not turns._lines
