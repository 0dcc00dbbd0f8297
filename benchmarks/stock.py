"""Presidio as it comes: its default recognizers, over a spaCy pipeline with our model in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import filter_spans

from anonymizers.presidio.model import shipped_model
from anonymizers.spans import Label, Source, Span

__all__ = ["StockPresidio"]

_TO_SPACY = {
    Label.NAME: "PERSON", Label.LOCATION: "GPE", Label.HOSPITAL: "ORG", Label.DATE: "DATE",
    Label.AGE: "AGE", Label.ID: "ID", Label.PHONE_FAX: "PHONE_NUMBER", Label.EMAIL: "EMAIL",
    Label.PROFESSION: "PROFESSION", Label.URL_IP: "URL", Label.OTHER: "NRP",
}  # fmt: skip
_FROM_PRESIDIO = {
    "PERSON": Label.NAME, "LOCATION": Label.LOCATION, "ORGANIZATION": Label.HOSPITAL,
    "DATE_TIME": Label.DATE, "AGE": Label.AGE, "PHONE_NUMBER": Label.PHONE_FAX,
    "EMAIL_ADDRESS": Label.EMAIL, "URL": Label.URL_IP, "IP_ADDRESS": Label.URL_IP,
}  # fmt: skip
_LEAST_SCORE = 0.4


@Language.component("phi_entities")
def _phi_entities(doc: Doc) -> Doc:
    """Set as entities what our model finds from our standard operating point on."""
    found = (
        doc.char_span(span.start, span.end, label=_TO_SPACY[span.label], alignment_mode="expand")
        for span in shipped_model().find(doc.text)
        if span.score >= _LEAST_SCORE
    )
    doc.ents = filter_spans([span for span in found if span is not None])
    for token in doc:
        token.lemma_ = token.lower_  # Presidio's context words are compared with lemmas
    return doc


class _Pipeline(SpacyNlpEngine):
    """Presidio's own spaCy engine, given a pipeline instead of the name of one to download."""

    def __init__(self, pipeline: Language) -> None:
        super().__init__()
        self.nlp: Any = {"en": pipeline}

    def load(self) -> None:
        """Do nothing: the pipeline is there."""

    def is_loaded(self) -> bool:
        """Say that the pipeline is there."""
        return True


class StockPresidio:
    """``AnalyzerEngine`` with everything by default, but for the pipeline; it reads no network."""

    def __init__(self) -> None:
        # Its e-mail recognizer would ask the network for the list of top-level domains.
        tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
        pipeline = spacy.blank("en")
        pipeline.add_pipe("phi_entities")
        self._engine = AnalyzerEngine(nlp_engine=_Pipeline(pipeline), supported_languages=["en"])

    def detect(self, text: str) -> Sequence[Span]:
        """Return what it finds, whatever the score; unknown kinds count as numbers."""
        return [
            Span(
                start=found.start,
                end=found.end,
                label=_FROM_PRESIDIO.get(found.entity_type, Label.ID),
                score=min(1.0, max(found.score, 0.01)),
                source=Source.MODEL,
            )
            for found in self._engine.analyze(text, "en")
        ]
