"""What is kept of a release, and how a further draw is added to it.

Two independent noisy values of one exact value are worth more together than the better of the
two: their mean with weights of inverse variance has the least variance of all unbiased mixtures.
This is post-processing of two releases, each of which was charged.

Values of one draw are integers. Of several they are doubles: no farther from the true mean than
one part in 2**52, which is far below any noise, without overflow, and written by JSON without loss.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from policies.errors import InternalError
from policies.privacy import Measure, PrivacyLoss
from query.answers import Answer
from query.combined_noise import CombinedNoise, combine_noises, weight_of
from query.documents import answer_document
from query.fields import (
    DocumentError,
    a_number,
    a_text,
    an_array,
    an_integer,
    an_object,
    document_bytes,
)
from query.losses import loss_document, parse_loss
from query.mechanisms import Key, Noise

__all__ = ["CombinedNoise", "Kept", "NoisyVectors", "combine_noises", "combine_vectors"]

NoisyVectors: TypeAlias = tuple[tuple[float, ...], ...]
"""One vector for each statistic, in its integer steps; a value of one draw is an ``int``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A release as the ledger keeps it.

    Attributes:
        query_id: Of the request whose release it is.
        asked: When that was; None in what earlier versions kept.
        noisy: The noisy statistics.
        noises: The noise on each.
        spent: What all draws in it cost together.
        covers: The largest price at which the question was asked; at most as much is asked again
            for nothing, even if rounding left ``spent`` a unit below. Of private keys its delta
            counts too.
        keys: Private keys that were released, as the engine writes them; None where keys are
            public.
        threshold: Smallest noisy number of units of these keys; None where keys are public.
    """

    query_id: str
    noisy: NoisyVectors
    noises: tuple[Noise, ...]
    spent: PrivacyLoss
    covers: PrivacyLoss
    keys: tuple[Key, ...] | None = None
    threshold: int | None = None
    asked: datetime | None = None

    def to_bytes(self, answer: Answer) -> bytes:
        """Return canonical JSON of the answer and of the statistics that it came from."""
        return document_bytes(
            {
                "answer": answer_document(answer),
                "noisy": [[_written(value) for value in vector] for vector in self.noisy],
                "noises": [_noise_document(noise) for noise in self.noises],
                "spent": loss_document(self.spent),
                "covers": loss_document(self.covers),
                "keys": None if self.keys is None else [list(key) for key in self.keys],
                "threshold": self.threshold,
                "asked": None if self.asked is None else self.asked.isoformat(),
            }
        )

    @classmethod
    def parse(cls, stored: bytes) -> Kept:
        """Read it back; the inverse of ``to_bytes``.

        Raises:
            InternalError: If the bytes are not those of a release.
        """
        try:
            fields = an_object(json.loads(stored))
            keys, threshold = fields.get("keys"), fields.get("threshold")
            asked = fields.get("asked")
            return cls(
                query_id=a_text(an_object(fields["answer"])["query_id"]),
                noisy=tuple(
                    tuple(_read(value) for value in an_array(vector))
                    for vector in an_array(fields["noisy"])
                ),
                noises=tuple(_parse_noise(an_object(one)) for one in an_array(fields["noises"])),
                spent=parse_loss(fields["spent"]),
                covers=parse_loss(fields["covers"]),
                keys=None if keys is None else tuple(_parse_key(key) for key in an_array(keys)),
                threshold=None if threshold is None else an_integer(threshold),
                asked=None if asked is None else datetime.fromisoformat(a_text(asked)),
            )
        except (KeyError, TypeError, ValueError, DocumentError):
            raise InternalError("stored-release") from None


def combine_vectors(kept: Kept, drawn: NoisyVectors, noises: Sequence[Noise]) -> NoisyVectors:
    """Return the mean of what is kept and a further draw, statistic by statistic.

    Args:
        kept: The release so far.
        drawn: The further draw; vectors of the same lengths.
        noises: The noise of the further draw.
    """
    return tuple(
        tuple(_mean(a, b, weight_of(before, noise)) for a, b in zip(old, new, strict=True))
        for old, before, new, noise in zip(kept.noisy, kept.noises, drawn, noises, strict=True)
    )


def _mean(old: float, new: float, weight: float) -> float:
    return float(old) + weight * (float(new) - float(old))


def _written(value: float) -> str:
    """An integer as all its digits, which JSON readers would lose above 2**53; else a double."""
    return repr(value)


def _read(value: object) -> float:
    text = a_text(value)
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _noise_document(noise: Noise) -> dict[str, object]:
    document: dict[str, object] = {"measure": noise.measure.value, "scale": noise.scale}
    if isinstance(noise, CombinedNoise):
        document |= {"draws": noise.draws, "error": noise.error, "kurtosis": noise.kurtosis}
    return document


def _parse_noise(fields: dict[str, object]) -> Noise:
    measure, scale = Measure(fields["measure"]), _number(fields["scale"])
    if "draws" not in fields:
        return Noise(measure=measure, scale=scale)
    return CombinedNoise(
        measure=measure,
        scale=scale,
        draws=an_integer(fields["draws"]),
        error=_number(fields["error"]),
        kurtosis=_number(fields["kurtosis"]),
    )


def _parse_key(value: object) -> Key:
    parts = an_array(value)
    if not all(part is None or isinstance(part, str | int) for part in parts):
        raise TypeError
    return tuple(parts)  # type: ignore[arg-type]  # as was just looked at


def _number(value: object) -> float:
    number = a_number(value)
    if number is None:
        raise TypeError
    return number
