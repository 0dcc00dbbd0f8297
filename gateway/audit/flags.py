"""What an auditor should look into: rules over the entries of the log, each with its reason.

A flag is no verdict. Every rule is one that can be explained to whoever is flagged, looks at the
log alone, and never at data. An auditor settles a flag by a sign-off, which is an entry itself.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

__all__ = ["RULES", "SETTLED", "Flag", "Flags"]

RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "burst": "many questions of one shape by one person in a short time",
        "differencing": "two questions that differ in one condition: the difference of their"
        " answers is about the few who meet it",
        "probing": "many refusals, and then an answer, for one person",
        "shared-question": "two projects asked the same",
        "spending": "a project spent a large part of its budget within 24 hours",
        "new-purpose": "a project asked for a purpose that it had never named before",
        "clock": "the host's clock stood behind the entry before",
    }
)
"""From the name of a rule to what it looks for."""
SETTLED: Final = ("expected", "explained", "followed-up", "false-alarm")
"""How a flag was settled; a closed set, since the log holds no free text."""

_BURST: Final = 10
_BURST_TIME: Final = timedelta(minutes=10)
_REFUSALS: Final = 5
_REFUSALS_TIME: Final = timedelta(minutes=15)
_NEAR: Final = timedelta(days=1)
_REMEMBERED: Final = 50
_COMPARED: Final = 1000
_LARGE_SHARE: Final = 0.25
_CLOCK_MS: Final = 1000
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'|:\w+\b|\b\d+(?:\.\d+)?\b")
_WHERE: Final = re.compile(r"\bWHERE\b(.*?)(?=\b(?:GROUP BY|HAVING|ORDER BY|LIMIT)\b|$)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One thing to look into.

    Attributes:
        rule: Which rule found it.
        entry: The entry at which it was found.
        time: When that was, UTC.
        actor: Opaque id of whom it is about; empty where it is about nobody.
        project: Which project it is about; empty where it is about none.
        reason: What was found, in words, with the entries it rests on.
        settled: How an auditor settled it; empty where nobody has.
    """

    rule: str
    entry: int
    time: datetime
    actor: str = ""
    project: str = ""
    reason: str = ""
    settled: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that is remembered for a day: which conditions it had beside all the rest."""

    entry: int
    time: datetime
    rest: str
    conditions: frozenset[str]


@dataclass(slots=True)
class Flags:
    """The flags of the first entries of a log; entries are taken in their order.

    Attributes:
        found: By entry and rule, the oldest first.
    """

    found: dict[tuple[int, str], Flag] = field(default_factory=dict)
    _shapes: dict[tuple[str, str], deque[datetime]] = field(default_factory=dict)
    _recent: dict[tuple[str, str, str, str], deque[_Asked]] = field(default_factory=dict)
    _refused: dict[str, deque[datetime]] = field(default_factory=dict)
    _projects: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    _purposes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _spent: dict[tuple[str, str], deque[tuple[datetime, int]]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _caps: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, entry: Mapping[str, Any]) -> None:
        """Look at the next entry.

        Args:
            entry: The document of the entry.
        """
        index = int(entry["seq"])
        time = datetime.fromisoformat(entry["time"]).astimezone(UTC)
        for rule, reason in self._of(entry, time):
            self.found.setdefault(
                (index, rule),
                Flag(
                    rule=rule,
                    entry=index,
                    time=time,
                    actor=str(entry.get("actor", "")),
                    project=str(entry.get("project", "")),
                    reason=reason,
                ),
            )

    def _of(self, entry: Mapping[str, Any], time: datetime) -> Iterator[tuple[str, str]]:
        if int(entry["behind_ms"]) > _CLOCK_MS:
            yield "clock", f"by {int(entry['behind_ms']) / 1000:g} seconds"
        match entry["kind"]:
            case "query.reserve":
                yield from self._asked(entry, time)
            case "query.deny":
                self._refused.setdefault(str(entry["actor"]), deque(maxlen=_REMEMBERED)).append(
                    time
                )
            case "budget.cap":
                if entry["capped_project"] and not entry["capped_researcher"]:
                    self._caps[entry["pool"], entry["capped_project"]] = int(entry["cap"])
            case "review.signoff":
                self._settle(int(entry["ref"]), str(entry["flag"]), str(entry["settled"]))

    def _asked(self, entry: Mapping[str, Any], time: datetime) -> Iterator[tuple[str, str]]:
        yield from self._bursts(entry, time)
        yield from self._differences(entry, time)
        yield from self._after_refusals(str(entry["actor"]), time)
        yield from self._shared(entry)
        yield from self._spending(entry, time)
        yield from self._purpose(entry)

    def _bursts(self, entry: Mapping[str, Any], time: datetime) -> Iterator[tuple[str, str]]:
        shape = (str(entry["actor"]), _LITERAL.sub("?", str(entry["request"])))
        times = self._shapes.setdefault(shape, deque(maxlen=_BURST))
        times.append(time)
        if len(times) == _BURST and time - times[0] <= _BURST_TIME:
            yield "burst", f"{_BURST} since {times[0]:%H:%M}, with other constants"
            times.clear()

    def _differences(self, entry: Mapping[str, Any], time: datetime) -> Iterator[tuple[str, str]]:
        asked = _asked_of(entry, time)
        places = [
            self._recent.setdefault(
                (who, str(entry[who]), str(entry["dataset"]), asked.rest), deque(maxlen=_COMPARED)
            )
            for who in ("project", "actor")  # members may share the work, and a person projects
        ]
        found = {
            other.entry
            for recent in places
            for other in recent
            if time - other.time <= _NEAR and len(other.conditions ^ asked.conditions) == 1
        }
        if found:
            yield "differencing", f"beside entry {max(found)}"
        for recent in places:
            recent.append(asked)

    def _after_refusals(self, actor: str, time: datetime) -> Iterator[tuple[str, str]]:
        times = [one for one in self._refused.pop(actor, ()) if time - one <= _REFUSALS_TIME]
        if len(times) >= _REFUSALS:
            yield "probing", f"{len(times)} refusals since {times[0]:%H:%M}"

    def _shared(self, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if not entry["request"]:
            return
        askers = self._projects[f"{entry['dataset']} {entry['request']}"]
        for project, index in askers.items():
            if project != entry["project"]:
                yield "shared-question", f"{project} did so in entry {index}"
                break
        askers.setdefault(str(entry["project"]), int(entry["seq"]))

    def _spending(self, entry: Mapping[str, Any], time: datetime) -> Iterator[tuple[str, str]]:
        place = (str(entry["pool"]), str(entry["project"]))
        cap, spent = self._caps.get(place, 0), self._spent[place]
        while spent and time - spent[0][0] > _NEAR:
            spent.popleft()
        before = sum(amount for _, amount in spent)
        spent.append((time, int(entry["amount"])))
        now = before + int(entry["amount"])
        if cap and before <= cap * _LARGE_SHARE < now:
            yield "spending", f"{now / cap:.0%} of its cap since {spent[0][0]:%Y-%m-%d %H:%M}"

    def _purpose(self, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        known = self._purposes[str(entry["project"])]
        if known and entry["purpose"] not in known:
            yield "new-purpose", str(entry["purpose"])
        known.add(str(entry["purpose"]))

    def _settle(self, index: int, rule: str, settled: str) -> None:
        flag = self.found.get((index, rule))
        if flag is not None:
            self.found[index, rule] = replace(flag, settled=settled)


def _asked_of(entry: Mapping[str, Any], time: datetime) -> _Asked:
    request = str(entry["request"])
    found = _WHERE.search(request)
    conditions = () if found is None else (one.strip() for one in found[1].split(" AND "))
    return _Asked(
        entry=int(entry["seq"]),
        time=time,
        rest=_WHERE.sub("", request),
        conditions=frozenset(conditions),
    )
