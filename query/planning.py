"""From text to plan, kept: the same text under the same policies is parsed and bounded once.

A plan depends on the text, on the declaration and on what the request narrows or wants, and on no
row; whether somebody may ask is decided each time, by the clock. What is kept is found again only
by whoever asked, in the same project for the same purpose, so that the time of an answer tells
nobody what others ask; a stored question of a project, by all of that project.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from policies.datasets import DatasetPolicy
from policies.decisions import Access, Obligation
from policies.privacy import PrivacyLoss
from query.bound import Asked, Measurement, bound
from query.parse import parse
from query.plan import Plan
from query.question import Question

__all__ = ["MAX_KEPT", "planned", "question_asked", "read_again"]

MAX_KEPT = 256
"""Questions and plans that one thread keeps; the one that was not asked for longest goes."""

Made = TypeVar("Made")


class _Kept(threading.local):
    """What one thread has made: OpenDP's objects stay with the thread that built them."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, tuple[DatasetPolicy, object]] = OrderedDict()

    def get(self, key: Hashable, dataset: DatasetPolicy, make: Callable[[], Made]) -> Made:
        """Return what was made under a key for the very same declaration, or make it.

        Raises:
            UnsupportedQueryError: If it cannot be made; that is not kept.
        """
        found = self._found.get(key)
        if found is None or found[0] is not dataset:
            found = self._found[key] = (dataset, make())
        self._found.move_to_end(key)
        while len(self._found) > MAX_KEPT:
            self._found.popitem(last=False)
        return cast("Made", found[1])


_KEPT = _Kept()


def question_asked(sql: str, dataset: DatasetPolicy, access: Access) -> Question:
    """Return the typed question of a text.

    Raises:
        UnsupportedQueryError: The SQL cannot be answered.
    """
    return _KEPT.get((_asker(access), sql), dataset, lambda: parse(sql, dataset))


def planned(
    question: Question,
    dataset: DatasetPolicy,
    access: Access,
    terms: tuple[tuple[Obligation, ...], PrivacyLoss, Asked],
    sql: str,
) -> tuple[Plan, Measurement]:
    """Return the plan of a text's question and the measurement that will release it.

    Args:
        question: What the text asks.
        dataset: Of whom.
        access: By whom.
        terms: Duties, price, and what the request narrows or wants.
        sql: The text.

    Raises:
        UnsupportedQueryError: As ``query.bound.bound`` does.
    """
    duties, loss, asked = terms
    narrowed = (asked.max_groups, asked.max_rows_per_group, asked.before_filter, asked.accuracy)
    weights = tuple(sorted(asked.weights.items()))
    key = (_asker(access), sql, duties, loss, narrowed, weights)
    return _KEPT.get(key, dataset, lambda: bound(question, dataset, duties, loss, asked))


def read_again(
    wording: bytes, project: str, dataset: DatasetPolicy, read: Callable[[], Plan | None]
) -> Plan | None:
    """Return the plan of a project's stored question, or None where it is not understood.

    Args:
        wording: What it is read from.
        project: Whose question it is.
        dataset: Of whom.
        read: Reads it.
    """
    return _KEPT.get((project, wording), dataset, read)


def _asker(access: Access) -> tuple[str, ...]:
    return access.principal, access.project, access.dataset, access.purpose
