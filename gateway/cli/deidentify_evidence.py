"""``gateway deidentify detect | score | canary``: what is found, and how well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from anonymizers.canaries import count_survivors
from anonymizers.evaluation import Gold, Score, Tally, evaluate, parse_gold
from anonymizers.keys import KEY_BYTES
from anonymizers.known import KnownIdentifiers
from anonymizers.presidio import engine_text
from anonymizers.spans import Label, Span
from anonymizers.text import TextDeidentifier
from gateway.cli.deidentify_options import dataset_keys, operating_point, pointed
from gateway.cli.identified_files import read_records
from gateway.cli.rendering import text_table
from gateway.gold_files import check_gold
from gateway.releases.manifest import digest_of
from gateway.releases.scorecards import write_scorecard
from policies.binomial import upper_limit
from policies.errors import SourceError
from policies.record_facts import Scorecard, TextReading

__all__ = ["canary", "detect", "score"]

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_deployed: Final = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Read as this deployment does: its engine, and at least its profile.",
)
_NO_KEY: Final = bytes(KEY_BYTES)
"""Nothing is put in place of anything here, so there is nothing to keep secret."""


@click.command()
@click.argument("source", type=_FILE)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@pointed
@_deployed
def detect(source: Path, out: Path, folder: Path | None, **given: Any) -> None:  # noqa: ANN401  click's
    """Find what identifies in the texts of SOURCE, and write it as OUT.

    Both are JSON lines: {"id", "text"} in, and the same with "spans" out, each of them
    {"start", "end", "label"} in characters. OUT is as identified as SOURCE.
    """
    pipeline = _pipeline(given, folder)
    out.touch(mode=0o600)
    with out.open("w", encoding="utf-8") as lines:
        for name, text in read_records(source):
            spans = [
                {"start": span.start, "end": span.end, "label": span.label.value}
                for span in pipeline.detect(text)
            ]
            record = {"id": name, "text": text, "spans": spans}
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")


@click.command()
@click.argument("gold", type=_FILE)
@click.option("--predictions", type=_FILE, help="Score this file in place of the pipeline.")
@pointed
@_deployed
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option(
    "--scorecard",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what 'gateway release request --evidence' reads; with --folder and --set.",
)
@click.option("--set", "gold_name", help="What the declaration calls this gold set.")
def score(
    gold: Path,
    predictions: Path | None,
    folder: Path | None,
    *,
    as_json: bool,
    **given: Any,  # noqa: ANN401  click's
) -> None:
    """Compare what is found with what should be found in GOLD.

    JSON lines {"id", "text", "spans": [{"start", "end", "label"}]}. Prints recall, precision and
    F2 by characters and entities, and in how many texts something leaks or is taken out without
    need, each with its exact upper limit at 95 % (Clopper and Pearson).
    """
    card: Path | None = given["scorecard"]
    if card is not None and (folder is None or predictions is not None or not given["gold_name"]):
        raise click.UsageError("--scorecard needs --folder and --set, and no --predictions")
    texts = _gold(gold)
    found = _pipeline(given, folder).detect
    result = evaluate(texts, found if predictions is None else _replayed(texts, _gold(predictions)))
    click.echo(json.dumps(_figures(result), indent=2) if as_json else "\n".join(_told(result)))
    if card is not None and folder is not None:
        profile, engine = operating_point(given, folder)
        entities = result.entities
        shown = Scorecard(
            on=given["gold_name"],
            gold=digest_of(gold.read_bytes()),
            reading=TextReading(engine=engine_text(engine), profile=profile),
            entities=entities.gold,
            found=entities.found,
            texts=result.texts,
            leaking=result.leaking,
        )
        write_scorecard(card, shown, dataset_keys(folder))
        click.echo(f"{card}: {shown.on}, {shown.gold}", err=True)


@click.command()
@click.argument("source", type=_FILE)
@pointed
@_deployed
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def canary(source: Path, folder: Path | None, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401  click's
    """Plant made-up identifiers in the notes of SOURCE, and count those that get through.

    SOURCE is JSON lines {"id", "text"}; nothing of it is printed or written.
    """
    pipeline = replace(_pipeline(given, folder), operator="redact")
    tallies = count_survivors(
        ((str(name), text) for name, text in read_records(source)),
        lambda text: pipeline.deidentify(text, "", KnownIdentifiers()).text,
    )
    figures = {
        label.value: {
            "planted": tally.planted,
            "survived": tally.survived,
            "upper_limit": float(upper_limit(tally.survived, tally.planted)),
        }
        for label, tally in tallies.items()
    }
    if as_json:
        click.echo(json.dumps(figures, indent=2))
        return
    rows = [
        [label, str(one["planted"]), str(one["survived"]), f"{one['upper_limit']:.4f}"]
        for label, one in figures.items()
    ]
    click.echo(text_table(["canary", "planted", "survived", "at most, 95 %"], rows))


def _pipeline(given: dict[str, Any], folder: Path | None) -> TextDeidentifier:
    profile, engine = operating_point(given, folder)
    return TextDeidentifier(key=_NO_KEY, profile=profile, engine=engine)


def _gold(file: Path) -> list[Gold]:
    for _ in read_records(file):  # tells where a text is no text
        pass
    read = list(parse_gold(file.read_text(encoding="utf-8-sig").split("\n")))
    check_gold(read, file.name)
    return read


def _replayed(gold: Sequence[Gold], predictions: Sequence[Gold]) -> Callable[[str], Sequence[Span]]:
    """Return a detector that says what a file says, text by text in the order of the gold."""
    by_id = {one.id: one for one in predictions}
    if any(one.id not in by_id or by_id[one.id].text != one.text for one in gold):
        raise SourceError(
            "the predictions are not of the same texts",
            code="SRC-GOLD",
            remedy="run detect on the gold file itself",
        )
    turns: Iterator[Sequence[Span]] = iter([by_id[one.id].spans for one in gold])
    return lambda _text: next(turns)


def _tally(tally: Tally) -> dict[str, float | int]:
    return {
        "gold": tally.gold,
        "found": tally.found,
        "predicted": tally.predicted,
        "right": tally.right,
        "recall": tally.recall,
        "precision": tally.precision,
        "f2": tally.f2,
    }


def _share(hits: int, trials: int) -> dict[str, float | int]:
    return {
        "count": hits,
        "of": trials,
        "share": hits / trials if trials else 0.0,
        "upper_limit": float(upper_limit(hits, trials)),
    }


def _figures(result: Score) -> dict[str, object]:
    entities = result.entities
    return {
        "texts": result.texts,
        "characters": _tally(result.characters),
        "entities": _tally(entities),
        "by_label": {
            label.value: {"characters": _tally(characters), "entities": _tally(each)}
            for label, (characters, each) in _present(result)
        },
        "entities_missed": _share(entities.gold - entities.found, entities.gold),
        "texts_leaking": _share(result.leaking, result.texts),
        "clean_texts_touched": _share(result.touched, result.clean),
    }


def _present(result: Score) -> Iterator[tuple[Label, tuple[Tally, Tally]]]:
    for label, (characters, entities) in result.by_label.items():
        if entities.gold or entities.predicted:
            yield label, (characters, entities)


def _told(result: Score) -> Iterator[str]:
    header = ["", "gold", "recall", "precision", "F2"]
    rows = [_row("characters", result.characters), _row("entities", result.entities)]
    rows += [_row(label.value, entities) for label, (_, entities) in _present(result)]
    yield text_table(header, rows)
    missed = result.entities.gold - result.entities.found
    for name, hits, trials in (
        ("entities missed", missed, result.entities.gold),
        ("texts that leak", result.leaking, result.texts),
        ("texts without identifiers that were touched", result.touched, result.clean),
    ):
        share = f"{hits / trials:.4f}" if trials else "-"
        limit = f"{float(upper_limit(hits, trials)):.4f}"
        yield f"{name}: {hits} of {trials}, {share}, at most {limit} at 95 %"


def _row(name: str, tally: Tally) -> list[str]:
    figures = (tally.recall, tally.precision, tally.f2)
    return [name, str(tally.gold), *(f"{figure:.4f}" for figure in figures)]
