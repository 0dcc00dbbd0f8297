"""Entries of the log as a person reads them, and the search among them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.audit.overview import Overview
from gateway.pages.auditor.times import Period

__all__ = ["Filter", "Found", "Row", "search"]

_WINDOW: Final = 500
_MOST_READ: Final = 20_000
_STAMP: Final = frozenset({"v", "seq", "time", "behind_ms", "boot", "mono", "salt", "kind"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is looked for; an empty text fits everything.

    Attributes:
        kind: Beginning of the kind, such as ``query`` or ``query.deny``.
        actor: Who did it.
        project: About which project.
        dataset: About which dataset.
        code: Beginning of the code of a refusal.
        since: First day or time, as ``2026-01-31`` or ``2026-01-31T14:30``, UTC.
        until: Last one, with all of it.
    """

    kind: str = ""
    actor: str = ""
    project: str = ""
    dataset: str = ""
    code: str = ""
    since: str = ""
    until: str = ""

    def fits(self, entry: Mapping[str, Any]) -> bool:
        """Say whether an entry is looked for."""
        period = Period(since=self.since, until=self.until)
        return (
            str(entry["kind"]).startswith(self.kind)
            and str(entry.get("code", "")).startswith(self.code)
            and self.actor in {"", entry.get("actor")}
            and _names(entry, "project", self.project)
            and _names(entry, "dataset", self.dataset)
            and period.holds(str(entry["time"]))
        )

    def unknown(self, overview: Overview) -> list[tuple[str, str]]:
        """Return what is looked for and no entry says, with what it is."""
        begun = (
            ("kind", self.kind, any(one.startswith(self.kind) for one in overview.kinds)),
            ("code", self.code, any(one.startswith(self.code) for one in overview.names["code"])),
        )
        exact = (
            ("person", self.actor, self.actor in overview.names["actor"]),
            ("project", self.project, self.project in overview.names["project"]),
            ("dataset", self.dataset, self.dataset in overview.names["dataset"]),
        )
        return [(name, said) for name, said, known in (*begun, *exact) if said and not known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry, ready to be shown.

    Attributes:
        index: Its number.
        time: When, UTC.
        kind: What happened.
        actor: Opaque id of who did it; empty where nobody did.
        about: Project and dataset.
        code: Of a refusal; else empty.
        fields: All that the entry says beside its stamp, by name.
    """

    index: int
    time: datetime
    kind: str
    actor: str
    about: str
    code: str
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, leaf: bytes) -> Row:
        """Return an entry from its bytes."""
        entry: dict[str, Any] = json.loads(leaf)
        about = [
            entry.get(name) or entry.get(f"named_{name}") or entry.get(f"capped_{name}")
            for name in ("project", "dataset")
        ]
        if entry["kind"] == "budget.cap":
            about.append(entry.get("pool"))
        return cls(
            index=int(entry["seq"]),
            time=datetime.fromisoformat(entry["time"]),
            kind=str(entry["kind"]),
            actor=str(entry.get("actor", "")),
            about=" · ".join(str(one) for one in about if one),
            code=str(entry.get("code", "")),
            fields={name: value for name, value in entry.items() if name not in _STAMP},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of entries.

    Attributes:
        rows: The newest first.
        before: Where the search goes on; None at the beginning of the log.
    """

    rows: tuple[Row, ...]
    before: int | None


def search(
    leaves: Callable[[int, int], Sequence[bytes]], wanted: Filter, *, before: int, limit: int
) -> Found:
    """Look for entries backwards from a place; a search reads so many entries and then pauses.

    Args:
        leaves: The log's storage: the entries from one number to below another.
        wanted: What is looked for.
        before: Entries of this number and later are left out.
        limit: How many entries at most, 1 or more.
    """
    rows: list[Row] = []
    end = before
    while end > 0 and before - end < _MOST_READ:
        start = max(0, end - _WINDOW)
        for index, leaf in reversed(list(enumerate(leaves(start, end), start))):
            if wanted.fits(json.loads(leaf)):
                rows.append(Row.of(leaf))
            if len(rows) == limit:
                return Found(rows=tuple(rows), before=index or None)
        end = start
    return Found(rows=tuple(rows), before=end or None)


def _names(entry: Mapping[str, Any], field: str, wanted: str) -> bool:
    return wanted in {
        "",
        entry.get(field),
        entry.get(f"named_{field}"),
        entry.get(f"capped_{field}"),
    }
