"""``gateway deidentify``: text without what identifies."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import cast, get_args

import click

from anonymizers.keys import DateShift
from anonymizers.known import KnownIdentifiers
from anonymizers.text import DeidentifiedNote, Operator, Profile, TextDeidentifier
from gateway.ingest.request import IngestKeys
from gateway.keyring import KeyRing
from gateway.settings import load_settings
from policies.errors import SourceError

__all__ = ["command"]

MAX_CHARACTERS = 1_000_000


@click.group(name="deidentify")
def command() -> None:
    """De-identify text."""


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--profile",
    type=click.Choice(get_args(Profile)),
    default="standard",
    show_default=True,
    help="strict finds most, utility keeps most.",
)
@click.option(
    "--operator",
    type=click.Choice(get_args(Operator)),
    default="surrogate",
    show_default=True,
    help="A consistent stand-in, or a label in brackets.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Use the keys of this deployment, so that stand-ins stay the same; else they are new.",
)
@click.option("--dataset", default="text", help="Whose keys are used, with --folder.")
@click.option("--unit", default="text", help="Whose text it is; stand-ins are the same for one.")
@click.option("--json", "as_json", is_flag=True, help="Print text and places as JSON.")
def text(file: str, folder: Path | None, *, unit: str, as_json: bool, **given: str) -> None:
    """De-identify FILE (- for standard input), and print the text without what identifies.

    Only the text itself is looked at; ingest knows each patient's own identifiers besides, and
    finds more.
    """
    note = _read(file)
    master = secrets.token_bytes(32) if folder is None else _master(folder)
    keys = IngestKeys.of(master, given["dataset"])
    pipeline = TextDeidentifier(
        key=keys.text,
        shift=DateShift(key=keys.shift),
        profile=cast("Profile", given["profile"]),
        operator=cast("Operator", given["operator"]),
    )
    done = pipeline.deidentify(note, unit, KnownIdentifiers())
    click.echo(_json(done) if as_json else done.text, nl=as_json)


def _read(file: str) -> str:
    with click.open_file(file, "rb") as stream:
        content: bytes = stream.read()
    try:
        note = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(
            "the text is not UTF-8", code="SRC-ENCODING", remedy="convert it", file=file
        ) from None
    if len(note) > MAX_CHARACTERS:
        raise SourceError(
            f"the text has more than {MAX_CHARACTERS} characters",
            code="SRC-TOO-LONG",
            remedy="split it",
            file=file,
        )
    return note


def _master(folder: Path) -> bytes:
    return KeyRing.open(load_settings(folder).keys).master_secret


def _json(done: DeidentifiedNote) -> str:
    spans = [
        {"start": span.start, "end": span.end, "label": span.label.value} for span in done.spans
    ]
    return json.dumps({"text": done.text, "spans": spans}, ensure_ascii=False)
