"""``gateway deidentify text``: one note without what identifies."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from anonymizers.keys import DateShift
from anonymizers.known import KnownIdentifiers
from anonymizers.text import DeidentifiedNote, TextDeidentifier, stricter
from gateway.cli.deidentify_options import (
    dataset_keys,
    keyed,
    operated,
    operating_point,
    operators_of,
    pointed,
)
from gateway.cli.identified_files import read_text
from gateway.errors import OperatorError
from gateway.governing.activation import governing_declarations
from gateway.ingest.request import IngestKeys
from gateway.settings import load_settings
from policies.datasets import DatasetPolicy
from policies.shifts import shift_of
from policies.transforms import DeidentifyText

__all__ = ["text"]


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@pointed
@operated
@keyed
@click.option("--column", help="With --folder: as the policy in force has TABLE.COLUMN.")
@click.option("--unit", default="text", help="Whose text it is; stand-ins are the same for one.")
@click.option("--keep-weekday", is_flag=True, help="Move dates by whole weeks.")
@click.option("--json", "as_json", is_flag=True, help="Print text and places as JSON.")
def text(file: str, folder: Path | None, *, unit: str, as_json: bool, **given: Any) -> None:  # noqa: ANN401  click's
    """De-identify FILE (- for standard input), and print the text without what identifies.

    Only the text itself is looked at; ingest knows each patient's own identifiers besides, and
    finds more. With --folder, stand-ins are those of what it stores.
    """
    note = read_text(file)
    pipeline = _pipeline(folder, given)
    done = pipeline.deidentify(note, unit, KnownIdentifiers())
    click.echo(_json(done) if as_json else done.text, nl=as_json)


def _pipeline(folder: Path | None, given: dict[str, Any]) -> TextDeidentifier:
    keys = IngestKeys.of(dataset_keys(folder), given["dataset"])
    profile, engine = operating_point(given, folder)
    if given["column"]:
        dataset, declared = _declared(folder, given["dataset"], given["column"])
        return TextDeidentifier(
            key=keys.text,
            shift=DateShift.of(keys.shift, shift_of(dataset)),
            profile=stricter(profile, declared.profile),
            operator=declared.operator,
            operators=declared.operators,
            reversible=keys.reversible if declared.reversible else None,
            engine=engine,
        )
    operators = operators_of(given["operators"])
    return TextDeidentifier(
        key=keys.text,
        shift=replace(DateShift(key=keys.shift), keep_weekday=given["keep_weekday"]),
        profile=profile,
        operator=operators.default,
        operators=operators.by_label,
        engine=engine,
    )


def _declared(
    folder: Path | None, dataset: str, column: str
) -> tuple[DatasetPolicy, DeidentifyText]:
    if folder is None:
        raise click.UsageError("--column needs --folder and --dataset")
    settings = load_settings(folder)
    found = governing_declarations(settings).datasets.get(dataset)
    table, _, name = column.partition(".")
    columns = found.tables[table].columns if found and table in found.tables else {}
    transform = columns[name].effective_transform if name in columns else None
    if found is None or not isinstance(transform, DeidentifyText):
        raise OperatorError(
            "no column of notes of this name is declared in the dataset",
            code="CFG-COLUMN",
            remedy="name a column whose transform is deidentify_text, as TABLE.COLUMN",
            file=str(settings.policies),
        )
    return found, transform


def _json(done: DeidentifiedNote) -> str:
    spans = [
        {"start": span.start, "end": span.end, "label": span.label.value} for span in done.spans
    ]
    return json.dumps({"text": done.text, "spans": spans}, ensure_ascii=False)
