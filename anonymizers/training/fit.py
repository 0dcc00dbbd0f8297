"""From the corpus to a model: so many tokens, in batches, once over; no text is seen twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from anonymizers.evaluation import Gold
from anonymizers.presidio.learning import Learner
from anonymizers.presidio.network import Network
from anonymizers.training.corpus import Part, documents

__all__ = ["FULL", "TINY", "Size", "fit"]

_BATCH_CHARS: Final = 6_000
_CHARS_A_TOKEN: Final = 4.2
_REPORTS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a model is and how long it learns.

    Attributes:
        tokens: Tokens to learn from, about.
        width: Of a token's vector.
        depth: Of the convolutions.
        rows_share: Share of the full tables of words.
    """

    tokens: int
    width: int
    depth: int
    rows_share: float


FULL: Final = Size(tokens=9_000_000, width=64, depth=3, rows_share=1.0)
"""What ships: 3.6 MB."""
TINY: Final = Size(tokens=60_000, width=32, depth=2, rows_share=0.1)
"""Enough to see that the path works; seconds."""


def fit(size: Size, seed: int, report: Callable[[str], None]) -> Network:
    """Learn from the training half of the corpus.

    Args:
        size: Of the model.
        seed: Of its first weights and of the texts.
        report: Is told now and then how far it is.
    """
    learner = Learner(seed, width=size.width, depth=size.depth, rows_share=size.rows_share)
    total = round(size.tokens * _CHARS_A_TOKEN)
    done, next_report = 0, 0
    tokens, loss = 0, 0.0
    for batch in _batches(Part(held_out=False, seed=seed)):
        if done >= total:
            break
        more, lost = learner.learn(batch, done / total)
        tokens, loss = tokens + more, loss + lost
        done += sum(len(gold.text) for gold in batch)
        if done * _REPORTS >= next_report * total:
            report(f"{min(1.0, done / total):4.0%}  loss {loss / tokens:.4f}")
            next_report = done * _REPORTS // total + 1
            tokens, loss = 0, 0.0
    return learner.network


def _batches(part: Part) -> Iterator[list[Gold]]:
    batch: list[Gold] = []
    chars = 0
    for gold in documents(part):
        if gold.text.strip():
            batch.append(gold)
            chars += len(gold.text)
        if chars >= _BATCH_CHARS:
            yield batch
            batch, chars = [], 0
