"""How fast notes are de-identified, and beside stock Presidio over the same model, in one run.

Times are of the processor, not of the clock, since others may use the machine; texts take turns.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from anonymizers.evaluation import Gold, Score, evaluate
from anonymizers.known import KnownIdentifiers
from anonymizers.pool import deidentify_notes
from anonymizers.spans import Span
from anonymizers.text import Note, TextDeidentifier
from anonymizers.training.corpus import measured, without_professions
from benchmarks.processes import asked_of
from benchmarks.stock import StockPresidio

__all__ = ["LongNote", "Scaling", "Side", "beside_stock", "corpus", "long_notes", "scaling"]

_Detector = Callable[[str], Sequence[Span]]
_SEED = 18
_NOTE_CHARS = 3_000
_TIMES_OVER = 24
_BATCH_CHARS = 200_000
"""Of the pool: what one worker is given at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One tool over all texts.

    Attributes:
        tool: ``ours``, ``rules`` or ``stock``.
        words_per_second: Words in a second of one core, texts as short as they are.
        ratio: The same, over that of stock Presidio.
        note_words_per_second: The same in notes of some 3,000 characters.
        note_ratio: The same, over that of stock Presidio.
        memory_mib: Most memory of a process of its own that reads the texts.
        recall: Share of entities whose characters were all found.
        precision: Share of entities found that are right.
        f2: Of the two.
        leaking: Share of texts in which something was left.
        touched: Share of texts that name nobody in which something was found.
    """

    tool: str
    words_per_second: int
    ratio: float
    note_words_per_second: int
    note_ratio: float
    memory_mib: int
    recall: float
    precision: float
    f2: float
    leaking: float
    touched: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """Whole de-identification by one worker process, and by two.

    Start-up is taken off: what a few notes take is subtracted from what many take.

    Attributes:
        cpu_ratio: Seconds of processor of two workers over those of one, for the same notes; 1
            where the second costs nothing.
        wall_ratio: Seconds of the clock of one worker over those of two; 2 at best, and less where
            others use the cores.
    """

    cpu_ratio: float
    wall_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LongNote:
    """One long note.

    Attributes:
        megabytes: Its length, in millions of characters.
        cpu_seconds: To de-identify it.
        words_per_second: Of one core.
        memory_mib: Most memory so far.
    """

    megabytes: float
    cpu_seconds: float
    words_per_second: int
    memory_mib: int


def corpus(texts: int) -> list[Gold]:
    """Return generated texts of unseen kinds, so many of each collection."""
    found = [without_professions(gold) for gold in measured(_SEED, texts).values()]
    return [one for gold in found for one in gold]


def detectors() -> dict[str, _Detector]:
    """Return what is compared, by name."""
    return {
        "ours": TextDeidentifier(key=bytes(32)).detect,
        "rules": TextDeidentifier(key=bytes(32), engine=None).detect,
        "stock": StockPresidio().detect,
    }


def beside_stock(gold: Sequence[Gold], *, memory: bool = True) -> tuple[Side, ...]:
    """Measure ours, our rules alone and stock Presidio; each text in turn by all of them."""
    tools = detectors()
    for detect in tools.values():
        detect(gold[0].text)
    texts = [one.text for one in gold]
    found, seconds = _in_turn(tools, texts)
    _, note_seconds = _in_turn(tools, _joined(texts))
    words = sum(len(text.split()) for text in texts)
    return tuple(
        _side(
            name,
            evaluate(gold, _replayed(found[name])),
            speeds=(words / seconds[name], words / note_seconds[name]),
            ratios=(
                seconds["stock"] / seconds[name],
                note_seconds["stock"] / note_seconds[name],
            ),
            memory_mib=_memory_mib(name, gold) if memory else 0,
        )
        for name in tools
    )


def _in_turn(
    tools: Mapping[str, _Detector], texts: Sequence[str]
) -> tuple[dict[str, list[Sequence[Span]]], dict[str, float]]:
    """Return what each tool finds in each text, and its seconds of processor."""
    seconds = dict.fromkeys(tools, 0.0)
    found: dict[str, list[Sequence[Span]]] = {name: [] for name in tools}
    for text in texts:
        for name, detect in tools.items():
            started = time.process_time()
            found[name].append(detect(text))
            seconds[name] += time.process_time() - started
    return found, seconds


def _joined(texts: Sequence[str]) -> list[str]:
    """Put texts one after another into notes of some 3,000 characters."""
    notes: list[list[str]] = [[]]
    for text in texts:
        if sum(map(len, notes[-1])) > _NOTE_CHARS:
            notes.append([])
        notes[-1].append(text)
    return ["\n\n".join(note) for note in notes]


def _replayed(spans: Sequence[Sequence[Span]]) -> _Detector:
    turns = iter(spans)
    return lambda _text: next(turns)


def _side(
    tool: str,
    score: Score,
    *,
    speeds: tuple[float, float],
    ratios: tuple[float, float],
    memory_mib: int,
) -> Side:
    return Side(
        tool=tool,
        words_per_second=round(speeds[0]),
        ratio=round(ratios[0], 2),
        note_words_per_second=round(speeds[1]),
        note_ratio=round(ratios[1], 2),
        memory_mib=memory_mib,
        recall=round(score.entities.recall, 4),
        precision=round(score.entities.precision, 4),
        f2=round(score.entities.f2, 4),
        leaking=round(score.leaking / score.texts, 4),
        touched=round(score.touched / score.clean, 4) if score.clean else 0.0,
    )


def _memory_mib(tool: str, gold: Sequence[Gold]) -> int:
    job = {"tool": tool, "texts": [one.text for one in gold]}
    return int(asked_of(sys.executable, "benchmarks.deidentify_memory", job)["mib"])


def peak_mib() -> int:
    """Return the most memory that this process had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def scaling(gold: Sequence[Gold]) -> Scaling:
    """Compare one worker process with two, over the same notes, many times over."""
    texts = _joined([one.text for one in gold]) * _TIMES_OVER
    notes = [Note(id=str(place), unit=str(place), text=text) for place, text in enumerate(texts)]
    one, two = (_marginal(notes, workers) for workers in (1, 2))
    return Scaling(cpu_ratio=round(two[0] / one[0], 2), wall_ratio=round(one[1] / two[1], 2))


def _marginal(notes: Sequence[Note], workers: int) -> tuple[float, float]:
    # Enough of the few that each of two workers is started for them.
    start = 2 * _BATCH_CHARS // _NOTE_CHARS
    few, many = (_taken(part, workers) for part in (notes[:start], notes))
    return many[0] - few[0], many[1] - few[1]


def _taken(notes: Sequence[Note], workers: int) -> tuple[float, float]:
    """Return seconds of processor, of this process and its workers, and of the clock."""
    service = TextDeidentifier(key=bytes(32))
    cpu, wall = _cpu_seconds(), time.perf_counter()
    for _ in deidentify_notes(service, notes, workers=workers):
        continue
    return _cpu_seconds() - cpu, time.perf_counter() - wall


def _cpu_seconds() -> float:
    times = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in times)


def long_notes(gold: Sequence[Gold], megabytes: Sequence[float]) -> tuple[LongNote, ...]:
    """De-identify notes of some lengths, made of all texts one after another."""
    whole = "\n\n".join(one.text for one in gold)
    service = TextDeidentifier(key=bytes(32))
    service.deidentify(whole[:2_000], "unit", KnownIdentifiers())
    found = []
    for size in megabytes:
        length = int(size * 1_000_000)
        text = (whole * (length // len(whole) + 1))[:length]
        started = time.process_time()
        service.deidentify(text, "unit", KnownIdentifiers())
        seconds = time.process_time() - started
        found.append(
            LongNote(
                megabytes=size,
                cpu_seconds=round(seconds, 2),
                words_per_second=round(len(text.split()) / seconds),
                memory_mib=peak_mib(),
            )
        )
    return tuple(found)
