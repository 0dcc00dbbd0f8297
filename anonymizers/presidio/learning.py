"""How the network learns: cross-entropy over tokens, Adam, a rate that warms and cools."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from thinc.api import Adam, fix_random_seed, set_dropout_rate

from anonymizers.evaluation import Gold
from anonymizers.presidio.network import TAGS, Network
from anonymizers.presidio.tokens import Tokens

__all__ = ["Learner"]

_PEAK: Final = 0.002
_WARM: Final = 0.05
_DROPOUT: Final = 0.1
_PLACES: Final = {tag: place for place, tag in enumerate(TAGS)}


class Learner:
    """A network while it learns.

    Attributes:
        network: What it has learned so far.
    """

    def __init__(self, seed: int, *, width: int, depth: int, rows_share: float) -> None:
        fix_random_seed(seed)
        self.network = Network(width=width, depth=depth, rows_share=rows_share)
        self._tokens = Tokens(learning=True)
        self._optimizer = Adam(_PEAK, L2=1e-4, grad_clip=1.0, use_averages=False)
        set_dropout_rate(self.network.layers, _DROPOUT)

    def learn(self, batch: Sequence[Gold], progress: float) -> tuple[int, float]:
        """Take one step.

        Args:
            batch: Texts and what identifies in them.
            progress: The share of all steps that is done, 0 to 1.

        Returns:
            Tokens, and the sum of their losses in nats.
        """
        docs, wanted = zip(*(self._read(gold) for gold in batch), strict=True)
        guesses, back = self.network.layers.begin_update(list(docs))
        count = sum(len(one) for one in wanted)
        loss, gradients = 0.0, []
        for guess, tags in zip(guesses, wanted, strict=True):
            rows = np.arange(len(tags))
            loss -= float(np.log(np.maximum(guess[rows, tags], 1e-9)).sum())
            gradient = guess.copy()
            gradient[rows, tags] -= 1
            gradients.append(gradient / count)
        back(gradients)
        self._optimizer.learn_rate = _PEAK * _rate(progress)
        self.network.layers.finish_update(self._optimizer)
        return count, loss

    def _read(self, gold: Gold) -> tuple[Any, Any]:
        """Return the document and the column of each token."""
        doc, offsets = self._tokens.read(gold.text)
        tags = np.zeros(len(offsets), dtype=int)
        spans = iter(gold.spans)
        span = next(spans, None)
        for at, (start, end) in enumerate(offsets):
            while span is not None and span.end <= start:
                span = next(spans, None)
            if span is not None and span.start < end:
                tags[at] = _PLACES[span.label]
        return doc, tags


def _rate(progress: float) -> float:
    """Return the share of the peak: up in a line, then down along a cosine."""
    if progress < _WARM:
        return (progress + 0.001) / _WARM
    return 0.02 + 0.98 * (1 + math.cos(math.pi * (progress - _WARM) / (1 - _WARM))) / 2
