"""Presidio's analyzer, with our rules as its recognizers and a few of its own beside them.

Of Presidio's own recognizers those with a checksum are used: NPI, card and Medicare numbers. Its
date, phone, license, bank, passport, ITIN, URL and e-mail recognizers are not: on notes they match
codes, scores and doses, or are slow, and our rules cover the same with clinical vetoes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

import spacy
from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    LocalRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    UsMbiRecognizer,
    UsNpiRecognizer,
)
from spacy.language import Language

from anonymizers.engines import EngineName
from anonymizers.presidio.engines import Engine, engine_of
from anonymizers.presidio.entities import ENTITIES
from anonymizers.rules import RULES, STRICT_RULES, Rule
from anonymizers.rules.second_look import is_written_as_proper, stands
from anonymizers.spans import Label, Source, Span

__all__ = ["CHUNK", "MAX_CHARS", "analyze"]

MAX_CHARS: Final = 10_000_000
"""Longest note, in characters. A longer one raises, and is withheld."""
CHUNK: Final = 20_000
"""Longer notes are read piece by piece: Presidio compares every result with every other."""
_MARGIN: Final = 1_000
"""So much around a piece is read with it; no rule looks farther."""

_LANGUAGE: Final = "en"
_HIGHEST_POINT: Final = 0.6
_SOURCE: Final = "source"
_LABELS: Final[Mapping[str, Label]] = {
    **{entity: label for label, entity in ENTITIES.items()},
    "CREDIT_CARD": Label.ID,
    "US_MBI": Label.ID,
    "US_NPI": Label.ID,
}


class _RuleRecognizer(LocalRecognizer):
    """Our rules of one kind, as Presidio sees them."""

    def __init__(self, label: Label, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        super().__init__(
            supported_entities=[ENTITIES[label]], supported_language=_LANGUAGE, name=label.value
        )

    def load(self) -> None:
        """Do nothing: rules are compiled when they are imported."""

    def analyze(
        self,
        text: str,
        entities: Sequence[str],  # noqa: ARG002  Presidio's signature; all of ours are wanted
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002  the same; no rule reads tokens
    ) -> list[RecognizerResult]:
        """Return what the rules find."""
        return [_result(span) for rule in self._rules for span in rule.find(text)]


class _ModelRecognizer(LocalRecognizer):
    """The configured model, as Presidio sees it, with the vetoes after it."""

    def __init__(self, engine: Engine, *, strict: bool) -> None:
        self._engine = engine
        self._strict = strict
        super().__init__(
            supported_entities=sorted(ENTITIES.values()),
            supported_language=_LANGUAGE,
            name="model",
        )

    def load(self) -> None:
        """Do nothing: the model is loaded already."""

    def analyze(
        self,
        text: str,
        entities: Sequence[str],
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002  Presidio's signature; models have own tokens
    ) -> list[RecognizerResult]:
        """Return what the model finds and no veto explains."""
        return [
            _result(replace(span, score=_trusted(span.score)))
            for span in self._engine.find(text)
            if ENTITIES[span.label] in entities
            and stands(text, span)
            and (self._strict or is_written_as_proper(text, span))
        ]


def _trusted(score: float) -> float:
    """Set a model's probability below the scores of formats, which name the layer where both find.

    Up to the highest operating point, .6, it stays; from there to 1 it goes to .667, so that
    propagation, which asks for .65, takes what the model holds for .9 sure.
    """
    return score if score < _HIGHEST_POINT else _HIGHEST_POINT + (score - _HIGHEST_POINT) / 6


def _result(span: Span) -> RecognizerResult:
    return RecognizerResult(
        entity_type=ENTITIES[span.label],
        start=span.start,
        end=span.end,
        score=span.score,
        recognition_metadata={_SOURCE: span.source},
    )


class _NoContext(ContextAwareEnhancer):
    """Leaves scores alone: our rules have their context in the pattern, as whole words."""

    def __init__(self) -> None:
        super().__init__(0, 0, 0, 0)

    def enhance_using_context(
        self,
        text: str,  # noqa: ARG002  Presidio's signature
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002  the same
        recognizers: list[EntityRecognizer],  # noqa: ARG002  the same
        context: list[str] | None = None,  # noqa: ARG002  the same
    ) -> list[RecognizerResult]:
        """Return the results as they are."""
        return raw_results


class _BlankEnglish(NlpEngine):
    """spaCy's English tokenizer and nothing else."""

    def __init__(self) -> None:
        self._nlp: Language | None = None

    def load(self) -> None:
        """Build the blank pipeline; reads no file beyond spaCy itself."""
        self._nlp = spacy.blank(_LANGUAGE)
        self._nlp.max_length = MAX_CHARS

    def is_loaded(self) -> bool:
        """Say whether ``load`` ran."""
        return self._nlp is not None

    def process_text(
        self,
        text: str,  # noqa: ARG002  spaCy would keep its words for as long as the process lives
        language: str,
    ) -> NlpArtifacts:
        """Return no tokens, since no recognizer of ours reads them."""
        return self._artifacts(self._pipeline().make_doc(""), language)

    def process_batch(
        self,
        texts: Iterable[str],
        language: str,
        batch_size: int = 1,
        n_process: int = 1,
        **_options: Any,  # noqa: ANN401  Presidio's signature
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Return each text with its tokens."""
        for doc in self._pipeline().pipe(texts, batch_size=batch_size, n_process=n_process):
            yield doc.text, self._artifacts(doc, language)

    def is_stopword(self, word: str, language: str) -> bool:  # noqa: ARG002  one language
        """Say whether spaCy lists the word as a stop word."""
        return bool(self._pipeline().vocab[word].is_stop)

    def is_punct(self, word: str, language: str) -> bool:  # noqa: ARG002  one language
        """Say whether the token is punctuation."""
        return bool(self._pipeline().vocab[word].is_punct)

    def get_supported_entities(self) -> list[str]:
        """Return none: a blank pipeline has no entities."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Return English."""
        return [_LANGUAGE]

    def _pipeline(self) -> Language:
        if self._nlp is None:
            self.load()
        assert self._nlp is not None  # noqa: S101  load() has just set it
        return self._nlp

    @staticmethod
    def _artifacts(doc: Any, language: str) -> NlpArtifacts:  # noqa: ANN401  spaCy is untyped
        # Without an engine Presidio skips its keywords, which nothing here reads.
        return NlpArtifacts(
            entities=[],
            tokens=doc,
            tokens_indices=[],
            lemmas=[],
            nlp_engine=None,
            language=language,
        )


@cache
def _engine(*, strict: bool, model: EngineName | None) -> AnalyzerEngine:
    rules = STRICT_RULES if strict else RULES
    recognizers: list[EntityRecognizer] = [
        _RuleRecognizer(label, [rule for rule in rules if rule.label is label])
        for label in Label
        if any(rule.label is label for rule in rules)
    ]
    recognizers += [CreditCardRecognizer(), UsMbiRecognizer(), UsNpiRecognizer()]
    if model is not None:
        recognizers.append(_ModelRecognizer(engine_of(model), strict=strict))
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=recognizers, supported_languages=[_LANGUAGE]),
        nlp_engine=_BlankEnglish(),
        supported_languages=[_LANGUAGE],
        context_aware_enhancer=_NoContext(),
    )


def analyze(
    text: str, *, threshold: float, strict: bool, model: EngineName | None = None
) -> list[Span]:
    """Return what rules and the model find in a normalized text.

    Args:
        text: At most ``MAX_CHARS`` characters.
        threshold: Scores below this are left out; 0 to 1.
        strict: Whether the sweep and professions are looked for too.
        model: The model beside the rules; None for rules alone.

    Raises:
        ValueError: If the text is too long.
        DeclarationError: If the model is not installed.
    """
    if len(text) > MAX_CHARS:
        raise ValueError("the text is too long")
    engine = _engine(strict=strict, model=model)
    found: list[Span] = []
    for start in range(0, max(len(text), 1), CHUNK):
        end = min(len(text), start + CHUNK)
        first = max(0, start - _MARGIN)
        results = engine.analyze(text[first : end + _MARGIN], _LANGUAGE, score_threshold=threshold)
        found += [
            span
            for span in (_span(result, first) for result in results)
            if start <= span.start < end and (strict or span.label is not Label.PROFESSION)
        ]
    return found


def _span(result: RecognizerResult, offset: int) -> Span:
    return Span(
        start=result.start + offset,
        end=result.end + offset,
        label=_LABELS[result.entity_type],
        score=min(result.score, 1.0),
        source=(result.recognition_metadata or {}).get(_SOURCE, Source.FORMAT),
    )
