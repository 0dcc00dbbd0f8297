"""One resource in, the same without what identifies out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from anonymizers.fhir.people import People, unit_of
from anonymizers.fhir.walk import Handlers, Json, Resource, walked
from anonymizers.keys import DateShift, pseudonym
from anonymizers.text import Note, TextDeidentifier
from anonymizers.written_dates import shifted

__all__ = ["FhirDeidentifier", "FhirOutcome"]

_OLD_YEARS: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirOutcome:
    """What became of one resource, or of all in a bundle.

    Attributes:
        resource: What may go out.
        texts: Free texts that were de-identified, attachments included.
        withheld: Attachments and texts that could not be, and are gone.
    """

    resource: Resource = field(repr=False)
    texts: int
    withheld: int


class FhirDeidentifier:
    """De-identifies the resources of one export.

    Args:
        text: The pipeline for free text, with the directory of ``people``.
        pseudonyms: Key of ids; the same id has the same stand-in in all resources.
        shift: How dates move.
        people: What a first pass over all resources found.
        today: The day on which ages are taken, so that nobody of 90 or more has a birth year.
    """

    def __init__(
        self,
        text: TextDeidentifier,
        *,
        pseudonyms: bytes,
        shift: DateShift,
        people: People,
        today: date,
    ) -> None:
        self._text = text
        self._key = pseudonyms
        self._shift = shift
        self._people = people
        self._today = today

    def deidentify(self, resource: Resource) -> FhirOutcome:
        """Return one resource without what identifies; of a bundle, each of its resources."""
        if resource.get("resourceType") == "Bundle":
            return self._bundle(resource)
        unit = unit_of(resource)
        found: dict[str, str | None] = {}
        attached: list[str] = []

        def collect(text: str) -> str:
            found[text] = None
            return text

        def collect_attached(content: str) -> None:
            text = _decoded(content)
            attached.append(content)
            if text is not None:
                found[text] = None

        walked(resource, self._handlers(unit, text=collect, attachment=collect_attached))
        found.update(self._replaced(list(found), unit))

        def attachment(content: str) -> str | None:
            text = _decoded(content)
            replaced = None if text is None else found[text]
            return None if replaced is None else base64.b64encode(replaced.encode()).decode("ascii")

        done = walked(resource, self._handlers(unit, text=found.get, attachment=attachment))
        lost = sum(_decoded(content) is None for content in attached)
        failed = sum(text is None for text in found.values())
        return FhirOutcome(resource=done, texts=len(found) - failed, withheld=lost + failed)

    def _bundle(self, bundle: Resource) -> FhirOutcome:
        texts = withheld = 0
        entries: list[Json] = []
        given = bundle.get("entry")
        for entry in given if isinstance(given, list) else []:
            inner = entry.get("resource") if isinstance(entry, dict) else None
            if not (isinstance(entry, dict) and isinstance(inner, dict)):
                continue
            outcome = self.deidentify(inner)
            texts, withheld = texts + outcome.texts, withheld + outcome.withheld
            around = {key: entry[key] for key in ("fullUrl",) if key in entry}
            handlers = self._handlers(None, text=_nothing, attachment=_nothing)
            entries.append({**walked(around, handlers), "resource": outcome.resource})
        kept: Resource = {}
        kept.update((key, bundle[key]) for key in ("resourceType", "type") if key in bundle)
        return FhirOutcome(resource={**kept, "entry": entries}, texts=texts, withheld=withheld)

    def _handlers(
        self,
        unit: str | None,
        *,
        text: Callable[[str], str | None],
        attachment: Callable[[str], str | None],
    ) -> Handlers:
        days = None if unit is None else self._shift.days(unit)
        return Handlers(
            name=lambda name: pseudonym(self._key, name),
            day=lambda written: None if days is None else shifted(written, days),
            text=text,
            birth=self._birth_year,
            attachment=attachment,
        )

    def _birth_year(self, born: str) -> str | None:
        year = born[:4]
        if not year.isdigit() or self._today.year - int(year) >= _OLD_YEARS:
            return None
        return year

    def _replaced(self, texts: list[str], unit: str | None) -> dict[str, str | None]:
        known = self._people.known(unit)
        notes = [
            Note(id=str(place), unit=unit or "", text=text, known=known)
            for place, text in enumerate(texts)
        ]
        outcomes = self._text.deidentify_patient(notes)
        return {
            texts[int(outcome.id)]: None if outcome.note is None else outcome.note.text
            for outcome in outcomes
        }


def _decoded(content: str) -> str | None:
    """Return the text of base64 in UTF-8; None where there is none."""
    try:
        return base64.b64decode(content, validate=True).decode("utf-8") or None
    except (binascii.Error, UnicodeDecodeError):
        return None


def _nothing(_text: str) -> None:
    """Stand for nothing: a bundle's own entries hold no text."""
