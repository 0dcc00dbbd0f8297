"""The demo's own deployment: hospital files, policies, keys and store in one folder."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from anonymizers.keys import opaque_key
from gateway.demo.hospital import GOLD_FILE
from gateway.founding import make_deployment
from gateway.ingest.request import IngestKeys
from gateway.keyring import KeyRing
from gateway.opening import engine_limits, open_ram, open_store
from gateway.settings import Settings, load_settings
from gateway.storage import Warehouse
from policies.load import load_policies

__all__ = ["DATASET", "DemoSite", "NotePair", "make_site", "note_before_and_after"]

DATASET: Final = "demo-hospital"
_SPANS: Final = 8
_CHARACTERS: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSite:
    """Where everything of one demo lies.

    Attributes:
        root: The folder of all.
        source: The identified files of the made-up hospital.
        folder: The deployment.
    """

    root: Path
    source: Path
    folder: Path

    @property
    def settings(self) -> Settings:
        """The deployment's settings."""
        return load_settings(self.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePair:
    """One note as it was written, and as it is stored."""

    kind: str
    before: str
    after: str


def make_site(root: Path, *, port: int) -> DemoSite:
    """Make the deployment with the example policies; its keys lie in the same folder.

    Raises:
        OperatorError: If something is there already.
    """
    site = DemoSite(root=root, source=root / "source", folder=root / "gateway")
    make_deployment(site.folder, "demo", port=port, keys=root / "keys")
    shutil.rmtree(site.folder / "policies")
    with resources.as_file(resources.files("policies") / "examples" / "demo") as examples:
        shutil.copytree(examples, site.folder / "policies")
    return site


def note_before_and_after(site: DemoSite) -> NotePair:
    """Return a short note with many identifiers, from the source and from the opened store."""
    chosen = _short_note(site.source / GOLD_FILE)
    with (site.source / "notes.csv").open(encoding="utf-8", newline="") as lines:
        row = next(row for row in csv.DictReader(lines) if row["note_id"] == chosen)
    return NotePair(kind=row["note_type"], before=row["text"], after=_stored_text(site, chosen))


def _short_note(gold: Path) -> str:
    with gold.open(encoding="utf-8") as lines:
        notes = [json.loads(line) for line in lines]
    rich = [note for note in notes if len(note["spans"]) >= _SPANS] or notes
    chosen = min(rich, key=lambda note: abs(len(note["text"]) - _CHARACTERS))
    return str(chosen["id"])


def _stored_text(site: DemoSite, note_id: str) -> str:
    settings = site.settings
    keys = KeyRing.open(settings.keys)
    dataset = load_policies(settings.policies).datasets[DATASET]
    stored_id = opaque_key(IngestKeys.of(keys.master_secret, DATASET).pseudonyms, note_id)
    warehouse = Warehouse(open_store(settings, keys), open_ram(settings), engine_limits(settings))
    try:
        engine = warehouse.snapshot(dataset).engine
        rows = engine.run(f"SELECT text FROM notes WHERE note_id = {stored_id:d}")  # noqa: S608  a number of ours
    finally:
        warehouse.close()
    return str(rows[0][0])
