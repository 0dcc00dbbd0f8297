"""From text to plan, kept: the same text under the same policies is parsed and bounded once.

A plan depends on the text, on the declaration and on what the request narrows or wants, and on no
row; whether somebody may ask is decided each time, by the clock. What is kept is found again only
by whoever asked, in the same project for the same purpose, so that the time of an answer tells
nobody what others ask; a stored question of a project, by all of that project. What a text asks is
kept for all threads, since a service has many, each of which would read it anew; a measurement is
kept by the thread that built it.
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

__all__ = ["MAX_KEPT", "MAX_KEPT_BY_THREAD", "planned", "question_asked", "read_again"]

MAX_KEPT = 1024
"""Questions that are kept for all threads; the one that was not asked for longest goes."""

MAX_KEPT_BY_THREAD = 64
"""Plans and measurements that one thread keeps; likewise."""

Made = TypeVar("Made")


class _Kept:
    """What was made, by its key; safe among threads."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, tuple[DatasetPolicy, object]] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self, key: Hashable, dataset: DatasetPolicy, make: Callable[[], Made], most: int
    ) -> Made:
        """Return what was made under a key for the very same declaration, or make it.

        Raises:
            UnsupportedQueryError: If it cannot be made; that is not kept.
        """
        with self._lock:
            found = self._found.get(key)
        if found is None or found[0] is not dataset:
            found = (dataset, make())  # two threads may make it at once: better than one waiting
        with self._lock:
            self._found[key] = found
            self._found.move_to_end(key)
            while len(self._found) > most:
                self._found.popitem(last=False)
        return cast("Made", found[1])


class _Own(threading.local):
    """What one thread has made: OpenDP's objects stay with the thread that built them."""

    def __init__(self) -> None:
        self.kept = _Kept()


_SHARED = _Kept()
_OWN = _Own()


def question_asked(sql: str, dataset: DatasetPolicy, access: Access) -> Question:
    """Return the typed question of a text.

    Raises:
        UnsupportedQueryError: The SQL cannot be answered.
    """
    return _SHARED.get((_asker(access), sql), dataset, lambda: parse(sql, dataset), MAX_KEPT)


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
    return _OWN.kept.get(
        key, dataset, lambda: bound(question, dataset, duties, loss, asked), MAX_KEPT_BY_THREAD
    )


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
    return _SHARED.get((project, wording), dataset, read, MAX_KEPT)


def _asker(access: Access) -> tuple[str, ...]:
    return access.principal, access.project, access.dataset, access.purpose
