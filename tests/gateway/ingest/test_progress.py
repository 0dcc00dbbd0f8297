from __future__ import annotations

import io

import pytest

from gateway.ingest.progress import (
    PlainProgress,
    SilentProgress,
    TerminalProgress,
    progress_for,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_plain_step_says_its_end_and_every_five_seconds() -> None:
    out, clock = io.StringIO(), iter([0.0, 1.0, 6.0, 6.0, 7.0])
    progress = PlainProgress(out, lambda: next(clock))

    with progress.step("reading visits", 40) as advance:
        for _ in range(3):
            advance(10)

    assert out.getvalue() == "reading visits: 20 of 40\nreading visits: 30 of 30\n"


def test_a_total_need_not_be_known() -> None:
    out, clock = io.StringIO(), iter([0.0, 9.0, 9.0])
    with PlainProgress(out, lambda: next(clock)).step("reading", None) as advance:
        advance(1500)

    assert out.getvalue() == "reading: 1,500\nreading: 1,500 of 1,500\n"


def test_a_terminal_gets_a_bar() -> None:
    out = Terminal()
    with TerminalProgress(out).step("reading visits", 2) as advance:
        advance(1)
        advance(1)

    assert "reading visits" in out.getvalue()
    assert "2/2" in out.getvalue()


def test_the_stream_decides_which() -> None:
    assert isinstance(progress_for(Terminal()), TerminalProgress)
    assert isinstance(progress_for(io.StringIO()), PlainProgress)


def test_silence_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    with SilentProgress().step("reading", 3) as advance:
        advance(3)

    assert capfd.readouterr() == ("", "")
