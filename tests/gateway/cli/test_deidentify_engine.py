"""The engine that a deployment configures reads the notes of its ingests, and is written down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import spacy

from anonymizers.presidio import engine_text
from gateway.errors import OperatorError
from gateway.ingest import IngestReport
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing
from gateway.opening import open_ram, open_store
from gateway.settings import Settings, load_settings
from gateway.storage import Warehouse
from gateway.storage.snapshots import Manifest
from policies.errors import DeclarationError
from policies.load import load_policies
from tests.gateway.cli.conftest import Run
from tests.gateway.record_site import NOTES, entries, make_record_site, make_record_sources
from tests.limits import LIMITS

SPANISH = "La paciente fue vista por la doctora Quillamarca en la consulta de la sierra.\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install a spaCy package that knows one name, as pip would lay it out."""
    name, version, root = "es_stand_in", "1.2.0", tmp_path / "site-packages"
    pipeline = spacy.blank("es")
    pipeline.meta.update({"name": "stand_in", "version": version})
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PER", "pattern": [{"LOWER": "quillamarca"}]}])
    (root / name).mkdir(parents=True)
    pipeline.to_disk(root / name / f"{name}-{version}")
    meta = root / name / f"{name}-{version}" / "meta.json"
    (root / name / "meta.json").write_text(meta.read_text("utf-8"), encoding="utf-8")
    (root / name / "__init__.py").write_text(
        "from spacy.util import load_model_from_init_py\n\n\n"
        "def load(**overrides):\n    return load_model_from_init_py(__file__, **overrides)\n",
        encoding="utf-8",
    )
    info = root / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(root)
    return name


def ingested(
    folder: Path, section: str, note: str = ""
) -> tuple[Settings, IngestReport, list[str]]:
    settings = load_settings(make_record_site(folder, f"\n[deidentify]\n{section}\n"))
    sources = make_record_sources(folder / "sources")
    if note:
        (sources / "notes.csv").write_text(f"id,text,plain\np1,,{note}", encoding="utf-8")
    report = ingest_dataset(settings, "ward", sources)
    store = open_store(settings, KeyRing.open(settings.keys))
    dataset = load_policies(settings.policies).datasets["ward"]
    engine = Warehouse(store, open_ram(settings), LIMITS).snapshot(dataset).engine
    rows = engine.run("SELECT text, plain FROM notes")
    return settings, report, [text for row in rows for text in row if isinstance(text, str)]


def test_an_installed_spacy_package_reads_the_notes(tmp_path: Path, package: str) -> None:
    section = f'engine = "spacy:{package}"\nlanguages = ["es"]'
    settings, report, texts = ingested(tmp_path, section, SPANISH)
    engine = f"spacy:{package}@1.2.0"
    manifest = open_store(settings, KeyRing.open(settings.keys)).current("ward")
    (logged,) = entries(settings.folder, "ingest.done")

    assert len(texts) == 1
    assert texts[0].startswith("La paciente fue vista por la doctora ")
    assert "Quillamarca" not in texts[0]
    assert (report.notes.withheld, report.notes.engine) == (0, engine)
    assert manifest is not None
    assert manifest.text_engine == logged["text_engine"] == engine
    assert f"engine {engine}" in report.text()
    assert json.loads(report.json())["notes"]["engine"] == engine


def test_the_built_in_engine_withholds_what_it_does_not_read(tmp_path: Path) -> None:
    _, report, texts = ingested(tmp_path, "", SPANISH)

    assert (report.notes.withheld, texts) == (1, [])


def test_operators_engine_and_profile_are_those_of_policy_and_settings(tmp_path: Path) -> None:
    settings, report, texts = ingested(tmp_path, 'profile = "strict"')
    (logged,) = entries(settings.folder, "ingest.done")
    stored = " ".join(texts)

    assert report.notes.profiles == {"notes.text": "strict", "notes.plain": "strict"}
    assert logged["text_profile"] == "strict"
    assert logged["text_engine"] == engine_text(settings.text_engine)
    assert logged["text_engine"].startswith("builtin@")
    assert stored.count("[NAME:aes-siv:") == 2
    assert stored.count("was seen on 2021.") == 2
    assert "Jane" not in stored
    assert "Roe" not in stored
    assert NOTES.count("Roe") == 1


def test_what_ingest_encrypted_can_be_revealed(run: Run, tmp_path: Path) -> None:
    settings, _, texts = ingested(tmp_path, "")
    outcome = run("deidentify", "reveal", "-", "--folder", settings.folder, "--dataset", "ward",
                  "--column", "notes.text", "--project", "recalls", "--as", "ann", "--purpose",
                  "research", stdin="\n".join(texts))  # fmt: skip

    assert outcome.code == 0, outcome.err
    assert "Ms. Roe (MRN: 12345678) was seen on 2021." in outcome.out


def test_without_notes_nothing_is_said_of_engines(tmp_path: Path) -> None:
    settings = load_settings(make_record_site(tmp_path))
    policy = settings.policies / "datasets" / "example.yaml"
    text = policy.read_text("utf-8")
    policy.write_text(text.replace("stored: true", "stored: false"), encoding="utf-8")
    ingest_dataset(settings, "ward", make_record_sources(tmp_path / "sources"))
    (logged,) = entries(settings.folder, "ingest.done")

    assert not {"text_engine", "text_profile"} & set(logged)


def test_a_snapshot_of_an_earlier_version_is_read() -> None:
    earlier = Manifest(
        dataset="d",
        number=3,
        source_snapshot="s",
        policy_digest="sha256:0",
        layout_digest="sha256:1",
        created="2026-01-01T00:00:00+00:00",
    )

    assert b"text" not in earlier.encode()
    assert Manifest.decode(earlier.encode()) == earlier
    for wrong in (b"[]", b"{}", earlier.encode().replace(b"3", b'"3"'),
                  earlier.encode().replace(b'"dataset"', b'"datasets"')):  # fmt: skip
        with pytest.raises(ValueError, match="not a manifest"):
            Manifest.decode(wrong)


def test_an_engine_that_is_not_installed_stops_the_ingest(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="pip install no_such_package"):
        ingested(tmp_path, 'engine = "spacy:no_such_package"')


@pytest.mark.parametrize(
    "section", ['engine = "torch:x"', 'languages = ["es"]', 'profile = "weak"', 'languages = ["e"]']
)
def test_wrong_settings_name_the_file(tmp_path: Path, section: str) -> None:
    site = make_record_site(tmp_path, f"\n[deidentify]\n{section}\n")

    with pytest.raises(OperatorError) as caught:
        load_settings(site)
    assert caught.value.code in {"TXT-ENGINE", "CFG-INVALID"}
    assert caught.value.file == str(site / "gateway.toml")


def test_a_folder_of_a_token_classifier_starts_at_the_deployment(tmp_path: Path) -> None:
    site = make_record_site(tmp_path, '\n[deidentify]\nengine = "hf:models/phi"\n')

    assert load_settings(site).text_engine.place == str(site / "models" / "phi")


def test_commands_read_as_the_deployment_does(run: Run, tmp_path: Path, package: str) -> None:
    section = f'engine = "spacy:{package}"\nlanguages = ["es"]'
    site = make_record_site(tmp_path, f"\n[deidentify]\n{section}\n")
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": "a", "text": SPANISH}) + "\n", encoding="utf-8")
    refused = run("deidentify", "text", "-", stdin=SPANISH)
    read = run("deidentify", "text", "-", "--folder", site, "--operator", "redact", stdin=SPANISH)
    named = run("deidentify", "text", "-", "--engine", f"spacy:{package}", "--language", "es",
                "--operator", "redact", stdin=SPANISH)  # fmt: skip
    run("deidentify", "detect", source, tmp_path / "out.jsonl", "--folder", site)
    found = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))

    assert "TXT-LANGUAGE" in refused.err
    assert read.out == named.out == SPANISH.replace("Quillamarca", "[NAME]")
    assert found["spans"] == [{"start": 37, "end": 48, "label": "NAME"}]
