"""Identified notes in, de-identified notes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeAlias

from anonymizers.boundaries import repaired
from anonymizers.engines import BUILTIN, EngineName
from anonymizers.keys import DateShift
from anonymizers.known import Directory, KnownIdentifiers, Matcher
from anonymizers.language import check_language
from anonymizers.normalized import Normalized, Squeezed, readings, squeeze
from anonymizers.operators import Cipher, Writer
from anonymizers.presidio import analyze, replace_spans
from anonymizers.propagation import propagated
from anonymizers.spans import Label, Span, merged
from anonymizers.surrogates import StandIns
from policies.errors import DeclarationError
from policies.text_operators import BY_NAME, CommonOperator, Encrypt, Profile, TextOperator

__all__ = [
    "DeidentifiedNote",
    "Note",
    "NoteOutcome",
    "Operator",
    "Profile",
    "TextDeidentifier",
    "stricter",
]

Operator: TypeAlias = CommonOperator

_THRESHOLDS: Final[Mapping[Profile, float]] = {"strict": 0.1, "standard": 0.3, "utility": 0.6}


def stricter(one: Profile, other: Profile) -> Profile:
    """Return the profile of the two that finds more."""
    return min(one, other, key=_THRESHOLDS.__getitem__)


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
        failure: Name of the error that withheld it, which tells nothing of the note; else empty.
    """

    id: str
    note: DeidentifiedNote | None
    failure: str = ""

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
    """One note while it is being read.

    Attributes:
        normalized: As it is read first.
        letters: Of that.
        spans: Of that.
        hidden: What is found if it is read otherwise, as offsets into the original.
    """

    normalized: Normalized
    letters: Squeezed
    spans: tuple[Span, ...]
    hidden: tuple[Span, ...]


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
    operators: Mapping[Label, TextOperator] = field(default_factory=dict)
    reversible: bytes | None = field(default=None, repr=False)
    engine: EngineName | None = BUILTIN

    def __post_init__(self) -> None:
        all_operators = (BY_NAME[self.operator], *self.operators.values())
        if self.reversible is None and any(isinstance(one, Encrypt) for one in all_operators):
            raise DeclarationError(
                "what is found is to be encrypted, and there is no key for it",
                code="DEID-REVERSIBLE",
                remedy="declare the column reversible, or take another operator",
            )

    def detect(self, text: str, known: KnownIdentifiers | None = None) -> tuple[Span, ...]:
        """Return what identifies in one note, as offsets into it.

        Raises:
            ValueError: If the note is longer than 10 million characters.
            SourceError: If it is clearly in a language that the engine does not read.
        """
        page = self._read(text, (known or KnownIdentifiers()).matcher())
        return self._settled(page, propagated([(page.normalized, page.spans)]))

    def deidentify(self, text: str, unit: str, known: KnownIdentifiers) -> DeidentifiedNote:
        """Return one note without what identifies.

        Raises:
            ValueError: If the note is longer than 10 million characters.
            SourceError: If it is clearly in a language that the engine does not read.
        """
        return self._replaced(text, self.detect(text, known), self._writer(unit, known))

    def written(self, text: str, spans: Sequence[Span], unit: str) -> tuple[str, ...]:
        """Return what ``deidentify`` puts in the place of each span that it detects.

        Args:
            text: The note.
            spans: As ``detect`` gave them.
            unit: The patient, as for ``deidentify``.
        """
        writer = self._writer(unit, KnownIdentifiers())
        return tuple(writer.written(span.label, span.of(text)) for span in spans)

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
        shared = propagated(
            [(page.normalized, page.spans) for page in pages if isinstance(page, _Page)]
        )
        writer = self._writer(notes[0].unit, known)
        return tuple(
            self._outcome(note, page, shared, writer)
            for note, page in zip(notes, pages, strict=True)
        )

    def _read(self, text: str, known: Matcher) -> _Page:
        normalized, *others = readings(text)
        check_language(normalized.text, (self.engine or BUILTIN).languages)
        letters = squeeze(normalized.folded)
        return _Page(
            normalized=normalized,
            letters=letters,
            spans=self._found(normalized, letters, known),
            hidden=tuple(
                other.to_original(span)
                for other in others
                for span in self._found(other, squeeze(other.folded), known)
            ),
        )

    def _found(self, normalized: Normalized, letters: Squeezed, known: Matcher) -> tuple[Span, ...]:
        found = analyze(
            normalized.text,
            threshold=_THRESHOLDS[self.profile],
            strict=self.profile == "strict",
            model=self.engine,
        )
        found += known.find(normalized, letters)
        found += self._staff.find(normalized, letters)
        return repaired(normalized.text, found)

    def _settled(self, page: _Page, shared: Matcher) -> tuple[Span, ...]:
        again = shared.find(page.normalized, page.letters)
        spans = repaired(page.normalized.text, (*page.spans, *again))
        # One character, such as a fraction, may be read as several: spans may meet in it.
        return merged((*map(page.normalized.to_original, spans), *page.hidden))

    def _replaced(self, text: str, spans: tuple[Span, ...], writer: Writer) -> DeidentifiedNote:
        return DeidentifiedNote(text=replace_spans(text, spans, writer.written), spans=spans)

    def _attempted(self, text: str, known: Matcher) -> _Page | str:
        try:
            return self._read(text, known)
        except Exception as error:  # noqa: BLE001  whatever fails, the note is withheld and counted
            return type(error).__name__

    def _outcome(
        self, note: Note, page: _Page | str, shared: Matcher, writer: Writer
    ) -> NoteOutcome:
        if isinstance(page, str):
            return NoteOutcome(id=note.id, note=None, failure=page)
        try:
            done = self._replaced(note.text, self._settled(page, shared), writer)
        except Exception as error:  # noqa: BLE001  whatever fails, the note is withheld and counted
            return NoteOutcome(id=note.id, note=None, failure=type(error).__name__)
        return NoteOutcome(id=note.id, note=done)

    def _writer(self, unit: str, known: KnownIdentifiers) -> Writer:
        shift = self.shift or DateShift(key=self.key)
        return Writer(
            stand_ins=StandIns(
                key=self.key, unit=unit, shift_days=shift.days(unit), taken=known.tokens()
            ),
            default=BY_NAME[self.operator],
            operators=self.operators,
            cipher=None if self.reversible is None else Cipher(key=self.reversible),
        )

    @cached_property
    def _staff(self) -> Matcher:
        return self.directory.matcher()

    def __getstate__(self) -> dict[str, object]:
        """Leave the built search out: a worker process builds its own."""
        return {name: value for name, value in self.__dict__.items() if name != "_staff"}
