"""``gateway deidentify fhir``: a folder of FHIR R4 resources, as NDJSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import click

from anonymizers.fhir import FhirDeidentifier, People, Resource, Servers
from anonymizers.keys import DateShift
from anonymizers.text import TextDeidentifier
from gateway.cli.deidentify_options import (
    dataset_keys,
    file_keys,
    keyed,
    operating_point,
    pointed,
)
from gateway.ingest.sources.fhir_lines import fhir_files, is_resource, values_of

__all__ = ["fhir"]

_FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("source", type=_FOLDER)
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@pointed
@keyed
def fhir(source: Path, out: Path, folder: Path | None, **given: Any) -> None:  # noqa: ANN401  click's
    """De-identify all *.ndjson and *.ndjson.gz files of SOURCE into the folder OUT.

    Each line is a resource or a bundle. Names, identifiers, addresses, narratives and the names
    that references repeat are dropped, ids replaced, dates moved, and every other text, notes in
    base64 included, goes through the text pipeline with its patient's own identifiers.

    OUT is for the operator alone: what a project is given leaves by 'gateway release'.
    """
    files = fhir_files(source, "")
    people, servers = People(), Servers()
    for file in files:
        for resource in _resources(file, Counter()):
            servers.add(resource, file.name)
            people.add(resource)
    profile, engine = operating_point(given, folder)
    keys = file_keys(dataset_keys(folder), given["dataset"])
    shift = DateShift(key=keys.shift)
    text = TextDeidentifier(
        key=keys.text,
        directory=people.directory(),
        shift=shift,
        profile=profile,
        engine=engine,
    )
    service = FhirDeidentifier(
        text,
        pseudonyms=keys.pseudonyms,
        shift=shift,
        people=people,
        today=datetime.now(UTC).date(),
    )
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in files:
        counts = _write(service, file, out / file.name.removesuffix(".gz"))
        told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        click.echo(f"{file.name}: {told or 'no resource'}")


def _write(service: FhirDeidentifier, file: Path, target: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    target.touch(mode=0o600)
    with target.open("w", encoding="utf-8") as lines:
        for resource in _resources(file, counts):
            outcome = service.deidentify(resource)
            lines.write(json.dumps(outcome.resource, ensure_ascii=False) + "\n")
            counts["resources"] += 1
            counts["texts de-identified"] += outcome.texts
            counts["texts withheld"] += outcome.withheld
    if not counts["resources"]:
        target.unlink()
    return counts


def _resources(file: Path, counts: Counter[str]) -> Iterator[Resource]:
    """Give the resources of one file; lines that are none (a log) are counted and passed over."""
    for value in values_of(file):
        if is_resource(value):
            yield cast("Resource", value)
        else:
            counts["lines that are no resource left out"] += 1
