"""``gateway erase``: patients who are to be forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from gateway.cli.arguments import deployment_argument
from gateway.erasure import ErasureRequest, erase
from gateway.settings import load_settings

__all__ = ["command"]


def _units(lines: Iterable[str]) -> tuple[str, ...]:
    # A byte order mark, as spreadsheets write it, is no part of the first key.
    return tuple(filter(None, (line.removeprefix("\ufeff").strip() for line in lines)))


def _others(
    _: click.Context, __: click.Parameter, given: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in given:
        dataset, mark, file = one.partition("=")
        if not mark or not Path(file).is_file():
            raise click.BadParameter("write DATASET=FILE, with a file that is there")
        with Path(file).open(encoding="utf-8") as lines:
            found[dataset] = (*found.get(dataset, ()), *_units(lines))
    return found


@click.command(name="erase")
@deployment_argument
@click.option("--dataset", required=True, help="The dataset whose source has the keys.")
@click.option(
    "--keys",
    type=click.File("r", encoding="utf-8"),
    default="-",
    help="File with the patients' keys, one a line; by default standard input.",
)
@click.option(
    "--also",
    "others",
    multiple=True,
    metavar="DATASET=FILE",
    callback=_others,
    help="The same patients' keys in a dataset of the lineage that names them otherwise.",
)
@click.option(
    "--reason-code",
    type=click.Choice(["request", "error", "breach", "expiry"]),
    default="request",
    show_default=True,
    help="Why, for the audit log.",
)
@click.option("--readmit", is_flag=True, help="Take them off the list instead; then ingest again.")
def command(folder: Path, dataset: str, keys: TextIO, *, readmit: bool, **given: Any) -> None:  # noqa: ANN401  click's
    """Take patients out of DIR, from its snapshots in force and from all later ingests.

    A patient is named by the key that the source has. Keys are never arguments, since those are
    seen by others; nor are they kept or logged: the list of the erased holds keyed digests. All
    datasets of the same lineage are changed; one whose ``numbering`` differs by the keys that
    --also gives for it. Without any key the list is applied once more.

    What it prints has exact counts: it is for the steward only.
    """
    request = ErasureRequest(
        dataset=dataset,
        units=_units(keys),
        others=given["others"],
        because=given["reason_code"],
        readmit=readmit,
    )
    for one in erase(load_settings(folder), request):
        state = "no snapshot" if one.snapshot is None else f"snapshot {one.snapshot}"
        click.echo(f"{one.dataset}: {one.removed} taken out, {one.listed} on the list; {state}")
    if readmit:
        click.echo("next: gateway ingest, which reads them again")
