"""How far an ingest is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

__all__ = ["PlainProgress", "Progress", "SilentProgress", "TerminalProgress", "progress_for"]

_QUIET_SECONDS = 5.0


class Progress(Protocol):
    """Is told of steps; shows them or not."""

    def step(self, title: str, total: int | None) -> AbstractContextManager[Callable[[int], None]]:
        """Enter a step.

        Args:
            title: What is done, such as ``reading encounters``.
            total: How many items there are, if that is known.

        Returns:
            A context that gives a function to call with the number of items done since last time.
        """
        ...


class SilentProgress:
    """Shows nothing."""

    @contextmanager
    def step(self, title: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Enter a step."""
        del title, total
        yield lambda _: None


class PlainProgress:
    """Writes a line at the end of each step, and one every five seconds of a long one.

    Args:
        out: Where to write.
        now: Seconds of a clock that never goes back.
    """

    def __init__(self, out: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._now = now

    @contextmanager
    def step(self, title: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Enter a step."""
        done, told = 0, self._now()

        def advance(items: int) -> None:
            nonlocal done, told
            done += items
            if self._now() - told >= _QUIET_SECONDS:
                told = self._now()
                self._say(title, done, total)

        yield advance
        self._say(title, done, done)

    def _say(self, title: str, done: int, total: int | None) -> None:
        of_all = "" if total is None else f" of {total:,}"
        self._out.write(f"{title}: {done:,}{of_all}\n")
        self._out.flush()


class TerminalProgress:
    """Draws a bar for each step on a terminal.

    Args:
        out: The terminal.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    @contextmanager
    def step(self, title: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Enter a step."""
        from rich import progress  # noqa: PLC0415  a service and plain output never need it
        from rich.console import Console  # noqa: PLC0415  the same

        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeRemainingColumn(),
        )
        with progress.Progress(*columns, console=Console(file=self._out)) as bars:
            task = bars.add_task(title, total=total)
            yield lambda items: bars.advance(task, items)


def progress_for(out: TextIO) -> Progress:
    """Return a bar if ``out`` is a terminal, else plain lines."""
    return TerminalProgress(out) if out.isatty() else PlainProgress(out)
