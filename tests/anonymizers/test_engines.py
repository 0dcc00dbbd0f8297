from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import spacy
from presidio_analyzer.predefined_recognizers.ner import huggingface_ner_recognizer

from anonymizers.engines import BUILTIN, EngineName, parse_engine
from anonymizers.presidio.engines import engine_of
from anonymizers.spans import Label, Source
from anonymizers.text import TextDeidentifier
from policies.errors import DeclarationError
from tests.anonymizers.marked import shown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("builtin", BUILTIN),
        ("spacy:en_hospital", EngineName(kind="spacy", place="en_hospital")),
        ("hf:models/phi", EngineName(kind="hf", place="models/phi")),
    ],
)
def test_reads_the_three_forms(text: str, name: EngineName) -> None:
    assert parse_engine(text) == name


@pytest.mark.parametrize(
    "text", ["", "spacy", "spacy:", "builtin:x", "torch:x", "hf:a b", "spacy:a\n"]
)
def test_refuses_other_forms(text: str) -> None:
    with pytest.raises(DeclarationError, match="TXT-ENGINE"):
        parse_engine(text)


def test_the_built_in_model_reads_english_only() -> None:
    with pytest.raises(DeclarationError, match="English only"):
        parse_engine("builtin", ("es",))


@pytest.fixture
def package(tmp_path: Path) -> EngineName:
    """A spaCy pipeline that knows two phrases, as a folder; an installed package loads the same."""
    pipeline = spacy.blank("es")
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "PER", "pattern": "Zubizarreta"},
            {"label": "LOC", "pattern": "Villaplana"},
            {"label": "MISC", "pattern": "escala"},
        ]
    )
    pipeline.to_disk(tmp_path / "es_stand_in")
    return EngineName(kind="spacy", place=str(tmp_path / "es_stand_in"), languages=("es",))


def test_a_spacy_package_finds_names_in_its_language(package: EngineName) -> None:
    service = TextDeidentifier(key=b"k" * 32, engine=package)
    text = (
        "La paciente Zubizarreta fue vista en la consulta de Villaplana por la escala, 03/04/2021"
    )

    spans = service.detect(text)

    assert shown(text, spans) == (
        ("NAME", "Zubizarreta"), ("LOCATION", "Villaplana"), ("DATE", "03/04/2021"),
    )  # fmt: skip
    assert {span.source for span in spans} == {Source.MODEL, Source.FORMAT}


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(DeclarationError, match="pip install no_such_package"):
        engine_of(EngineName(kind="spacy", place="no_such_package"))


def test_a_token_classifier_without_transformers_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(huggingface_ner_recognizer, "hf_pipeline", None)

    with pytest.raises(DeclarationError, match="pip install transformers"):
        engine_of(EngineName(kind="hf", place="nowhere"))


def test_a_token_classifier_finds_what_its_pipeline_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract with transformers: a pipeline gives groups with offsets and scores."""
    text = "seen by Zubizarreta in room 4"

    def classify(_text: str, **_options: object) -> list[dict[str, object]]:
        return [
            {"entity_group": "PER", "score": 0.93, "start": 8, "end": 19, "word": "Zubizarreta"},
            {"entity_group": "MISC", "score": 0.99, "start": 23, "end": 27, "word": "room"},
        ]

    monkeypatch.setattr(huggingface_ner_recognizer, "hf_pipeline", lambda *_a, **_k: classify)
    stand_in = SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: False))
    monkeypatch.setattr(huggingface_ner_recognizer, "torch", stand_in)

    (span,) = engine_of(EngineName(kind="hf", place="models/contract")).find(text)

    assert (span.of(text), span.label, span.source) == ("Zubizarreta", Label.NAME, Source.MODEL)
    assert span.score == pytest.approx(0.93)
