"""The engines that a site may configure, each as something that finds spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, Protocol, assert_never

import spacy
from presidio_analyzer.predefined_recognizers.ner import huggingface_ner_recognizer

from anonymizers.engines import EngineName
from anonymizers.presidio.model import shipped_model
from anonymizers.spans import Label, Source, Span
from policies.errors import DeclarationError

__all__ = ["Engine", "engine_of"]

_SCORE: Final = 0.85
"""Of engines that say what they found and not how sure they are."""

_LABELS: Final[Mapping[str, Label]] = {
    **{label.value: label for label in Label},
    "PERSON": Label.NAME, "PER": Label.NAME, "PATIENT": Label.NAME, "STAFF": Label.NAME,
    "DOCTOR": Label.NAME, "HCW": Label.NAME, "USERNAME": Label.ID,
    "GPE": Label.LOCATION, "LOC": Label.LOCATION, "FAC": Label.LOCATION, "CITY": Label.LOCATION,
    "STREET": Label.LOCATION, "ZIP": Label.LOCATION, "ADDRESS": Label.LOCATION,
    "ORG": Label.HOSPITAL, "ORGANIZATION": Label.HOSPITAL, "HOSP": Label.HOSPITAL,
    "FACILITY": Label.HOSPITAL, "VENDOR": Label.HOSPITAL,
    "DATE_TIME": Label.DATE, "DOB": Label.DATE,
    "PHONE": Label.PHONE_FAX, "FAX": Label.PHONE_FAX, "PHONE_NUMBER": Label.PHONE_FAX,
    "EMAIL_ADDRESS": Label.EMAIL, "URL": Label.URL_IP, "IP": Label.URL_IP,
    "MEDICALRECORD": Label.ID, "IDNUM": Label.ID, "SSN": Label.ID, "DEVICE": Label.ID,
    "JOB": Label.PROFESSION,
}  # fmt: skip


class Engine(Protocol):
    """Finds spans in a normalized text.

    Attributes:
        version: What a package says of itself; empty where its files tell.
    """

    @property
    def version(self) -> str:
        """Version of the model."""
        ...

    def find(self, text: str) -> Sequence[Span]:
        """Return what identifies, with scores; spans may overlap."""
        ...


class _SpacyPackage:
    """The entity recognizer of an installed pipeline."""

    def __init__(self, package: str) -> None:
        try:
            self._pipeline = spacy.load(package)
        except OSError:
            raise _missing("the spaCy package", f"pip install {package}") from None
        self.version = str(self._pipeline.meta["version"])

    def find(self, text: str) -> Sequence[Span]:
        """Return its entities; those of labels that identify nobody are left out."""
        found = (
            (entity.label_, entity.start_char, entity.end_char)
            for entity in self._pipeline(text).ents
        )
        return [
            Span(start=start, end=end, label=label, score=_SCORE, source=Source.MODEL)
            for name, start, end in found
            if (label := _LABELS.get(name.upper())) is not None
        ]


class _TokenClassifier:
    """A token classifier of transformers, as Presidio runs it."""

    version = ""

    def __init__(self, path: str) -> None:
        if getattr(huggingface_ner_recognizer, "hf_pipeline", None) is None:
            raise _missing("transformers", "pip install transformers torch")
        mapping = {name: name for name in _LABELS}
        self._recognizer: Any = huggingface_ner_recognizer.HuggingFaceNerRecognizer(
            model_name=path, label_mapping=mapping, supported_entities=sorted(mapping)
        )

    def find(self, text: str) -> Sequence[Span]:
        """Return its entities with their scores."""
        results = self._recognizer.analyze(text, self._recognizer.supported_entities)
        return [
            Span(
                start=result.start,
                end=result.end,
                label=label,
                score=min(1.0, float(result.score)),
                source=Source.MODEL,
            )
            for result in results
            if (label := _LABELS.get(result.entity_type.upper())) is not None
        ]


def _missing(what: str, remedy: str) -> DeclarationError:
    return DeclarationError(
        f"{what} of the configured engine is not installed", code="TXT-ENGINE", remedy=remedy
    )


@cache
def engine_of(name: EngineName) -> Engine:
    """Return the engine; it is loaded once in a process.

    Raises:
        DeclarationError: If what it needs is not installed.
    """
    match name.kind:
        case "builtin":
            return shipped_model()
        case "spacy":
            return _SpacyPackage(name.place)
        case "hf":
            return _TokenClassifier(name.place)
        case _:
            assert_never(name.kind)
