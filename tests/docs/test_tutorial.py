"""The tutorial runs as it stands, and what is shipped of it holds nothing of a machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"
MOST_BYTES = 150_000


def cells(path: Path) -> list[dict[str, Any]]:
    """The cells that hold code."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def shown(cell: dict[str, Any]) -> str:
    """All texts that a cell shows, without their markup."""
    texts: list[str] = []
    for output in cell["outputs"]:
        texts += output.get("text", [])
        for kind, lines in output.get("data", {}).items():
            if kind.startswith("text/"):
                texts += lines
    return re.sub(r"<[^>]+>", " ", "".join(texts))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The cells after a run; in a process of its own, since a kernel warns of things."""
    out = tmp_path_factory.mktemp("tutorial") / "ran.ipynb"
    command = [sys.executable, "-m", "tests.docs.tutorial", "--patients", "300", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    assert done.returncode == 0, done.stderr[-4000:]
    return cells(out)


def found(ran: list[dict[str, Any]], words: str) -> str:
    """What the first cell with these words in its code shows."""
    return next(shown(cell) for cell in ran if words in "".join(cell["source"]))


def test_every_cell_runs_and_the_code_is_what_is_shipped(ran: list[dict[str, Any]]) -> None:
    assert [cell["source"] for cell in ran] == [cell["source"] for cell in cells(NOTEBOOK)]
    assert all(cell["execution_count"] for cell in ran)
    assert not [out for cell in ran for out in cell["outputs"] if out["output_type"] == "error"]


def test_the_researchers_day_is_whole(ran: list[dict[str, Any]]) -> None:
    images = [out for cell in ran for out in cell["outputs"] if "image/png" in out.get("data", {})]

    assert "age" in found(ran, "gateway.catalog")
    assert "Price" in found(ran, "gateway.explain")
    assert "±" in found(ran, "answer = gateway.query")
    assert "charged 0" in found(ran, "reworded")
    assert len(images) == 3
    assert "spent" in found(ran, "gateway.budget")
    assert "query.release" in found(ran, "check_receipt")


def test_the_refusal_names_a_remedy_that_works(ran: list[dict[str, Any]]) -> None:
    assert "CLAMP" in found(ran, "except RefusalError")
    assert "±" in found(ran, "CLAMP(cost / visits")


def test_what_is_shipped_was_run_and_holds_nothing_of_a_machine() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    notebook = json.loads(text)

    assert all(cell["outputs"] for cell in cells(NOTEBOOK)[:-1])
    assert len(text.encode()) < MOST_BYTES
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert not re.search(r"gw_[0-9a-f]|127\.0\.0\.1|localhost|/(home|root|tmp|Users)/", text)
