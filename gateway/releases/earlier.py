"""What a project or a person was given of a dataset before, and what all of it tells together.

Beside the records of each release lies which row stands in which of its classes, under stand-ins
of its own; it never leaves, and goes when the release is destroyed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from anonymizers.risk import Classes, Diversity, Sensitive, joint_diversity, smallest_joint
from gateway.audit.database import Connection
from gateway.errors import OperatorError
from gateway.records import RecordDoor
from gateway.releases.folder import CLASSES, MANIFEST, ReleaseFolder
from gateway.releases.manifest import EarlierRelease, Manifest, read_manifest
from gateway.releases.states import ReleaseState, release_states, states_in
from policies.record_facts import Joint, RecordCriteria, RecordRole, Told

__all__ = [
    "Earlier",
    "Scope",
    "check_none_between",
    "classes_file",
    "destroyed_releases",
    "earlier_releases",
    "joint",
    "reached",
    "read_classes",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose releases are looked at together: those of a dataset to a project or to a person.

    Attributes:
        dataset: Of what.
        project: To whom, or
        recipient: to whom.
        exported: Only those that left; else those that are asked for, too.
        but: A release that is left out: the one that is judged.
    """

    dataset: str
    project: str
    recipient: str
    exported: bool = False
    but: str = ""

    def holds(self, state: ReleaseState) -> bool:
        """Say whether a release is one of them; what was destroyed is none."""
        gone = state.destroyed is not None or (self.exported and not state.exported)
        return self._is_theirs(state) and not gone

    def held(self, state: ReleaseState) -> bool:
        """Say whether a release left and was destroyed since: they had it, and may know of it."""
        return self._is_theirs(state) and bool(state.exported) and state.destroyed is not None

    def _is_theirs(self, state: ReleaseState) -> bool:
        one = state.request
        theirs = self.project == one.project or self.recipient == one.recipient
        return one.dataset == self.dataset and theirs and one.release != self.but


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A release that was made before.

    Attributes:
        state: What became of it.
        manifest: What it is.
        classes: Which row is in which of its classes; None where that was not kept.
    """

    state: ReleaseState
    manifest: Manifest
    classes: Classes | None

    @property
    def shown(self) -> EarlierRelease:
        """What those see of it who approve the next one."""
        one = self.manifest
        return EarlierRelease(
            release=one.release,
            table=one.table,
            project=one.project,
            recipient=one.recipient,
            state=self.state.word,
            until=one.until,
            coding=one.coding,
        )


def earlier_releases(door: RecordDoor, scope: Scope) -> tuple[Earlier, ...]:
    """Return the releases of a scope, in the order of their requests.

    Raises:
        OperatorError: ``REL-CHANGED`` if the files of one are gone, or are not those that were
            made.
    """
    states = release_states(door.settings.ledger)
    return tuple(_earlier(door, one) for one in states.values() if scope.holds(one))


def destroyed_releases(door: RecordDoor, scope: Scope) -> tuple[EarlierRelease, ...]:
    """Return what those who approve see of releases of a scope that left and were destroyed since.

    They are not counted together with others; that no copy is left is what somebody said.
    """
    states = release_states(door.settings.ledger)
    return tuple(_as_logged(door, one) for one in states.values() if scope.held(one))


def joint(this: Classes | None, manifest: Manifest, earlier: Sequence[Earlier]) -> Joint | None:
    """Return what the classes have that a release and earlier ones of its table have together.

    Args:
        this: Classes of the release; None where an earlier version made it.
        manifest: What it is.
        earlier: Releases to the same project or person, of whatever table.

    Returns:
        None where there is no earlier release of the table.

    Raises:
        OperatorError: ``REL-EARLIER`` if it cannot be told which row of an earlier release is which
            of this one, or what one of them tells.
    """
    others = [one for one in earlier if one.manifest.table == manifest.table]
    if not others:
        return None
    found = [
        (one.classes, one.manifest.facts.criteria)
        for one in others
        if one.classes is not None and _is_comparable(manifest, one.classes, one.manifest)
    ]
    if this is None or not _has_what_it_tells(manifest, this) or len(found) != len(others):
        raise OperatorError(
            "an earlier release of the table is of another state of the data, or one of both is of "
            "an earlier version, so that it cannot be counted what they tell together",
            code="REL-EARLIER",
            remedy="destroy the earlier release once its recipient has, and request this one again",
        )
    asked = [(this, manifest.facts.criteria), *found]
    counted = [classes for classes, _ in asked]
    units = smallest_joint(counted) or 0
    told = ((one, joint_diversity(counted, classes)) for classes, one in asked)
    return Joint(
        units=units,
        least_k=max(one.k for _, one in asked),
        told=tuple(_told(one, worst) for one, worst in told if worst is not None),
    )


def reached(classes: Classes | None, asked: RecordCriteria) -> RecordCriteria:
    """Return what the classes of a release have of l and t, as they are counted today.

    An earlier version may have made it, by other rules. k and what was left out are as asked for.

    Args:
        classes: Of the release; None where they were not kept, and then it has what was asked.
        asked: What the release was made to meet.
    """
    worst = None if classes is None else joint_diversity([classes], classes)
    if worst is None:
        return asked
    return replace(asked, l=worst.l, t=Decimal(str(worst.distance)))


def _told(asked: RecordCriteria, worst: Diversity) -> Told:
    distance = Decimal(str(worst.distance))
    return Told(least_l=asked.l, most_t=asked.t, l=worst.l, t=distance)


def check_none_between(scope: Scope, compared: Sequence[Earlier], connection: Connection) -> None:
    """Check that there is no release of a scope but those that were compared.

    Raises:
        OperatorError: ``REL-MEANWHILE`` if another was asked for, or left, in between.
    """
    known = {one.manifest.release for one in compared}
    if {name for name, state in states_in(connection).items() if scope.holds(state)} - known:
        raise OperatorError(
            "another release of the dataset to the same project or person came in between",
            code="REL-MEANWHILE",
            remedy="give the command again",
        )


def classes_file(classes: Classes) -> bytes:
    """Return the file of the classes of a release."""
    out = BytesIO()
    columns = {"row": classes.rows, "unit": classes.units, "class": classes.codes}
    described: dict[str, str] = {}
    if (told := classes.sensitive) is not None:
        columns["told"] = told.codes
        absent = "" if told.absent is None else str(told.absent)
        described = {"name": told.name, "distance": told.distance, "absent": absent}
    table = pa.table(columns).sort_by("row")
    parquet.write_table(table.replace_schema_metadata(described), out)
    return out.getvalue()


def _earlier(door: RecordDoor, state: ReleaseState) -> Earlier:
    folder = ReleaseFolder(door.settings.releases, state.request.release)
    manifest = folder.manifest(state.request.manifest)
    return Earlier(state=state, manifest=manifest, classes=read_classes(folder, manifest))


def _as_logged(door: RecordDoor, state: ReleaseState) -> EarlierRelease:
    """Return what the log has of a release; how coarse it was, only where that is still kept."""
    one, coding = state.request, dict[str, str]()
    with suppress(OperatorError):  # its files may be gone: it was destroyed
        file = ReleaseFolder(door.settings.releases, one.release).path / MANIFEST
        coding = dict(read_manifest(file, one.manifest)[0].coding)
    return EarlierRelease(
        release=one.release,
        table=one.table,
        project=one.project,
        recipient=one.recipient,
        state=state.word,
        until=date.fromisoformat(one.until),
        coding=coding,
    )


def read_classes(folder: ReleaseFolder, manifest: Manifest) -> Classes | None:
    """Return the classes of a release; None where an earlier version made it.

    Raises:
        OperatorError: ``REL-CHANGED`` if the file is gone, or is another.
    """
    if manifest.classes is None:
        return None
    raw = folder.proved(CLASSES, manifest.classes)
    table = parquet.read_table(BytesIO(raw)).combine_chunks()
    rows, units, codes = (table[name].combine_chunks() for name in ("row", "unit", "class"))
    return Classes(rows=rows, units=units, codes=codes, sensitive=_sensitive(table))


def _sensitive(table: pa.Table) -> Sensitive | None:
    if "told" not in table.column_names:
        return None
    said = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    return Sensitive(
        name=said["name"],
        codes=table["told"].combine_chunks(),
        distance="ordered" if said["distance"] == "ordered" else "equal",
        absent=int(said["absent"]) if said["absent"] else None,
    )


def _has_what_it_tells(manifest: Manifest, classes: Classes) -> bool:
    """Say whether it was kept what a release tells of its sensitive column, if it has one.

    A release that waited through an upgrade may be of a version that did not.
    """
    return classes.sensitive is not None or RecordRole.SENSITIVE not in manifest.columns.values()


def _is_comparable(this: Manifest, classes: Classes, other: Manifest) -> bool:
    """Say whether one row has one name in both, which holds within one state of the data alone.

    The stored number of a unit is its place in the order of one snapshot: one patient who comes or
    goes moves those of others.
    """
    same = (this.snapshot, this.layout) == (other.snapshot, other.layout)
    return same and _has_what_it_tells(other, classes) and not _links(other, classes)


def _links(manifest: Manifest, classes: Classes) -> bool:
    """Say whether a release links rows, as those of earlier versions did.

    Where values tell which rows of the next one are the same, it would link those too.
    """
    roles = set(manifest.columns.values())
    several = len(pc.unique(classes.units)) < len(classes.units)
    return RecordRole.KEY in roles or (RecordRole.PRIVACY_UNIT in roles and several)
