"""The questions of the audit log, with their texts where the ledger keeps them.

The log has canonical texts, in which some constants are masked; beside each charged question the
ledger keeps the text as it was asked. The file is read as an auditor does, and nothing is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from gateway.audit.database import LedgerPlace, read_ledger
from gateway.audit.entries import parse_entry
from gateway.audit.events import QueryDenied, QueryDerived, QueryRepeated, QueryReserved
from policies.decisions import Access
from policies.privacy import Measure, PrivacyLoss
from query.answers import Request

__all__ = ["Asked", "questions_asked"]

_STAND_INS: Final = {"text": "'x'", "number": "1000", "date": "DATE '2000-01-01'"}
_MASKED: Final = re.compile(r"'(?:[^']|'')*'|:(text|number|date)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question of the past.

    Attributes:
        entry: Its number in the log.
        request: What can be asked again: the text as it was asked, or the canonical one in which
            masked constants are replaced by stand-ins; empty where there is neither. At the price
            that was charged, or at the default where nothing was.
        template: The canonical text that the log has; empty where the question could not be read.
        is_exact: Whether the text is as it was asked.
        charged: What it cost, 0 if it followed from a stored answer; None where it was refused.
        denied: Code of the refusal; empty where it was answered.
        cache_key: Equal for questions that are answered from one stored answer; empty where it was
            refused.
    """

    entry: int
    request: Request
    template: str
    is_exact: bool
    charged: PrivacyLoss | None = None
    denied: str = ""
    cache_key: str = ""


def questions_asked(database: LedgerPlace) -> Iterator[Asked]:
    """Yield all questions of the log, the oldest first.

    Args:
        database: The ledger's SQLite file.

    Raises:
        LogError: If an entry has another form.
    """
    with read_ledger(database) as connection:
        answered: dict[tuple[str, str], Asked] = {}
        rows = connection.execute(
            "SELECT entry.leaf, query.wording FROM entry"
            " LEFT JOIN query ON query.reserve = entry.idx ORDER BY entry.idx"
        )
        for leaf, wording in rows:
            entry = parse_entry(leaf)
            match entry.event:
                case QueryReserved() as event:
                    found = _reserved(entry.stamp.seq, event, wording)
                    answered[event.project, event.cache_key] = found
                    yield found
                case QueryRepeated() | QueryDerived() as event:
                    first = answered[event.project, event.cache_key]
                    yield _again(entry.stamp.seq, event, first)
                case QueryDenied() as event:
                    yield _denied(entry.stamp.seq, event)
                case _:
                    pass


def _reserved(index: int, event: QueryReserved, wording: bytes | None) -> Asked:
    loss = PrivacyLoss(measure=Measure(event.measure), amount=event.amount, delta=int(event.delta))
    request = Request(
        access=Access(
            principal=event.actor,
            project=event.project,
            dataset=event.dataset,
            purpose=event.purpose,
            time=_time(event.asked),
        ),
        sql=_unmasked(event.request),
        loss=loss.parameter,
        measure=loss.measure,
    )
    if wording:
        request = _as_worded(request, json.loads(wording))
    return Asked(
        entry=index,
        request=request,
        template=event.request,
        is_exact=bool(wording),
        charged=loss,
        cache_key=event.cache_key,
    )


def _as_worded(request: Request, wording: dict[str, Any]) -> Request:
    return replace(
        request,
        sql=wording["sql"],
        max_groups=wording["max_groups"],
        max_rows_per_group=wording["max_rows_per_group"],
        bounding=wording["bounding"],
    )


def _again(index: int, event: QueryRepeated | QueryDerived, first: Asked) -> Asked:
    """A question that was answered for nothing from the answer to an equal or a wider one."""
    access = replace(
        first.request.access,
        principal=event.actor,
        purpose=event.purpose,
        time=_time(event.asked),
    )
    assert first.charged is not None  # noqa: S101  it was answered
    asked = replace(
        first,
        entry=index,
        request=replace(first.request, access=access),
        charged=replace(first.charged, amount=0, delta=0),
    )
    if isinstance(event, QueryRepeated):
        return asked
    request = replace(asked.request, sql=_unmasked(event.request))
    return replace(asked, request=request, template=event.request, is_exact=False)


def _denied(index: int, event: QueryDenied) -> Asked:
    return Asked(
        entry=index,
        request=Request(
            access=Access(
                principal=event.actor,
                project=event.named_project,
                # what the log could not name may have been left out, or be the only one there is
                dataset=event.named_dataset.replace("(unknown)", ""),
                purpose=event.named_purpose.replace("(unlisted)", ""),
                time=_time(event.asked),
            ),
            sql=_unmasked(event.request),
        ),
        template=event.request,
        is_exact=False,
        denied=event.code,
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _unmasked(template: str) -> str:
    """Return a canonical text that parses: what is masked becomes some constant of its type.

    No decision looks at constants, so the outcome is that of the text as it was asked.
    """
    return _MASKED.sub(lambda found: _STAND_INS.get(found[1], found[0]), template)
