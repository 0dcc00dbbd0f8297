"""What became of jobs, and of requests with an Idempotency-Key: an SQLite file of its own.

It is no part of the ledger: what is charged, and what was answered, is there. Here is only which
request was given which, for as long as the settings say; what is lost with this file is that.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.errors import OperatorError
from gateway.jobs.claims import Claim
from gateway.jobs.errors import JobsFaultError
from gateway.jobs.records import Asking, JobRecord, Outcome
from gateway.jobs.watch import State
from gateway.ledger.boots import Boot

__all__ = ["JobStore"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS job(
  id TEXT PRIMARY KEY,
  user TEXT NOT NULL,
  project TEXT NOT NULL,
  dataset TEXT NOT NULL,
  scope BLOB UNIQUE,
  fingerprint BLOB,
  boot TEXT NOT NULL,
  created TEXT NOT NULL,
  ended TEXT,
  state TEXT NOT NULL,
  charged BLOB,
  answer BLOB,
  problem BLOB,
  sql TEXT,
  CHECK ((scope IS NULL) = (fingerprint IS NULL))
) STRICT;
CREATE INDEX IF NOT EXISTS job_of_user ON job(project, user, created);
CREATE INDEX IF NOT EXISTS job_by_age ON job(created);
"""
_COLUMNS: Final = (
    "id, user, project, dataset, fingerprint, created, ended, state, charged, answer, problem, sql"
)
_LISTED_COLUMNS: Final = _COLUMNS.replace("answer", "NULL")
"""What a list shows: all but the answers, which are large."""
_LISTED: Final = 100


class JobStore:
    """Jobs and their outcomes; safe among threads, and among processes that have it open.

    Every method raises JobsFaultError where the file cannot be read or written.

    Args:
        path: The SQLite file; made if it does not exist; from now on its owner's only.
        keep: For how long after its beginning what became of a job is told.

    Raises:
        OperatorError: If the file cannot be opened.
    """

    def __init__(self, path: Path, keep: timedelta) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        try:
            path.touch(mode=0o600, exist_ok=True)
            path.chmod(0o600)  # one that was there, such as from a copy, holds answers as well
            self._boot = Boot(path.with_name(f"{path.name}-boots"))
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=10
            )
            # Durable when it returns, as in the ledger: a key is claimed before it is charged.
            for pragma in ("journal_mode = TRUNCATE", "synchronous = FULL", "fullfsync = ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(_SCHEMA)
            self._add_sql()
        except (OSError, sqlite3.Error, JobsFaultError):
            raise OperatorError(
                "the file of jobs cannot be opened",
                code="CFG-JOBS",
                remedy="check the owner and the free space of the folder of the ledger",
                file=str(path),
            ) from None

    def start(self) -> tuple[JobRecord, ...]:
        """Be known as running; return the open jobs of processes that ended."""
        with self._boot.starting(), self._writing() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS}, boot FROM job WHERE ended IS NULL"  # noqa: S608  names of ours
            ).fetchall()
            return tuple(_record(row[:-1]) for row in rows if not self._boot.is_running(row[-1]))

    def begin(
        self,
        job: str,
        asking: Asking,
        claim: Claim | None,
        now: datetime,
        sql: str | None = None,
    ) -> JobRecord:
        """Keep a new job, or return the one that has its claim already; durable when it returns.

        Args:
            job: Id of the new one.
            asking: Whose it is.
            claim: Under which no other one may be.
            now: The time, UTC.
            sql: The question, if it is answered in the background.
        """
        scope, fingerprint = (None, None) if claim is None else (claim.scope, claim.fingerprint)
        with self._writing() as connection:
            connection.execute(
                "DELETE FROM job WHERE created < ? AND ended IS NOT NULL",
                (_text(now - self._keep),),
            )
            connection.execute(
                "INSERT INTO job(id, user, project, dataset, scope, fingerprint, boot, created,"
                " state, sql) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(scope) DO NOTHING",
                (
                    job,
                    asking.user,
                    asking.project,
                    asking.dataset,
                    scope,
                    fingerprint,
                    self._boot.id,
                    _text(now),
                    State.QUEUED.value,
                    sql,
                ),
            )
            where, value = ("id", job) if scope is None else ("scope", scope)
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM job WHERE {where} = ?",  # noqa: S608  names of ours
                (value,),
            ).fetchone()
        return _record(row)

    def end(self, job: str, outcome: Outcome, now: datetime) -> None:
        """Keep what became of a job; of one that has ended, nothing is changed."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE job SET state = ?, ended = ?, charged = ?, answer = ?, problem = ?"
                " WHERE id = ? AND ended IS NULL",
                (
                    outcome.state.value,
                    _text(now),
                    outcome.charged,
                    outcome.answer,
                    outcome.problem,
                    job,
                ),
            )

    def release(self, job: str) -> None:
        """Let go of a job's claim, so that the same request is tried again."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE job SET scope = NULL, fingerprint = NULL WHERE id = ?", (job,)
            )

    def forget(self, job: str) -> None:
        """Forget a job and its claim."""
        with self._writing() as connection:
            connection.execute("DELETE FROM job WHERE id = ?", (job,))

    def find(self, job: str) -> JobRecord | None:
        """Return a job, or None."""
        return self._one("id", job)

    def claimed(self, claim: Claim) -> JobRecord | None:
        """Return the job that has a claim's scope, or None."""
        return self._one("scope", claim.scope)

    def of_user(self, project: str, user: str) -> tuple[JobRecord, ...]:
        """Return a user's last hundred jobs in a project, the newest first; without answers."""
        return self._listed("project = ? AND user = ?", (project, user), _LISTED)

    def left_by(self, project: str, user: str, most: int) -> tuple[JobRecord, ...]:
        """Return a user's last questions in the background, the newest first; without answers."""
        where = "project = ? AND user = ? AND sql IS NOT NULL"
        return self._listed(where, (project, user), most)

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        with self._lock:
            self._boot.end()
            self._connection.close()

    def _add_sql(self) -> None:
        """Add what a file of an earlier version lacks."""
        with self._writing() as connection:
            columns = {row[1] for row in connection.execute("PRAGMA table_info(job)")}
            if "sql" not in columns:
                connection.execute("ALTER TABLE job ADD COLUMN sql TEXT")

    def _one(self, where: str, value: str | bytes) -> JobRecord | None:
        with self._using() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM job WHERE {where} = ?",  # noqa: S608  names of ours
                (value,),
            ).fetchone()
        return None if row is None else _record(row)

    def _listed(self, where: str, values: tuple[str, ...], most: int) -> tuple[JobRecord, ...]:
        with self._using() as connection:
            rows = connection.execute(
                f"SELECT {_LISTED_COLUMNS} FROM job WHERE {where}"  # noqa: S608  names of ours
                " ORDER BY created DESC, id LIMIT ?",
                (*values, most),
            ).fetchall()
        return tuple(_record(row) for row in rows)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._using() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error:
                raise JobsFaultError from None  # a vendor's words are nobody's to read


def _record(row: tuple[object, ...]) -> JobRecord:
    job, user, project, dataset, fingerprint, created, ended, state, *told = row
    charged, answer, problem, sql = told
    done = State(state)
    return JobRecord(
        id=str(job),
        asking=Asking(user=str(user), project=str(project), dataset=str(dataset)),
        fingerprint=_bytes(fingerprint),
        created=datetime.fromisoformat(str(created)),
        ended=None if ended is None else datetime.fromisoformat(str(ended)),
        outcome=None
        if ended is None
        else Outcome(
            state=done, charged=_bytes(charged), answer=_bytes(answer), problem=_bytes(problem)
        ),
        sql=None if sql is None else str(sql),
    )


def _bytes(value: object) -> bytes | None:
    return value if isinstance(value, bytes) else None


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds")
