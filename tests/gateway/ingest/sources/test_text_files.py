"""Notes in files of their own: a folder of texts, and a table that says whose each is."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError

from gateway.ingest.sources import locate_tables
from gateway.ingest.sources.text_files import with_texts
from gateway.storage import RamFolder, SnapshotStore, Warehouse
from policies.datasets import DatasetPolicy
from policies.errors import SourceError
from policies.text_files import TextFiles
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import make_empty
from tests.gateway.ingest.small import policy, write
from tests.gateway.ingest.small import run as ingest_small
from tests.limits import LIMITS

__all__ = ["run"]

LETTERS = """\
patient,file,day
p1,a.txt,2020-01-05
p2,b.txt,2020-02-05
p2,,2020-03-05
p1,a.txt,2020-04-05
"""
TEXTS = {"a.txt": 'Jane Roe, with "quotation",\nand lines.', "b.txt": "\ufeffMr. Poe went home."}
COLUMNS = {
    "patient": {"role": "privacy_unit"},
    "file": {"role": "direct_identifier"},
    "day": {"role": "direct_identifier"},
    "text": {
        "role": "free_text", "stored": True,
        "transform": {"kind": "deidentify_text", "operator": "redact"},
    },
}  # fmt: skip


def declared(form: str = "csv", **texts: str) -> DatasetPolicy:
    named = {"named_by": "file", "folder": "letters", **texts}
    letters = {"columns": COLUMNS, "texts": named, "contribution": {"max_groups": 1}}
    return policy({"letters": letters}, format=form)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = write(tmp_path / "source", letters=LETTERS)
    (place / "letters").mkdir()
    for name, text in TEXTS.items():
        (place / "letters" / name).write_text(text, "utf-8")
    return place


def read(folder: Path, dataset: DatasetPolicy, *columns: str) -> list[dict[str, str | None]]:
    table = locate_tables(dataset, folder)["letters"]
    return [row for batch in table.batches(columns) for row in batch.to_pylist()]


def test_texts_are_read_for_the_rows_that_name_them(folder: Path) -> None:
    rows = read(folder, declared(), "text", "patient")

    assert [row["patient"] for row in rows] == ["p1", "p2", "p2", "p1"]
    assert [row["text"] for row in rows] == [
        TEXTS["a.txt"], "Mr. Poe went home.", None, TEXTS["a.txt"],
    ]  # fmt: skip
    assert set(rows[0]) == {"text", "patient"}
    assert read(folder, declared(), "file")[1] == {"file": "b.txt"}


def test_they_are_stored_like_any_note(folder: Path, store: SnapshotStore, ram: RamFolder) -> None:
    dataset = declared()
    ingest_small(dataset, folder, store, ram)
    opened = Warehouse(store, ram, LIMITS).snapshot(dataset)
    texts = {row[0] for row in opened.engine.run("SELECT text FROM letters")}

    assert texts == {None, '[NAME], with "quotation",\nand lines.', "Mr. [NAME] went home."}


@pytest.mark.parametrize(("name", "content", "problem"), [
    ("../patients.csv", None, "not in the folder"),
    ("gone.txt", None, "not in the folder"),
    ("Jane.txt", b"\xff", "not utf-8"),
    ("Jane.txt", b"a\0b", "NUL"),
    (f"Jane {'e' * 260}.txt", None, "not in the folder"),
    ("a.txt", None, "a row of another patient names too"),
    ("../letters/a.txt", None, "a row of another patient names too"),
])  # fmt: skip
def test_a_text_that_cannot_be_read_is_told_by_its_row_alone(
    folder: Path, name: str, content: bytes | None, problem: str
) -> None:
    if content is not None:
        (folder / "letters" / name).write_bytes(content)
    write(folder, letters=LETTERS.replace("b.txt", name))
    with pytest.raises(SourceError) as caught:
        read(folder, declared(), "text")

    assert caught.value.code == "SRC-TEXT"
    assert "row 2 " in caught.value.message
    assert problem in caught.value.message
    assert "Jane" not in str(caught.value)


def test_a_text_that_may_not_be_read_is_told_by_its_row_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(SourceError) as caught:
        read(folder, declared(), "text")

    assert "row 1 names a text that cannot be read" in caught.value.message


def test_a_name_that_no_file_can_have_is_not_told(folder: Path) -> None:
    """Of a Parquet file, say; CSV has no NUL."""
    batch = pa.RecordBatch.from_pydict({"file": ["Jane\0.txt"]})
    texts, place = TextFiles(named_by="file", folder="letters"), (folder / "letters.csv", "utf-8")
    with pytest.raises(SourceError, match="row 1 names a text that is not in the folder"):
        list(with_texts(iter([batch]), ("text",), texts, place))


def test_only_rows_of_files_name_texts() -> None:
    with pytest.raises(ValidationError, match="rows of format fhir name no text files"):
        declared("fhir")


def test_a_folder_of_notes_can_be_drafted_and_stored(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    site = make_empty(tmp_path)
    for kind in ("datasets", "projects"):
        (site / "policies" / kind / "example.yaml").unlink()
    drafted = run("policy", "draft", folder, "--out", site, "--name", "ward")
    file = site / "policies" / "datasets" / "ward.yaml"
    text = file.read_text("utf-8")
    ingested = run("ingest", site, "--dataset", "ward", "--workers", 0, "--source", folder)

    assert drafted.code == 0, drafted.err
    assert "passed over" not in drafted.out
    assert 'texts: {named_by: "file", folder: "letters", column: "text"}' in text
    assert "text: {role: free_text" in text
    assert ingested.code == 0, ingested.err
    assert "Jane" not in text
