"""Stored answers to wider questions, from which what is asked follows for nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from policies.datasets import DatasetPolicy
from policies.decisions import SuppressBelow
from policies.errors import UnsupportedQueryError
from query.answers import Request
from query.canonical import question_key
from query.combined_noise import sum_noise
from query.derivations import derived
from query.drafts import Asked, drafted
from query.fields import MALFORMED, a_text, an_integer, an_object, document_bytes
from query.kept import Kept
from query.mechanisms import Noise
from query.options import BEFORE_FILTER
from query.parse import parse
from query.plan import Plan
from query.planning import read_again
from query.ports import Ledger
from query.question import Question

__all__ = ["MOST_RELATED", "Related", "Wider", "wording_of"]

MOST_RELATED = 8
"""Stored answers that are looked at for one question, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wider:
    """A stored answer, and what is asked as it follows from it.

    Attributes:
        plan: What is asked, with the errors that it will have.
        kept: The stored release.
        key: Under which it is kept.
    """

    plan: Plan
    kept: Kept
    key: bytes

    @property
    def variance(self) -> float:
        """Sum of the variances of the statistics of a cell, in their steps."""
        return sum(noise.standard_error**2 for noise in self.plan.noises)


def wording_of(request: Request, suppress_below: int) -> bytes:
    """Return what a question can be read again from: its text and what narrows its bounds."""
    return document_bytes(
        {
            "sql": request.sql,
            "max_groups": request.max_groups,
            "max_rows_per_group": request.max_rows_per_group,
            "bounding": request.bounding,
            "suppress_below": suppress_below,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """The stored answers of one project over one state of the data, under one policy.

    Attributes:
        dataset: What is asked.
        project: Whose answers they are.
        snapshot: State of the data.
        policy_digest: Policies in force.
        ledger: Where they are kept.
        time: When it is asked.
    """

    dataset: DatasetPolicy
    project: str
    snapshot: str
    policy_digest: str
    ledger: Ledger
    time: datetime

    def family(self, question: Question) -> bytes:
        """Return what questions over the same rows have in common.

        Empty for several questions, and for private keys: nothing is derived from these.
        """
        if question.others or question.private_keys:
            return b""
        facts = (question.base, self.dataset.id, self.snapshot, self.policy_digest)
        return hashlib.sha256("\n".join(facts).encode()).digest()

    def wider(self, asked: Plan, wanted: Sequence[Noise], confidence: float | None) -> Wider | None:
        """Return the most exact stored answer that is as exact as what could be bought, or None.

        Args:
            asked: What is asked.
            wanted: The noise of each statistic that would be bought.
            confidence: Of the intervals that are compared, where an accuracy is wanted.
        """
        found = [one for one in self._wider(asked) if _is_as_good(one.plan, wanted, confidence)]
        return min(found, key=lambda one: one.variance, default=None)

    def _wider(self, asked: Plan) -> Iterator[Wider]:
        family = self.family(asked.question)
        if not family:
            return
        for wording in self.ledger.related(self.project, family, MOST_RELATED):
            source = self._planned(wording)
            if source is None or (plan := derived(asked, source)) is None:
                continue
            key = question_key(source, self.dataset.id, self.snapshot, self.policy_digest)
            stored = self.ledger.recall(self.project, key)
            kept = None if stored is None else Kept.parse(stored)
            if kept is not None and self.dataset.spec.retention.gives(kept.asked, self.time):
                yield Wider(plan=_with_errors(plan, kept.noises), kept=kept, key=key)

    def _planned(self, wording: bytes) -> Plan | None:
        return read_again(wording, self.project, self.dataset, lambda: self._read(wording))

    def _read(self, wording: bytes) -> Plan | None:
        """Read a stored question again; None where this version does not understand it."""
        try:
            fields = an_object(json.loads(wording))
            most = [fields["max_groups"], fields["max_rows_per_group"]]
            groups, rows = (None if one is None else an_integer(one) for one in most)
            below = an_integer(fields["suppress_below"])
            duties = (SuppressBelow(below),) if below else ()
            question = parse(a_text(fields["sql"]), self.dataset)
            asked = Asked(
                max_groups=groups,
                max_rows_per_group=rows,
                before_filter=BEFORE_FILTER.get(str(fields["bounding"])),
            )
            return drafted(question, self.dataset, duties, asked)[0]
        except (UnsupportedQueryError, *MALFORMED):
            return None


def _with_errors(plan: Plan, noises: Sequence[Noise]) -> Plan:
    """Put the noises of a stored release in, and for each statistic that of its noisiest cell."""
    assert plan.derivation is not None  # noqa: S101  it was derived
    how = plan.derivation
    worst = (
        sum_noise(noises[vector], max(map(len, cells)))
        for vector, cells in zip(how.vectors, how.cells, strict=True)
    )
    return replace(plan.with_noises(worst), derivation=replace(how, noises=tuple(noises)))


def _is_as_good(plan: Plan, wanted: Sequence[Noise], confidence: float | None) -> bool:
    pairs = zip(plan.noises, wanted, strict=True)
    if confidence is None:
        return all(one.standard_error <= other.standard_error for one, other in pairs)
    return all(one.half_width(confidence) <= other.half_width(confidence) for one, other in pairs)
