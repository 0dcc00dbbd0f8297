"""How the deployment reads texts whose identifiers are known: each before and after, and figures.

Texts come from the generator of the made-up hospital, or from a gold set whose persons agreed.
Nothing here can open a snapshot, a source or a release: it is kept from that by a contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from anonymizers.evaluation import Gold, Score, Tally, evaluate
from anonymizers.spans import Label, Span, merged
from anonymizers.text import TextDeidentifier
from gateway.oversight.marks import Fate, Piece, after, before
from policies.binomial import upper_limit

__all__ = ["Figure", "ReadText", "Sheet", "read_sheet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadText:
    """One text.

    Attributes:
        before: As it was written.
        after: As it would be stored; None where it would be withheld.
    """

    before: tuple[Piece, ...] = field(repr=False)
    after: tuple[Piece, ...] | None = field(repr=False)

    @property
    def missed(self) -> int:
        """Pieces that identify and still stand."""
        return sum(one.fate is Fate.MISSED for one in self.after or ())

    @property
    def needless(self) -> int:
        """Pieces that were taken out and identify nobody."""
        return sum(one.fate is Fate.NEEDLESS for one in self.after or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How well one kind of identifier was found.

    Attributes:
        label: The kind; None for all together.
        tally: In identifiers; one is found where all of it is, and right where any of it is.
    """

    label: Label | None
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Some texts of a set, read.

    Attributes:
        texts: The texts, in order.
        figures: One each for all kinds that are in them or were found, then for all together.
        leaking: Texts in which something that identifies still stands.
        withheld: Texts that could not be read, and would not be stored; no figure counts them.
    """

    texts: tuple[ReadText, ...]
    figures: tuple[Figure, ...]
    leaking: int
    withheld: int

    @property
    def missed_at_most(self) -> float:
        """Upper limit of the share that is missed, at 95 %; Clopper and Pearson (1934)."""
        tally = self.figures[-1].tally
        return float(upper_limit(tally.gold - tally.found, tally.gold))


def read_sheet(gold: Sequence[Gold], pipeline: TextDeidentifier) -> Sheet:
    """Read texts as they would be before they are stored.

    Args:
        gold: The texts, with what identifies in them.
        pipeline: Of a column of notes; its keys are of no dataset.
    """
    done = [(one, _deidentified(one, pipeline)) for one in gold]
    read = [(one, found.spans) for one, found in done if found is not None]
    turns = iter([spans for _, spans in read])
    score = evaluate((one for one, _ in read), lambda _: next(turns))
    return Sheet(
        texts=tuple(_text(one, found) for one, found in done),
        figures=tuple(_figures(score)),
        leaking=score.leaking,
        withheld=len(gold) - len(read),
    )


@dataclass(frozen=True, slots=True)
class _Done:
    """What was found in a text, and what was put in the place of each."""

    spans: tuple[Span, ...]
    written: tuple[str, ...] = field(repr=False)


def _deidentified(gold: Gold, pipeline: TextDeidentifier) -> _Done | None:
    try:
        spans = pipeline.detect(gold.text)
        return _Done(spans, pipeline.written(gold.text, spans, gold.id))
    except Exception:  # noqa: BLE001  whatever fails, ingest would withhold the text
        return None


def _text(gold: Gold, done: _Done | None) -> ReadText:
    truth = merged(gold.spans)
    if done is None:
        return ReadText(before=before(gold.text, truth, truth), after=None)
    return ReadText(
        before=before(gold.text, truth, done.spans),
        after=after(gold.text, truth, done.spans, done.written),
    )


def _figures(score: Score) -> Iterator[Figure]:
    for label, (_, entities) in score.by_label.items():
        if entities.gold or entities.predicted:
            yield Figure(label=label, tally=entities)
    yield Figure(label=None, tally=score.entities)
