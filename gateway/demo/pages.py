"""What the demo prints: a story for somebody who sees the gateway for the first time."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gateway.cli.rendering import loss_text
from gateway.demo.hospital import HospitalSummary
from gateway.demo.questions import QUESTIONS, DemoQuestion, Exact
from gateway.demo.site import NotePair
from gateway.ingest.report import IngestReport
from gateway.releases.requests import Requested
from policies.errors import RefusalError
from query.answers import Answer, Estimate, Quote, Value
from query.ports import Balance

__all__ = ["Pages"]

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Pages:
    """Prints the chapters of the demo.

    Args:
        console: Where to; standard output by default.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)

    def chapter(self, title: str) -> None:
        """Print a heading."""
        self._console.print()
        self._console.rule(f"[bold]{title}", align="left")

    def hospital(self, summary: HospitalSummary) -> None:
        """Print how large the hospital is."""
        sizes = ", ".join(f"{count:,} {table}" for table, count in summary.rows.items())
        self._say(f"Nobody in it exists. {sizes}.")

    def ingest(self, report: IngestReport) -> None:
        """Print what was stored and what was not."""
        table = Table("table", box=None, pad_edge=False)
        for heading in ("rows read", "rows stored", "columns dropped, never stored"):
            table.add_column(heading, justify="right" if "rows" in heading else "left")
        for one in report.tables:
            dropped = ", ".join(one.dropped)
            table.add_row(one.table, f"{one.read:,}", f"{one.stored:,}", dropped)
        self._console.print(Padding(table, (0, 2)))
        spans = ", ".join(
            f"{count:,} {label}" for label, count in sorted(report.notes.spans.items())
        )
        self._say(f"Replaced in {report.notes.processed:,} notes: {spans}.")
        self._say(
            f"Sealed with AES-256-GCM; took {report.seconds:.1f} s "
            f"({report.rows_per_second:,.0f} rows a second, "
            f"{report.notes_per_second:,.0f} notes a second)."
        )

    def note(self, pair: NotePair) -> None:
        """Print one note before and after, side by side; what differs is colored."""
        before, after = _marked(pair.before, pair.after)
        table = Table(title=None, expand=True, show_lines=False)
        table.add_column("as the clinician wrote it (identified)", ratio=1)
        table.add_column("as the gateway stores it", ratio=1)
        table.add_row(before, after)
        self._console.print(table)

    def records(self, requested: Sequence[Requested]) -> None:
        """Print what waits to leave; what was counted in it is for stewards, at their pages."""
        manifest = requested[-1].manifest
        coding = ", ".join(f"{name} as {step}" for name, step in manifest.coding.items())
        self._say(
            f"{len(requested)} files of {manifest.table} without noise: {coding}; at least "
            f"{manifest.criteria.k} people look alike in every way."
        )
        self._say(f"They wait for two signatures, until {manifest.until} at most.")

    def answer(self, question: DemoQuestion, quote: Quote, answer: Answer, exact: Exact) -> None:
        """Print a question, its price, its noisy answer and how far that is from the truth."""
        self._console.print(f"\n[bold]{question.title}[/bold]")
        self._console.print(Padding(Text(question.sql, style="cyan"), (0, 4)))
        self._say(f"Price, known before: {loss_text(quote.loss)}. Charged: {_price(answer)}.")
        self._console.print(Padding(_answer_table(answer, exact), (0, 2)))

    def repeat(self, answer: Answer) -> None:
        """Print what asking again costs."""
        self._console.print()
        self._say(
            f"The first question asked once more: the same numbers, charged {_price(answer)}. "
            "Nobody averages the noise away."
        )

    def refusal(self, sql: str, refusal: RefusalError) -> None:
        """Print a refused question and why."""
        self._console.print(Padding(Text(sql, style="cyan"), (0, 4)))
        self._say(f"[red]Refused[/red] ({refusal.code}): {refusal.message}.")
        if refusal.remedy:
            self._say(f"What to do: {refusal.remedy}.")
        self._say("Nothing was charged; the refusal is in the audit log.")

    def budget(self, balances: Sequence[Balance]) -> None:
        """Print what is spent and left, a scope a line."""
        for balance in balances:
            left = balance.cap.parameter - balance.spent.parameter
            self._say(
                f"{balance.scope} {balance.name}: spent {balance.spent.parameter.normalize():f}, "
                f"left {left.normalize():f} of {balance.cap.measure.symbol} "
                f"{balance.cap.parameter.normalize():f}"
            )

    def lines(self, lines: Iterable[str]) -> None:
        """Print lines as they are."""
        for line in lines:
            self._say(line)

    def end(self, seconds: float) -> None:
        """Print how long it took."""
        self._console.print()
        self._say(f"All of this took {seconds:.0f} s.")

    def how_to_serve(self, folder: Path | None) -> None:
        """Print how to open the service."""
        if folder is None:
            self._say(
                "To go on asking: [bold]gateway demo --serve[/bold], or "
                "[bold]gateway demo --folder DIR[/bold] and then "
                "[bold]gateway serve DIR/gateway[/bold]."
            )
        else:
            self._say(f"To go on asking: [bold]gateway serve {folder / 'gateway'}[/bold]")

    def serving(self, url: str, key: str, project: str) -> None:
        """Print where the service is, and how to ask it."""
        self._console.print()
        self._say(
            f"Open [bold]{url}/demo[/bold] in a browser and be the researcher, the steward or the "
            "auditor; Ctrl-C stops the service. From a shell, ask it so:"
        )
        command = (
            f"GATEWAY_API_KEY={key} gateway query --url {url} --project {project} --epsilon 0.1"
            f" {shlex.quote(QUESTIONS[0].sql)}"
        )
        self._console.print(Text(command, style="cyan"), soft_wrap=True)

    def _say(self, text: str) -> None:
        self._console.print(Padding(text, (0, 2)))


def _answer_table(answer: Answer, exact: Exact) -> Table:
    """The rows of an answer; beside each noisy column its interval and the exact value."""
    table = Table(box=None, pad_edge=False)
    noisy = [name for name in answer.columns if name not in _keys(answer)]
    for name in answer.columns:
        table.add_column(name, justify="right" if name in noisy else "left")
        if name in noisy:
            table.add_column(f"{answer.quote.confidence:.0%} interval", justify="right")
            table.add_column("[dim]exact (demo only)", justify="right", style="dim")
    for row in answer.rows:
        truth = exact.get(str(row[0]), {})
        cells: list[str] = []
        for name, value in zip(answer.columns, row, strict=True):
            cells += _cells(value, truth.get(name), noisy=name in noisy)
        table.add_row(*cells)
    return table


def _keys(answer: Answer) -> set[str]:
    aggregates = {aggregate.column for aggregate in answer.quote.aggregates}
    return {name for name in answer.columns if name not in aggregates}


def _cells(value: Value, truth: float | None, *, noisy: bool) -> list[str]:
    if not noisy:
        return [str(value)]
    if not isinstance(value, Estimate) or value.value is None:
        return ["-", "", ""]
    interval = f"{_number(value.lower)} to {_number(value.upper)}"
    return [_number(value.value), interval, "-" if truth is None else _number(truth)]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"  # noqa: PLR2004  three digits


def _price(answer: Answer) -> str:
    return "nothing" if answer.repeated else loss_text(answer.charged)


def _marked(before: str, after: str) -> tuple[Text, Text]:
    """Color the words in which two texts differ."""
    left, right = _WORDS.findall(before), _WORDS.findall(after)
    marked = Text(), Text()
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        same = kind == "equal"
        marked[0].append("".join(left[a:b]), style=None if same else "bold red")
        marked[1].append("".join(right[c:d]), style=None if same else "bold green")
    return marked
