"""What stewards do with declarations in a deployment: look, try out, sign, put in force, stop."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from gateway.errors import NotFoundError, RequestError
from gateway.governing.activation import (
    Activation,
    activate,
    active_set,
    approvals_in,
    author_of,
    deciding_set,
    demand_of,
    keep_signature,
    statement_of,
)
from gateway.governing.history import questions_asked
from gateway.governing.simulation import simulate
from gateway.governing.suspension import (
    Stopping,
    check_goes_on,
    suspend,
    suspend_statement,
)
from gateway.governing.trials import Trial, tried_out
from gateway.ledger.records import PolicyStanding
from gateway.ledger.sqlite import SqliteLedger
from gateway.settings import Settings
from policies.active import PolicySet
from policies.approvals import ApprovalKey, Demand
from policies.dsse import parse_envelope
from policies.errors import ApprovalError
from policies.signatures import Electorate, Statement, Verdict, judge_approval
from query.ports import Receipt

__all__ = ["Pending", "Signer", "Stewardship", "check_name"]

_FOLDERS: Final = ("datasets", "projects", "tests", "refdata", "keys")
_MOST_QUESTIONS: Final = 2000
"""Questions of the past that are asked again at most: the newest."""
_MOST_CHARS: Final = 200
_ENDINGS: Final = frozenset({".yaml", ".csv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Somebody who signed the pending change.

    Attributes:
        key: The key that signed.
        problem: Why that does not count; None where it does.
    """

    key: ApprovalKey
    problem: ApprovalError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The folder of declarations beside what is in force.

    Attributes:
        standing: What is in force, and what is suspended.
        active: The set in force; None where nothing is.
        trial: What the folder would change.
        signers: Persons with a signature over exactly this change, whether or not it counts.
    """

    standing: PolicyStanding
    active: PolicySet | None
    trial: Trial
    signers: Mapping[str, Signer] = field(default_factory=dict)

    @property
    def demand(self) -> Demand | None:
        """How many have to sign the change, in which roles; None where nobody has to."""
        declared, change = self.trial.policies, self.trial.change
        if declared is None or change is None:
            return None
        deciding = deciding_set(self.active, declared)
        if deciding.approvals is None or not deciding.needs_approval:
            return None
        return demand_of(deciding.approvals.spec, change.value)

    def judged(self, raw: bytes, now: datetime) -> Verdict | None:
        """Return whether an approval counts for the change; None where none is asked for."""
        declared, statement, demand = self.trial.policies, self.statement, self.demand
        if declared is None or statement is None or demand is None:
            return None
        electorate = Electorate.of(deciding_set(self.active, declared), author_of(declared))
        return judge_approval(raw, statement, demand, electorate, now)

    @property
    def is_in_force(self) -> bool:
        """Whether the folder is what is in force."""
        return self.trial.policies is not None and (
            self.trial.policies.digest == self.standing.policy
        )

    @property
    def statement(self) -> Statement | None:
        """What is signed to put the folder in force; None where something is wrong."""
        if self.trial.policies is None or self.trial.lint.errors:
            return None
        return statement_of(self.trial.policies.digest, self.standing.state)


class Stewardship:
    """The declarations of one deployment, for its stewards.

    Args:
        settings: Of the deployment.
        ledger: Open.
    """

    def __init__(self, settings: Settings, ledger: SqliteLedger) -> None:
        self._settings = settings
        self._ledger = ledger
        self._last: tuple[object, Trial] | None = None

    def files(self) -> Mapping[str, str]:
        """Return the texts of all declarations, by path relative to their folder, sorted."""
        root = self._settings.policies
        paths = [
            *root.glob("*.yaml"),
            *(one for name in _FOLDERS for one in (root / name).rglob("*")),
        ]
        return {
            path.relative_to(root).as_posix(): path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(paths)
            if path.is_file() and path.suffix in _ENDINGS
        }

    def pending(self, now: datetime) -> Pending:
        """Return what the folder holds, and what putting it in force would change."""
        standing, active = self._ledger.standing(), active_set(self._settings, self._ledger)
        trial = self._current_trial(active, now)
        found = Pending(standing=standing, active=active, trial=trial)
        return replace(found, signers=dict(self._signers(found, now)))

    def try_out(self, name: str, text: str, now: datetime, *, days: int | None = None) -> Trial:
        """Return what would come of the folder with one file written otherwise; nothing is kept.

        Args:
            name: Of a file of the folder, as ``files`` has it, or a new one of the same folders.
            text: What would stand in it.
            now: The time, UTC.
            days: Ask the questions of so many last days again; None asks none.

        Raises:
            NotFoundError: If a declaration cannot have that name.
        """
        check_name(name)
        active = active_set(self._settings, self._ledger)
        with self._copy({**self.files(), name: text}) as folder:
            trial = tried_out(folder, active, now)
        if days is None or trial.policies is None or active is None:
            return trial
        simulation = simulate(
            deque(questions_asked(self._settings.ledger), maxlen=_MOST_QUESTIONS),
            active,
            trial.policies,
            now - timedelta(days=days),
        )
        return replace(trial, simulation=simulation)

    def keep_approval(self, raw: bytes, now: datetime) -> str:
        """Keep a signature over the pending change; return whose it is.

        Raises:
            ApprovalError: If it is not one by a known key over exactly this change.
        """
        pending = self.pending(now)
        envelope, verdict = parse_envelope(raw), pending.judged(raw, now)
        if verdict is not None and verdict.key is None:
            raise ApprovalError(
                "no key of the declarations in force made this signature",
                code="APP-SIGNATURE",
                remedy="sign with a key that is among the declarations in force (keys/)",
            )
        signer = None if verdict is None else _signer(verdict)
        if signer is None or pending.statement is None:
            raise ApprovalError(
                "what was signed is not the change that waits here",
                code="APP-STALE",
                remedy="load the page anew, and sign what it shows",
            )
        name = pending.statement.digest.removeprefix("sha256:")
        keep_signature(self._settings.policies, name, signer.key.id, envelope)
        return signer.key.spec.person

    def activate(self, now: datetime, actor: str) -> Activation:
        """Put the folder in force, if it is sound and those approve who have to.

        Args:
            now: Signatures must be valid at this time, UTC.
            actor: Opaque id of who does it.
        """
        return activate(self._settings, self._ledger, now, actor=actor)

    def stop_to_sign(self, name: str, reason: str) -> Statement | None:
        """Return what somebody has to sign to stop a dataset or a project now; None for nothing.

        Args:
            name: ``dataset/ID`` or ``project/ID``.
            reason: One of ``gateway.governing.suspension.REASONS``.

        Raises:
            OperatorError: If it names nothing that is in force, or what is suspended already.
        """
        stopping = Stopping.of(name, self._settings, self._ledger)
        check_goes_on(stopping, self._ledger)
        if stopping.approvals is None:
            return None
        return suspend_statement(stopping, reason, self._ledger.last_turn(stopping.subject))

    def suspend(
        self, name: str, reason: str, now: datetime, actor: str, raw: bytes | None = None
    ) -> Receipt:
        """Stop a dataset or a project at once.

        Args:
            name: ``dataset/ID`` or ``project/ID``.
            reason: One of ``gateway.governing.suspension.REASONS``.
            now: When.
            actor: Opaque id of who stops it.
            raw: The signed statement, where approvals are asked for.
        """
        parts = (self._settings, self._ledger)
        stopping = replace(Stopping.of(name, *parts), actor=actor)
        return suspend(stopping, reason, raw, parts, now)

    def _current_trial(self, active: PolicySet | None, now: datetime) -> Trial:
        """Return what the folder would change; computed anew only where something else is there."""
        state = (self.files(), None if active is None else active.digest, now.date())
        last = self._last
        if last is None or last[0] != state:
            last = (state, tried_out(self._settings.policies, active, now))
            self._last = last
        return last[1]

    def _signers(self, pending: Pending, now: datetime) -> Iterator[tuple[str, Signer]]:
        """Find who signed the change; of several keys of a person, one that counts."""
        statement = pending.statement
        if statement is None:
            return
        name = statement.digest.removeprefix("sha256:")
        verdicts = [pending.judged(raw, now) for raw in approvals_in(self._settings.policies, name)]
        signers = [_signer(verdict) for verdict in verdicts if verdict is not None]
        found = [one for one in signers if one is not None]
        for one in sorted(found, key=lambda signer: signer.problem is None):
            yield one.key.spec.person, one

    @contextmanager
    def _copy(self, files: Mapping[str, str]) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="gateway-trial-") as temporary:
            root = Path(temporary)
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="")
            yield root


def _signer(verdict: Verdict) -> Signer | None:
    """Return who signed the very statement; None where nobody known did."""
    problem = verdict.problem
    if verdict.key is None or (problem is not None and problem.code == "APP-STALE"):
        return None
    return Signer(key=verdict.key, problem=problem)


def check_name(name: str) -> None:
    """Refuse a name that no declaration can have.

    Raises:
        RequestError: If it has other letters than ASCII's: no header has room for them.
        NotFoundError: If it leads out of the folder, or is none that is read.
    """
    if not name.isascii():
        raise RequestError(
            "the name of the declaration has letters that are not ASCII",
            remedy="name its file in a to z, 0 to 9, '-', '_' and '.'",
        )
    path = PurePosixPath(name)
    parts = path.parts
    fits = len(parts) == 1 or (len(parts) == 2 and parts[0] in _FOLDERS)  # noqa: PLR2004  a folder and a file
    plain = all(part.replace("-", "").replace("_", "").replace(".", "").isalnum() for part in parts)
    named = name == path.as_posix() and len(name) <= _MOST_CHARS and path.suffix in _ENDINGS
    if not (fits and plain and named):
        raise NotFoundError("there is no such declaration", remedy="choose one of the list")
