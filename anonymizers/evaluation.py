"""How well detection does on gold text: characters and entities, per label, leaks and excess.

One number never tells: what leaks and what is taken out without need are both here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from anonymizers.spans import Label, Source, Span
from policies.errors import SourceError

__all__ = ["Gold", "Score", "Tally", "evaluate", "parse_gold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A text with the spans that identify in it.

    Attributes:
        id: Of the text.
        text: The text.
        spans: By a person or a generator; may overlap.
    """

    id: str
    text: str = field(repr=False)
    spans: tuple[Span, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of one kind of unit (characters or entities).

    Attributes:
        gold: Units in gold spans.
        found: Of those, units that were found, under whatever label: what is covered is gone.
        predicted: Units in predicted spans.
        right: Of those, units that are in gold spans.
    """

    gold: int = 0
    found: int = 0
    predicted: int = 0
    right: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            gold=self.gold + other.gold,
            found=self.found + other.found,
            predicted=self.predicted + other.predicted,
            right=self.right + other.right,
        )

    @property
    def recall(self) -> float:
        """Share of what identifies that was found; 1 where there is nothing."""
        return self.found / self.gold if self.gold else 1.0

    @property
    def precision(self) -> float:
        """Share of what was found that identifies; 1 where nothing was found."""
        return self.right / self.predicted if self.predicted else 1.0

    @property
    def f2(self) -> float:
        """Both as one, with recall counted twice as important; van Rijsbergen (1979)."""
        below = 4 * self.precision + self.recall
        return 5 * self.precision * self.recall / below if below else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The result over many texts.

    Attributes:
        characters: Over all characters that are no blanks.
        entities: An entity is found where all its characters are, and right where any is.
        by_label: Characters and entities by gold label; predicted units by predicted label.
        texts: How many texts.
        leaking: Texts with a gold character that was not found.
        clean: Texts without gold spans.
        touched: Of those, texts in which something was found.
    """

    characters: Tally
    entities: Tally
    by_label: Mapping[Label, tuple[Tally, Tally]]
    texts: int
    leaking: int
    clean: int
    touched: int


def parse_gold(lines: Iterable[str]) -> Iterator[Gold]:
    """Read JSON lines ``{"id", "text", "spans": [{"start", "end", "label"}]}``.

    Yields:
        One text a line; empty lines are passed over.

    Raises:
        SourceError: If a line is no such object; the message has its number and no text.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            spans = tuple(
                Span(
                    start=_offset(one["start"]),
                    end=_offset(one["end"]),
                    label=Label(one["label"]),
                    score=1.0,
                    source=Source.KNOWN,
                )
                for one in record["spans"]
            )
            gold = Gold(id=_name(record["id"]), text=_text(record["text"]), spans=spans)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise SourceError(
                "a gold line is not of the form {id, text, spans: [{start, end, label}]}",
                code="SRC-GOLD",
                remedy="write one JSON object a line with the labels of the manual",
                line=number,
            ) from None
        yield gold


def _offset(value: object) -> int:
    """Insist on a whole number: 3.0, "3" and true are none."""
    if type(value) is not int:
        raise TypeError("no offset")
    return value


def _name(value: object) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError("no id")
    return str(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def evaluate(gold: Iterable[Gold], detect: Callable[[str], Sequence[Span]]) -> Score:
    """Run a detector over gold texts and count.

    Args:
        gold: Texts with what should be found.
        detect: From a text to what is found in it.
    """
    characters, entities = Tally(), Tally()
    by_label: dict[Label, tuple[Tally, Tally]] = {label: (Tally(), Tally()) for label in Label}
    texts = leaking = clean = touched = 0
    for one in gold:
        predicted = detect(one.text)
        truth, found = _covered(one.text, one.spans), _covered(one.text, predicted)
        texts += 1
        leaking += bool(truth - found)
        clean += not one.spans
        touched += not one.spans and bool(found)
        characters += Tally(
            gold=len(truth), found=len(truth & found), predicted=len(found),
            right=len(truth & found),
        )  # fmt: skip
        for label, chars, entity in _by_span(one, predicted, truth, found):
            entities += entity
            both = by_label[label]
            by_label[label] = (both[0] + chars, both[1] + entity)
    return Score(
        characters=characters,
        entities=entities,
        by_label=by_label,
        texts=texts,
        leaking=leaking,
        clean=clean,
        touched=touched,
    )


def _covered(text: str, spans: Iterable[Span]) -> set[int]:
    """Return the offsets of characters in spans that carry meaning: no blanks, no punctuation."""
    return {
        index for span in spans for index in range(span.start, span.end) if text[index].isalnum()
    }


def _by_span(
    gold: Gold, predicted: Sequence[Span], truth: set[int], found: set[int]
) -> Iterator[tuple[Label, Tally, Tally]]:
    for span in gold.spans:
        wanted = _covered(gold.text, (span,))
        hit = wanted & found
        yield (
            span.label,
            Tally(gold=len(wanted), found=len(hit)),
            Tally(gold=1, found=int(hit == wanted)),
        )
    for span in predicted:
        taken = _covered(gold.text, (span,))
        right = taken & truth
        yield (
            span.label,
            Tally(predicted=len(taken), right=len(right)),
            Tally(predicted=1, right=int(bool(right))),
        )
