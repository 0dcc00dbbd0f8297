"""How well notes are de-identified: the rules alone, and with the model that ships.

``python -m benchmarks.deidentify FOLDER`` reads the published sample texts in FOLDER and prints
aggregate figures only. No rule, list or template was written from any of these texts.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from anonymizers.engines import BUILTIN, EngineName
from anonymizers.evaluation import evaluate, parse_gold
from anonymizers.language import language_of
from anonymizers.text import TextDeidentifier
from anonymizers.training.corpus import measured, without_professions

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
        touched = sum(map(bool, spans))
        print(
            f"  {name}: {1000 * labels.total() / words:.1f} spans in 1,000 words, "
            f"{touched} of {len(chosen)} touched, {words / seconds:,.0f} words/s, {dict(labels)}"
        )


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


def main() -> None:
    """Print all figures, for the rules alone and for the built-in engine."""
    folder = Path(sys.argv[1])
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


if __name__ == "__main__":
    main()
