"""What stewards do with declarations in a deployment: look, try out, sign, put in force, stop."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from gateway.errors import NotFoundError, RequestError
from gateway.governing.activation import (
    Activation,
    activate,
    active_set,
    approvals_in,
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
from policies.approvals import ApprovalKey
from policies.dsse import parse_envelope
from policies.errors import ApprovalError
from policies.signatures import Statement
from query.ports import Receipt

__all__ = ["Pending", "Stewardship", "check_name"]

_FOLDERS: Final = ("datasets", "projects", "tests", "refdata", "keys")
_MOST_QUESTIONS: Final = 2000
"""Questions of the past that are asked again at most: the newest."""
_MOST_CHARS: Final = 200
_ENDINGS: Final = frozenset({".yaml", ".csv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The folder of declarations beside what is in force.

    Attributes:
        standing: What is in force, and what is suspended.
        active: The set in force; None where nothing is.
        trial: What the folder would change.
        signers: Persons with a signature over exactly this change, with the ids of their keys.
    """

    standing: PolicyStanding
    active: PolicySet | None
    trial: Trial
    signers: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> Mapping[str, ApprovalKey]:
        """Keys of those who may approve the change, by id."""
        deciding = self.active or self.trial.policies
        return {} if deciding is None else deciding.keys

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
        return replace(found, signers=dict(self._signers(found)))

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
        statement, envelope = pending.statement, parse_envelope(raw)
        key = next((one for one in pending.keys.values() if envelope.signed_by(one.verifier)), None)
        if key is None or statement is None or not _is_over(envelope.payload, statement):
            raise ApprovalError(
                "this is no signature of a known key over the declarations as they stand here",
                code="APP-STALE",
                remedy="load the page anew, and sign what it shows",
            )
        name = statement.digest.removeprefix("sha256:")
        keep_signature(self._settings.policies, name, key.id, envelope)
        return key.spec.person

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

    def _signers(self, pending: Pending) -> Iterator[tuple[str, str]]:
        statement = pending.statement
        if statement is None:
            return
        name = statement.digest.removeprefix("sha256:")
        for raw in approvals_in(self._settings.policies, name):
            try:
                envelope = parse_envelope(raw)
            except ApprovalError:
                continue  # what is no approval counts for nothing
            for key in pending.keys.values():
                if envelope.signed_by(key.verifier) and _is_over(envelope.payload, statement):
                    yield key.spec.person, key.id

    @contextmanager
    def _copy(self, files: Mapping[str, str]) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="gateway-trial-") as temporary:
            root = Path(temporary)
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="")
            yield root


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


def _is_over(payload: bytes, statement: Statement) -> bool:
    """Say whether a payload is the statement, signed at whatever time it names."""
    marker = b'"signed_at":"'
    start = payload.find(marker) + len(marker)
    try:
        time = datetime.fromisoformat(payload[start : payload.find(b'"', start)].decode())
        return payload == statement.payload(time.astimezone(UTC))
    except ValueError:
        return False
