"""Identified notes in, de-identified notes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, Literal, TypeAlias

from anonymizers.boundaries import repaired
from anonymizers.engines import BUILTIN, EngineName
from anonymizers.keys import DateShift
from anonymizers.known import Directory, KnownIdentifiers, Matcher
from anonymizers.language import check_language
from anonymizers.normalized import Normalized, Squeezed, normalize, squeeze
from anonymizers.presidio import analyze, replace_spans
from anonymizers.propagation import propagated
from anonymizers.spans import Label, Span, merged
from anonymizers.surrogates import StandIns, redaction

__all__ = ["DeidentifiedNote", "Note", "NoteOutcome", "Operator", "Profile", "TextDeidentifier"]

Profile: TypeAlias = Literal["strict", "standard", "utility"]
Operator: TypeAlias = Literal["surrogate", "redact"]

_THRESHOLDS: Final[Mapping[Profile, float]] = {"strict": 0.1, "standard": 0.4, "utility": 0.6}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeidentifiedNote:
    """A note that may be stored, and what was taken out of it.

    Attributes:
        text: The note with stand-ins or labels.
        spans: What was found, as offsets into the original; by rising start, no overlaps.
    """

    text: str = field(repr=False)
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One identified note.

    Attributes:
        id: Comes back with the outcome; any text.
        unit: The patient, as the tables name it.
        text: The note.
        known: What the tables say of the patient; the same object for all notes of one patient.
    """

    id: str
    unit: str = field(repr=False)
    text: str = field(repr=False)
    known: KnownIdentifiers = field(default=KnownIdentifiers(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteOutcome:
    """What became of one note.

    Attributes:
        id: Of the note.
        note: The de-identified note; None where de-identification failed, so that the note is
            withheld. It must be counted, and must not be stored in any other form.
    """

    id: str
    note: DeidentifiedNote | None

    @property
    def withheld(self) -> bool:
        """Whether the note could not be de-identified."""
        return self.note is None

    @property
    def counts(self) -> Mapping[Label, int]:
        """Spans by label."""
        return Counter(span.label for span in self.note.spans) if self.note else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One note while it is being read."""

    normalized: Normalized
    letters: Squeezed
    spans: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)  # no slots: the directory's search is built once, when used
class TextDeidentifier:
    """The text pipeline: find, propagate, repair, replace.

    Attributes:
        key: Key of the purpose ``surrogates``, 32 bytes; derived for one project.
        directory: Staff and facilities that any note may name.
        shift: How dates move; must be the one that tables use.
        profile: ``strict`` adds the sweep over unexplained codes, and professions; ``utility``
            keeps what only weak frames point to.
        operator: What is put in place of what was found.
        engine: The model beside the rules; None for rules alone, which find far less.
    """

    key: bytes = field(repr=False)
    directory: Directory = field(default=Directory(), repr=False)
    shift: DateShift | None = field(default=None, repr=False)
    profile: Profile = "standard"
    operator: Operator = "surrogate"
    engine: EngineName | None = BUILTIN

    def detect(self, text: str, known: KnownIdentifiers | None = None) -> tuple[Span, ...]:
        """Return what identifies in one note, as offsets into it.

        Raises:
            ValueError: If the note is longer than a million characters.
            SourceError: If it is clearly in a language that the engine does not read.
        """
        page = self._read(text, (known or KnownIdentifiers()).matcher())
        return self._settled(page, propagated([(page.normalized, page.spans)]))

    def deidentify(self, text: str, unit: str, known: KnownIdentifiers) -> DeidentifiedNote:
        """Return one note without what identifies.

        Raises:
            ValueError: If the note is longer than a million characters.
            SourceError: If it is clearly in a language that the engine does not read.
        """
        return self._replaced(text, self.detect(text, known), self._stand_ins(unit, known))

    def deidentify_patient(self, notes: Sequence[Note]) -> tuple[NoteOutcome, ...]:
        """De-identify all notes of one patient; what one of them gives away is found in all.

        Args:
            notes: Of one unit, with the same ``known``.

        Returns:
            One outcome a note, in order. A note that fails is withheld; the others go on.
        """
        if not notes:
            return ()
        known = notes[0].known
        matcher = known.matcher()
        pages = [self._attempted(note.text, matcher) for note in notes]
        shared = propagated([(page.normalized, page.spans) for page in pages if page])
        stand_ins = self._stand_ins(notes[0].unit, known)
        return tuple(
            self._outcome(note, page, shared, stand_ins)
            for note, page in zip(notes, pages, strict=True)
        )

    def _read(self, text: str, known: Matcher) -> _Page:
        normalized = normalize(text)
        check_language(normalized.text, (self.engine or BUILTIN).languages)
        letters = squeeze(normalized.folded)
        strict = self.profile == "strict"
        threshold = _THRESHOLDS[self.profile]
        found = analyze(normalized.text, threshold=threshold, strict=strict, model=self.engine)
        found += known.find(normalized, letters)
        found += self._staff.find(normalized, letters)
        spans = repaired(normalized.text, found)
        return _Page(normalized=normalized, letters=letters, spans=spans)

    def _settled(self, page: _Page, shared: Matcher) -> tuple[Span, ...]:
        again = shared.find(page.normalized, page.letters)
        spans = repaired(page.normalized.text, (*page.spans, *again))
        # One character, such as a fraction, may be read as several: spans may meet in it.
        return merged(page.normalized.to_original(span) for span in spans)

    def _replaced(
        self, text: str, spans: tuple[Span, ...], stand_ins: StandIns
    ) -> DeidentifiedNote:
        if self.operator == "redact":
            written = replace_spans(text, spans, lambda label, _original: redaction(label))
        else:
            written = replace_spans(text, spans, stand_ins.of)
        return DeidentifiedNote(text=written, spans=spans)

    def _attempted(self, text: str, known: Matcher) -> _Page | None:
        try:
            return self._read(text, known)
        except Exception:  # noqa: BLE001  whatever fails, the note is withheld and counted
            return None

    def _outcome(
        self, note: Note, page: _Page | None, shared: Matcher, stand_ins: StandIns
    ) -> NoteOutcome:
        if page is None:
            return NoteOutcome(id=note.id, note=None)
        try:
            done = self._replaced(note.text, self._settled(page, shared), stand_ins)
        except Exception:  # noqa: BLE001  whatever fails, the note is withheld and counted
            return NoteOutcome(id=note.id, note=None)
        return NoteOutcome(id=note.id, note=done)

    def _stand_ins(self, unit: str, known: KnownIdentifiers) -> StandIns:
        shift = self.shift or DateShift(key=self.key)
        return StandIns(key=self.key, unit=unit, shift_days=shift.days(unit), taken=known.tokens())

    @cached_property
    def _staff(self) -> Matcher:
        return self.directory.matcher()

    def __getstate__(self) -> dict[str, object]:
        """Leave the built search out: a worker process builds its own."""
        return {name: value for name, value in self.__dict__.items() if name != "_staff"}

    def with_profile(self, profile: Profile, operator: Operator) -> TextDeidentifier:
        """Return the same pipeline at another operating point."""
        return replace(self, profile=profile, operator=operator)
