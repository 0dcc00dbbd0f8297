"""How fast and how well notes are de-identified: the rules alone, and with the model that ships.

``python -m benchmarks.deidentify`` measures speed over generated texts, beside stock Presidio with
the same model. With a FOLDER it reads the published sample texts in it too, and prints aggregate
figures only. No rule, list or template was written from any of these texts.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from anonymizers.engines import BUILTIN, EngineName
from anonymizers.evaluation import evaluate, parse_gold
from anonymizers.language import language_of
from anonymizers.spans import Span
from anonymizers.text import TextDeidentifier
from anonymizers.training.corpus import measured, without_professions
from benchmarks.deidentify_speed import beside_stock, corpus, long_notes, scaling

KIB = 1024
EVERY = 24
SEED = 18
TRAPS = Path(__file__).parents[1] / "tests/cases/phi_traps.jsonl"


def texts(path: Path, column: str) -> list[str]:
    """Return the texts of a column that are not empty."""
    found: list[str | None] = pq.read_table(path)[column].to_pylist()
    return [text for text in found if text]


def named(rows: list[dict[str, Any]], column: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Give each text with the places where the patient's first or last name stands."""
    for row in rows:
        names = [row[part] for part in ("patient_firstname", "patient_familyname") if row[part]]
        places = [
            match.span()
            for name in names
            for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", row[column], re.IGNORECASE)
        ]
        if places:
            yield row[column], places


def show_recall(service: TextDeidentifier, folder: Path) -> None:
    """Print the share of a patient's own names that is found when the tables are not linked."""
    rows = pq.read_table(folder / "clinical_notes/aci_bench.parquet").to_pylist()
    for column in ("note", "dialogue"):
        found = total = 0
        for text, places in named(rows, column):
            spans = service.detect(text)
            total += len(places)
            found += sum(
                any(span.start <= start and end <= span.end for span in spans)
                for start, end in places
            )
        print(f"  names in {column}s found: {found} of {total} ({found / total:.3f})")


def show_excess(service: TextDeidentifier, folder: Path) -> None:
    """Print what is taken out of notes that name nearly nobody, and how fast."""
    for name, column, every in (
        ("physician_notes", "text", EVERY),
        ("mts_dialog", "section_text", 3),
        ("primock57", "note", 1),
    ):
        chosen = texts(folder / f"clinical_notes/{name}.parquet", column)[::every]
        service.detect(chosen[0])
        started = time.process_time()
        spans = [service.detect(text) for text in chosen]
        seconds = time.process_time() - started
        words = sum(len(text.split()) for text in chosen)
        labels = Counter(span.label.value for found in spans for span in found)
        print(
            f"  {name}: {1000 * labels.total() / words:.1f} spans in 1,000 words, "
            f"{sum(map(bool, spans))} of {len(chosen)} touched, {words / seconds:,.0f} words/s"
        )
        shares = words_touched(chosen, spans)
        outside = sum(n for label, n in shares.items() if label not in {"DATE", "AGE"})
        print(
            f"    of all words {100 * outside / words:.2f} % outside dates and ages; "
            + ", ".join(f"{label} {100 * n / words:.2f} %" for label, n in shares.most_common())
        )


def words_touched(texts: Sequence[str], found: Sequence[Sequence[Span]]) -> Counter[str]:
    """Count the words that spans stand on, by label."""
    counted: Counter[str] = Counter()
    for text, spans in zip(texts, found, strict=True):
        for span in spans:
            counted[span.label.value] += len(text[span.start : span.end].split())
    return counted


def show_generated(service: TextDeidentifier) -> None:
    """Print the figures on generated texts of unseen kinds, and on traps that people wrote."""
    sorts = {name: tuple(without_professions(gold)) for name, gold in measured(SEED, 400).items()}
    with TRAPS.open(encoding="utf-8") as lines:
        sorts["traps"] = tuple(parse_gold(lines))
    for name, gold in sorts.items():
        score = evaluate(gold, service.detect)
        unit = score.entities
        print(
            f"  {name}: recall {unit.recall:.3f}, precision {unit.precision:.3f}, "
            f"{score.leaking} of {score.texts} leak, {score.touched} of {score.clean} clean touched"
        )


def show_quality(folder: Path) -> None:
    """Print how well, for the rules alone and for the built-in engine."""
    engines: tuple[tuple[str, EngineName | None], ...] = (("rules", None), ("built-in", BUILTIN))
    for name, engine in engines:
        print(name)
        service = TextDeidentifier(key=b"k" * 32, engine=engine)
        show_recall(service, folder)
        show_excess(service, folder)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB
    print(f"memory at most, with Arrow and all texts: {memory:.0f} MB")
    for name, engine in engines:
        print(name)
        show_generated(TextDeidentifier(key=b"k" * 32, engine=engine))
    spanish = texts(folder / "phi_gold/meddocan_es.parquet", "text")
    refused = sum(language_of(text) not in {"en", None} for text in spanish)
    print(f"Spanish cases refused by the language gate: {refused} of {len(spanish)}")


def speed_report(*, quick: bool, sizes: Sequence[float]) -> dict[str, Any]:
    """Measure speed, memory, scaling, stock Presidio and long notes."""
    gold = corpus(6 if quick else 150)
    return {
        "form": 1,
        "texts": len(gold),
        "words": sum(len(one.text.split()) for one in gold),
        "tools": [asdict(side) for side in beside_stock(gold, memory=not quick)],
        "scaling": None if quick else asdict(scaling(gold)),
        "long_notes": [asdict(note) for note in long_notes(gold, sizes)],
    }


def show_speed(found: dict[str, Any]) -> None:
    """Print a speed report for people."""
    print(f"{found['words']:,} words of {found['texts']} generated texts, processor time")
    for side in found["tools"]:
        print(
            f"  {side['tool']}: {side['words_per_second']:,} words/s on one core, "
            f"{side['ratio']:.2f} times stock Presidio; in notes "
            f"{side['note_words_per_second']:,} words/s, {side['note_ratio']:.2f} times; "
            f"{side['memory_mib']} MiB, "
            f"recall {side['recall']:.3f}, precision {side['precision']:.3f}, "
            f"leaking {side['leaking']:.3f}, touched {side['touched']:.3f}"
        )
    if found["scaling"]:
        scale = found["scaling"]
        print(
            f"  two workers: {scale['cpu_ratio']:.2f} times the processor time of one, "
            f"{scale['wall_ratio']:.2f} times as fast by the clock"
        )
    for note in found["long_notes"]:
        print(
            f"  one note of {note['megabytes']:g} MB: {note['cpu_seconds']:.1f} s, "
            f"{note['words_per_second']:,} words/s, at most {note['memory_mib']} MiB"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print all figures; those of published texts only where their folder is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="published sample texts")
    parser.add_argument("--json", type=Path, help="write the figures of speed into this file")
    parser.add_argument("--quick", action="store_true", help="few texts, to see that it runs")
    parser.add_argument("--long", type=float, nargs="*", default=[], help="notes of so many MB")
    given = parser.parse_args(arguments)
    if given.folder is not None:
        show_quality(given.folder)  # first, since it tells the memory of this process
    found = speed_report(quick=given.quick, sizes=given.long)
    show_speed(found)
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
