"""Texts in, what identifies out: our detection in the words of Presidio's REST services."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from anonymizers.presidio import ENTITIES, Found, anonymized
from anonymizers.spans import Span
from anonymizers.text import TextDeidentifier
from gateway.errors import BodyError, FieldProblem, ForbiddenError, TooManyRequestsError
from gateway.identity.principals import Principal
from gateway.presidio.bodies import AnalyzeBody, AnonymizeBody
from gateway.settings import Settings
from policies.errors import DeclarationError, SourceError
from query.fields import Document

__all__ = ["OPERATORS", "TextService"]

OPERATORS: Final = ("hash", "keep", "mask", "redact", "replace")


class TextService:
    """Reads texts for whoever may send them; keeps and logs nothing of them. Safe among threads.

    It knows no patient, so it finds less than ingest does, which looks for the identifiers of the
    patient's own record besides; and what it returns is not entered in any log, since no data of
    the gateway leaves with it.

    Args:
        settings: Of the deployment.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.presidio
        self._languages = settings.text_engine.languages
        self._places = BoundedSemaphore(settings.presidio.threads)
        self._pipeline = TextDeidentifier(
            key=secrets.token_bytes(32),  # of stand-ins, which are never written here
            profile=settings.least_profile,
            engine=settings.text_engine,
        )

    def check(self, principal: Principal) -> None:
        """Check that somebody may send text.

        Raises:
            ForbiddenError: If their role is not one of those that the settings list.
        """
        if principal.role.value not in self._settings.roles:
            raise ForbiddenError(
                "texts may be sent by other roles only",
                remedy=f"use a key of one of these: {', '.join(self._settings.roles)}",
            )

    def languages(self) -> tuple[str, ...]:
        """Return the languages that are read."""
        return self._languages

    def analyze(self, body: AnalyzeBody) -> list[list[Document]]:
        """Return what is found in each text, by rising start.

        Raises:
            BodyError: If the texts are too long, or in a language that is not read.
            TooManyRequestsError: If as many texts are being read as may be.
        """
        if body.language not in self._languages:
            raise _wrong("/language", f"the engine reads {', '.join(self._languages)}")
        self._check_length(sum(map(len, body.texts)))
        with self._place():
            return [self._found(text, body) for text in body.texts]

    def anonymize(self, body: AnonymizeBody) -> Document:
        """Return a text with what the caller found replaced.

        Raises:
            BodyError: If it is too long, or an operator is not as Presidio takes it.
            TooManyRequestsError: If as many texts are being read as may be.
        """
        self._check_length(len(body.text))
        found = [
            Found(start=one.start, end=one.end, score=one.score, entity=one.entity_type)
            for one in body.analyzer_results
        ]
        try:
            with self._place():
                done = anonymized(body.text, found, body.operators())
        except DeclarationError as error:
            raise _wrong("/anonymizers", error.message) from None
        items = [
            {
                "start": one.start,
                "end": one.end,
                "entity_type": one.entity,
                "text": one.text,
                "operator": one.operator,
            }
            for one in done.changes
        ]
        return {"text": done.text, "items": items}

    def _found(self, text: str, body: AnalyzeBody) -> list[Document]:
        wanted, allowed = set(body.entities or ENTITIES.values()), set(body.allow_list or ())
        try:
            spans = self._pipeline.detect(text)
        except SourceError:
            raise _wrong(
                "/text", "it is clearly in a language that the engine does not read"
            ) from None
        return [
            _document(span)
            for span in spans
            if ENTITIES[span.label] in wanted
            and span.score >= (body.score_threshold or 0)
            and span.of(text) not in allowed
        ]

    def _check_length(self, characters: int) -> None:
        if characters > self._settings.max_chars:
            raise _wrong("/text", f"at most {self._settings.max_chars} characters are read at once")

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Take one of the few places, or none: whoever waited here would hold a query's thread."""
        if not self._places.acquire(blocking=False):
            raise TooManyRequestsError(
                "as many texts are being read as may be at once",
                remedy="send it again in a second",
            )
        try:
            yield
        finally:
            self._places.release()


def _document(span: Span) -> Document:
    return {
        "start": span.start,
        "end": span.end,
        "score": span.score,
        "entity_type": ENTITIES[span.label],
        "analysis_explanation": None,
    }


def _wrong(pointer: str, detail: str) -> BodyError:
    return BodyError(
        "the body cannot be read as it is",
        remedy=detail,
        fields=(FieldProblem(pointer=pointer, detail=detail),),
    )
