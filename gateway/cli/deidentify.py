"""``gateway deidentify``: text and tables without what identifies, and evidence of how well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import click

from anonymizers.keys import DateShift
from anonymizers.known import KnownIdentifiers
from anonymizers.text import DeidentifiedNote, Operator, Profile, TextDeidentifier
from gateway.cli.deidentify_evidence import canary, detect, score
from gateway.cli.deidentify_fhir import fhir
from gateway.cli.deidentify_options import dataset_keys, keyed, operated, profiled
from gateway.cli.deidentify_table import table
from gateway.cli.identified_files import read_text
from gateway.ingest.request import IngestKeys

__all__ = ["command"]


@click.group(name="deidentify")
def command() -> None:
    """De-identify text and tables, and measure how well."""


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@profiled
@operated
@keyed
@click.option("--unit", default="text", help="Whose text it is; stand-ins are the same for one.")
@click.option("--json", "as_json", is_flag=True, help="Print text and places as JSON.")
def text(file: str, folder: Path | None, *, unit: str, as_json: bool, **given: str) -> None:
    """De-identify FILE (- for standard input), and print the text without what identifies.

    Only the text itself is looked at; ingest knows each patient's own identifiers besides, and
    finds more.
    """
    note = read_text(file)
    keys = IngestKeys.of(dataset_keys(folder), given["dataset"])
    pipeline = TextDeidentifier(
        key=keys.text,
        shift=DateShift(key=keys.shift),
        profile=cast("Profile", given["profile"]),
        operator=cast("Operator", given["operator"]),
    )
    done = pipeline.deidentify(note, unit, KnownIdentifiers())
    click.echo(_json(done) if as_json else done.text, nl=as_json)


for other in (table, fhir, detect, score, canary):
    command.add_command(other)


def _json(done: DeidentifiedNote) -> str:
    spans = [
        {"start": span.start, "end": span.end, "label": span.label.value} for span in done.spans
    ]
    return json.dumps({"text": done.text, "spans": spans}, ensure_ascii=False)
