"""Records made from the stored rows, and what is decided upon before and after that."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Literal, cast

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.keys import derive_key, pseudonym
from anonymizers.risk import Classes, classes_at
from anonymizers.tables.plan import TablePlan
from anonymizers.tables.release import ReleaseKeys, TableRelease, release_table
from gateway.records import Asked
from gateway.releases.rows import count_rows, leaving_roles, over_stored, read_rows, row_names
from gateway.storage import Manifest as SnapshotManifest
from gateway.storage import OpenSnapshot
from policies.datasets import Table
from policies.record_facts import Measured, RecordCriteria, ReleaseFacts, Scorecard, TextReading
from policies.text_operators import Profile

__all__ = ["Wanted", "classes_of", "counted", "facts_of", "fewest", "made", "mark_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for.

    Attributes:
        asked: Who asks, for which project, of which dataset, and why.
        recipient: Who gets it; a member of the project.
        table: Declared table.
        plan: What becomes of its columns.
        plan_file: The bytes of the plan, for who approves.
        form: Of the file that leaves.
        scorecard: What was measured of the reading of texts, and the digest of that file.
    """

    asked: Asked
    recipient: str
    table: str
    plan: TablePlan
    plan_file: bytes
    form: Literal["csv", "parquet"]
    scorecard: tuple[Scorecard, str] | None = None


def mark_key(master: bytes, dataset: str, release: str) -> bytes:
    """Return the key of a release's stand-ins, which marks each of them as this release's."""
    return derive_key(master, purpose="release", dataset=dataset, scope=release)


def facts_of(wanted: Wanted, snapshot: SnapshotManifest | None) -> ReleaseFacts:
    """Return what a policy decides upon.

    Args:
        wanted: What is asked for.
        snapshot: The state of the data; None where there is none, or it may not be known.
    """
    criteria, text = wanted.plan.criteria, None
    if snapshot is not None and snapshot.text_engine:
        profile = cast("Profile", snapshot.text_profile)
        text = TextReading(engine=snapshot.text_engine, profile=profile)
    return ReleaseFacts(
        table=wanted.table,
        columns=leaving_roles(wanted.plan),
        criteria=RecordCriteria(
            k=criteria.k,
            l=criteria.l,
            t=None if criteria.t is None else _exact(criteria.t),
            suppression=_exact(criteria.suppression),
        ),
        recipient=wanted.recipient,
        text=text,
        scorecard=None if wanted.scorecard is None else wanted.scorecard[0],
    )


def _exact(share: float) -> Decimal:
    return Decimal(str(share))


def made(wanted: Wanted, snapshot: OpenSnapshot, table: Table, key: bytes) -> TableRelease:
    """Return the records, with the risk before and after.

    Args:
        wanted: What is asked for.
        snapshot: Where the rows are.
        table: Declaration of their table.
        key: Of the stand-ins, as ``mark_key`` gives it.

    Raises:
        DeclarationError: ``DEID-NO-RELEASE`` if no release meets the plan's criteria.
    """
    names = tuple(leaving_roles(wanted.plan))
    return release_table(
        read_rows(snapshot, wanted.table, table, names),
        over_stored(wanted.plan, names),
        ReleaseKeys(pseudonyms=key, shift=key, text=key),  # no date moves, no text is read again
    )


def classes_of(
    release: TableRelease, snapshot: OpenSnapshot, wanted: Wanted, table: Table, master: bytes
) -> Classes:
    """Return which row is in which class, or left out, under stand-ins for this purpose alone.

    Args:
        release: As ``made`` gave it.
        snapshot: Where its rows were.
        wanted: What is asked for.
        table: Declaration of their table.
        master: Master secret of the deployment.
    """
    key = derive_key(master, purpose="release-classes", dataset=wanted.asked.dataset)
    units, rows = row_names(snapshot, wanted.table, table)
    kept = pc.is_in(pa.array(range(len(rows)), pa.int64()), value_set=release.kept)
    codes = classes_at(release.quasi_identifiers, release.choice.node)
    return Classes(
        rows=pa.array([pseudonym(key, row) for row in rows], pa.string()),
        units=pa.array([pseudonym(key, unit) for unit in units], pa.string()),
        codes=pc.if_else(kept, codes, pa.scalar(None, pa.int64())),
        sensitive=release.sensitive,
    )


def fewest(snapshot: OpenSnapshot, facts: ReleaseFacts) -> Measured:
    """Return how many rows would leave at least, so that too large a table is not read at all."""
    left = 1 - facts.criteria.suppression
    return Measured(rows=ceil(count_rows(snapshot, facts.table) * left), reached=facts.criteria)


def counted(release: TableRelease) -> Measured:
    """Return what was counted in records that were made."""
    after, rows = release.after, release.before.rows
    told = after.diversity
    return Measured(
        rows=after.rows,
        reached=RecordCriteria(
            k=after.k,
            l=1 if told is None else told.l,
            t=Decimal(0) if told is None else _exact(told.distance),
            suppression=Decimal(after.suppressed) / rows if rows else Decimal(0),
        ),
    )
