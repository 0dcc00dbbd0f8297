"""Which witnesses must have cosigned a checkpoint: quorums, as code and as a policy file.

Source: C2SP tlog-policy, https://c2sp.org/tlog-policy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.audit.checkpoint import VerifierKey, parse_vkey
from gateway.audit.cosignature import WitnessKey, parse_witness_key
from gateway.audit.errors import LogError

__all__ = ["Group", "Quorum", "WitnessPolicy", "parse_policy", "threshold_policy"]

_NONE: Final = "none"
_MAX_CHARS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Group:
    """Has cosigned where ``least`` of its members have; members are witnesses or groups."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """What a checkpoint's cosignatures are worth.

    Attributes:
        met: Whether those have cosigned that must have.
        time: Since when they all have, in seconds since 1970; None where that is not met, or
            nobody has to.
        cosigned: When each witness has, by the witness's name in the policy.
    """

    met: bool
    time: int | None
    cosigned: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessPolicy:
    """Known logs, known witnesses, and who of them must have cosigned.

    Attributes:
        logs: Keys of logs; empty where the log is known otherwise.
        witnesses: By the name in the policy.
        urls: Where some of them are asked, by the same names.
        groups: By name.
        quorum: Name of a witness or a group; ``none`` where nobody has to cosign.
    """

    logs: tuple[VerifierKey, ...] = ()
    witnesses: Mapping[str, WitnessKey] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = _NONE

    def judge(self, note: str) -> Quorum:
        """Return what the cosignatures on a checkpoint are worth.

        Raises:
            LogError: If the note is malformed, or a known witness's cosignature does not hold.
        """
        times = {name: key.cosigned_at(note) for name, key in self.witnesses.items()}
        cosigned = {name: time for name, time in times.items() if time is not None}
        if self.quorum == _NONE:
            return Quorum(met=True, time=None, cosigned=cosigned)
        time = self._time(self.quorum, cosigned)
        return Quorum(met=time is not None, time=time, cosigned=cosigned)

    def _time(self, name: str, cosigned: Mapping[str, int]) -> int | None:
        """Since when a witness or a group has cosigned."""
        group = self.groups.get(name)
        if group is None:
            return cosigned.get(name)
        found = [self._time(member, cosigned) for member in group.members]
        times = sorted((time for time in found if time is not None), reverse=True)
        return times[group.least - 1] if len(times) >= group.least else None


def threshold_policy(keys: Sequence[str], least: int, urls: Mapping[str, str]) -> WitnessPolicy:
    """Return the policy that ``least`` of some witnesses must have cosigned.

    Args:
        keys: Their vkeys.
        least: How many; 0 where nobody has to.
        urls: Where they are asked, by the names in their keys.

    Raises:
        LogError: If a key cannot be used, or stands twice.
    """
    witnesses = {key.name: key for key in map(parse_witness_key, keys)}
    if len(witnesses) < len(keys) or len({one.public for one in witnesses.values()}) < len(keys):
        raise _bad_policy("names a witness or a key twice")
    groups = {"": Group(least, tuple(witnesses))} if least else {}
    known = {name: url for name, url in urls.items() if name in witnesses}
    return WitnessPolicy(
        witnesses=witnesses, urls=known, groups=groups, quorum="" if least else _NONE
    )


def parse_policy(text: str) -> WitnessPolicy:
    """Read a policy file.

    Raises:
        LogError: If it is not of that form; names the line.
    """
    reading = _Reading()
    if len(text) > _MAX_CHARS or re.search(r"[^\t\n -~\x80-\U0010ffff]", text):
        raise _bad_policy("is too long, or has control characters")
    for number, line in enumerate(text.split("\n"), start=1):
        words = re.split(r"[ \t]+", line.strip(" \t"))
        if words != [""] and not words[0].startswith("#") and not reading.take(words):
            raise _bad_policy(f"has a line that none has, line {number}")
    if reading.quorum is None:
        raise _bad_policy("does not name a quorum")
    return WitnessPolicy(
        logs=tuple(reading.logs),
        witnesses=reading.witnesses,
        urls=reading.urls,
        groups=reading.groups,
        quorum=reading.quorum,
    )


@dataclass(slots=True)
class _Reading:
    """What was read of a policy file so far."""

    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, WitnessKey] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str | None = None
    _members: set[str] = field(default_factory=set)

    def take(self, words: Sequence[str]) -> bool:
        """Read one line; say whether it may stand there."""
        match words:
            case ["log", key] | ["log", key, _]:
                log = parse_vkey(key)
                self.logs.append(log)
                return log.public not in {one.public for one in self.logs[:-1]}
            case ["witness", name, key, *url] if len(url) <= 1 and self._is_new(name):
                witness = parse_witness_key(key)
                known = {one.public for one in self.witnesses.values()}
                self.witnesses[name] = witness
                self.urls.update(dict.fromkeys((name,) * len(url), "".join(url)))
                return witness.public not in known
            case ["group", name, least, *members] if members and self._is_new(name):
                return self._group(name, least, tuple(members))
            case ["quorum", name] if self.quorum is None:
                self.quorum = name
                return name == _NONE or self._is_known(name)
            case _:
                return False

    def _group(self, name: str, least: str, members: tuple[str, ...]) -> bool:
        free = not self._members & {*members} and len({*members}) == len(members)
        self._members.update(members)
        counts = {"any": 1, "all": len(members)}
        if re.fullmatch("[1-9][0-9]{0,8}", least):
            counts[least] = int(least)
        self.groups[name] = Group(counts.get(least, 0), members)
        fits = 1 <= self.groups[name].least <= len(members)
        return fits and free and all(map(self._is_known, members)) and name not in members

    def _is_new(self, name: str) -> bool:
        return name not in {_NONE, *self.witnesses, *self.groups}

    def _is_known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups


def _bad_policy(reason: str) -> LogError:
    return LogError(
        f"the policy of witnesses {reason}",
        code="LOG-WITNESS-POLICY",
        remedy="write it as https://c2sp.org/tlog-policy says",
    )
