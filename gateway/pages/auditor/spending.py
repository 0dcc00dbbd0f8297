"""How budgets of pools, projects or researchers were spent over time, and changes of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from gateway.audit.overview import Charged, Level, Overview, Scope
from gateway.pages.auditor.times import Period, parse_period
from gateway.pages.charts import Spending, Step, spending_of

__all__ = ["Budget", "Timeline", "Wanted", "timeline_of"]

_MOST: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be drawn.

    Attributes:
        level: Whose budgets.
        only: A pool, project or researcher whose charges are drawn, at each level; empty for all.
        period: From when to when.
    """

    level: Level
    only: str
    period: Period

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Wanted:
        """Return what a form asks for.

        Raises:
            RequestError: If a time cannot be read.
        """
        period = parse_period(form.get("since", ""), form.get("until", ""))
        return replace(cls.typed(form), period=period)

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Wanted:
        """Return what a form says, with a period of words that may be none."""
        named = {level.value: level for level in Level}
        return cls(
            level=named.get(form.get("level", ""), Level.POOL),
            only=form.get("only", "").strip(),
            period=Period(since=form.get("since", ""), until=form.get("until", "")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One budget over time.

    Attributes:
        scope: Which one.
        symbol: Of its measure.
        charges: How many charges fell into the time.
        before: What had been spent when it began, in the measure's parameter.
        spent: What had been spent when it ended.
        cap: What may be spent now; None where the log names no cap.
        drawn: The chart.
    """

    scope: Scope
    symbol: str
    charges: int
    before: Decimal
    spent: Decimal
    cap: Decimal | None
    drawn: Spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Budgets over time.

    Attributes:
        budgets: Those charged last within the time, at most twelve, sorted by scope.
        left_out: How many more there are.
        changes: Changes of the policy within the time, the newest first.
    """

    budgets: tuple[Budget, ...]
    left_out: int
    changes: tuple[tuple[datetime, str], ...]


def timeline_of(overview: Overview, wanted: Wanted, now: datetime) -> Timeline:
    """Return budgets over time.

    Args:
        overview: What is known of the log.
        wanted: What is to be drawn.
        now: The time, UTC; where the log is empty, the axes end here.
    """
    latest = overview.last or now
    until = min(latest, wanted.period.end or latest)
    since = None if wanted.period.start is None else min(wanted.period.start, until)
    found = overview.spent_by(wanted.level, wanted.only)
    newest = sorted(found, key=lambda scope: _last(found[scope], since, until))[-_MOST:]
    changes = [
        (time, what)
        for time, what in overview.changes
        if (since is None or since <= time) and time <= until
    ]
    return Timeline(
        budgets=tuple(
            _budget(scope, found[scope], overview, since, until) for scope in sorted(newest)
        ),
        left_out=len(found) - len(newest),
        changes=tuple(reversed(changes)),
    )


def _last(charges: list[Charged], since: datetime | None, until: datetime) -> int:
    """Return the entry of the last charge within the time; -1 where there is none."""
    within = (one for one in charges if (since is None or since <= one.time) and one.time <= until)
    return max((one.entry for one in within), default=-1)


def _budget(
    scope: Scope,
    charges: list[Charged],
    overview: Overview,
    since: datetime | None,
    until: datetime,
) -> Budget:
    early = [one.amount for one in charges if since is not None and one.time < since]
    within = [one.amount for one in charges[len(early) :] if one.time <= until]
    cap, before = overview.caps.get(scope), sum(early, Decimal(0))
    return Budget(
        scope=scope,
        symbol=charges[0].measure.symbol,
        charges=len(within),
        before=before,
        spent=before + sum(within),
        cap=cap,
        drawn=spending_of(
            [Step(charge.time, float(charge.amount)) for charge in charges],
            overview.changes,
            cap=float(cap or 0),
            until=until,
            since=since,
        ),
    )
