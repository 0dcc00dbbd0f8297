"""Executes ``docs/tutorial.ipynb`` against a demo deployment that is served for that.

    python -m tests.docs.tutorial --patients 2000 --out docs/tutorial.ipynb

writes the notebook that is shipped, with its outputs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from gateway.demo.hospital import write_hospital
from gateway.demo.questions import RESEARCHER
from gateway.demo.site import DATASET, DemoSite, make_site
from gateway.identity.accounts import Accounts
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"
CELL_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A demo deployment that is served.

    Attributes:
        url: Where.
        key: The researcher's API key.
        vkey: Public key of its audit log.
    """

    url: str
    key: str
    vkey: str


@contextmanager
def live(root: Path, patients: int) -> Iterator[Live]:
    """Make the demo's deployment, and serve it for a block."""
    site = make_site(root, port=0)
    write_hospital(site.source, patients=patients, seed=1)
    ingest_dataset(site.settings, DATASET, site.source)
    settings = site.settings
    expires = datetime.now(UTC) + timedelta(days=1)
    key = Accounts(settings.accounts).create(RESEARCHER, expires=expires).text
    vkey = KeyRing.open(settings.keys).signer(settings.id).verifier.text()
    with _serving(site) as url:
        yield Live(url=url, key=key, vkey=vkey)


@contextmanager
def _serving(site: DemoSite) -> Iterator[str]:
    command = [sys.executable, "-m", "gateway", "serve", str(site.folder)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as service:
        try:
            assert service.stdout is not None
            yield service.stdout.readline().strip()
        finally:
            service.terminate()


def executed(service: Live, folder: Path) -> str:
    """Return the notebook with the outputs of a run in a folder; raises if a cell fails."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # no types
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "GATEWAY_URL": service.url,
            "GATEWAY_API_KEY": service.key,
            "GATEWAY_VKEY": service.vkey,
        }
    )
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            shown = output.get("data", {})
            if len(shown) > 1:  # what a notebook shows is enough
                shown.pop("text/plain", None)
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]  # the same
    return text + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Execute the notebook and write it."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs.tutorial")
    parser.add_argument("--patients", type=int, default=2000)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, live(Path(folder), given.patients) as service:
        text = executed(service, Path(folder))
    given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
