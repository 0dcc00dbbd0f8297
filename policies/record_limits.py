"""What gateway, dataset and project together let out of the record door."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from policies.columns import Role
from policies.datasets import DatasetPolicy, Ownership, Table
from policies.gateway import GatewayPolicy
from policies.lattice import Cap, Floor, Layer, Source, Word
from policies.layout import is_opaque_key
from policies.projects import Grant, ProjectPolicy
from policies.record_facts import RecordCriteria, RecordRole
from policies.text_operators import Generalize, Label, Redact, Replace
from policies.transforms import DeidentifyText

__all__ = [
    "RecordLimits",
    "criteria_of",
    "leaving",
    "links_rows",
    "only_role",
    "record_limits",
]

_SAME_FOR_ALL: Final = (Redact, Replace, Generalize)
"""What is written in texts that tells nobody's notes from those of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLimits:
    """What holds of releases of one dataset to one project.

    Attributes:
        allowed: Whether any record may leave.
        k: Privacy units of every class at least.
        max_rows: Rows of one release at most.
    """

    allowed: Cap[bool]
    k: Floor[int]
    max_rows: Cap[int]


def record_limits(
    gateway: GatewayPolicy | None, dataset: DatasetPolicy, project: ProjectPolicy, grant: Grant
) -> RecordLimits:
    """Return what holds where these layers meet.

    Args:
        gateway: The ceilings, or None.
        dataset: As declared, or already under the ceilings: both give the same.
        project: Has the grant.
        grant: What the project grants of the dataset.
    """
    ceilings = None if gateway is None else gateway.spec.releases
    outer = "" if gateway is None else gateway.id
    releases = dataset.spec.releases

    def above(key: str) -> Source:
        return Source(Layer.GATEWAY, outer, ("spec", "releases", key))

    def of_dataset(*path: str) -> Source:
        return Source(Layer.DATASET, dataset.id, ("spec", "releases", *path))

    granted = ("spec", "datasets", project.spec.datasets.index(grant), "releases")
    allowed = [
        Word(releases.allowed == "allowed", of_dataset("allowed")),
        Word(grant.releases == "allowed", Source(Layer.PROJECT, project.id, granted)),
    ]
    declared = releases.k_anonymity
    k = [Word(1 if declared is None else declared.k, of_dataset("k_anonymity", "k"))]
    rows = [Word(releases.max_rows, of_dataset("max_rows"))]
    if ceilings is not None:
        allowed.insert(0, Word(ceilings.allowed == "allowed", above("allowed")))
        k.insert(0, Word(ceilings.min_k, above("min_k")))
        rows.insert(0, Word(ceilings.max_rows, above("max_rows")))
    return RecordLimits(allowed=Cap(tuple(allowed)), k=Floor(tuple(k)), max_rows=Cap(tuple(rows)))


def leaving(dataset: DatasetPolicy, grant: Grant, table: str) -> tuple[str, ...]:
    """Return the columns of a table that may leave to a project, in declared order.

    The privacy unit comes along where anything else leaves: it is counted. What else links rows
    does not.
    """
    declared = dataset.tables.get(table)
    if declared is None or declared.ownership is not Ownership.PRIVATE:
        return ()
    granted = grant.tables.get(table)
    if granted is None:
        return ()
    unit = declared.unit_column
    kept = {
        name
        for name, column in declared.columns.items()
        if column.release == "keep" and name in granted and not links_rows(declared, name)
    }
    return tuple(name for name in declared.columns if name in kept or (name == unit and kept))


def links_rows(table: Table, name: str) -> bool:
    """Say whether what is stored in a column tells that several rows are of one unit.

    A key does, or tells that they are of several units that belong together, such as a family: in
    neither case are those many who have the same set of classes. So do the stand-ins in several
    notes of one patient, or how long what they stand for was.
    """
    column, several = table.columns[name], table.max_rows_per_unit != 1
    if name == table.unit_column:
        return several
    if is_opaque_key(column):
        return True
    done = column.effective_transform
    if not (several and isinstance(done, DeidentifyText)):
        return False
    return not all(isinstance(done.operator_of(label), _SAME_FOR_ALL) for label in Label)


def only_role(dataset: DatasetPolicy, table: str, name: str) -> RecordRole | None:
    """Return the role in which a column leaves; None where several fit.

    Args:
        dataset: Declares the column.
        table: Its table.
        name: Its name.
    """
    declared, full = dataset.tables.get(table), f"{table}.{name}"
    column = None if declared is None else declared.columns.get(name)
    if declared is None or column is None:
        return None
    if name == declared.unit_column:
        counted = links_rows(declared, name)
        return RecordRole.COUNTED_UNIT if counted else RecordRole.PRIVACY_UNIT
    if column.role is Role.FREE_TEXT:
        return RecordRole.FREE_TEXT
    if full in dataset.spec.releases.quasi_identifiers:
        return RecordRole.QUASI_IDENTIFIER
    return RecordRole.SENSITIVE if full == dataset.spec.releases.sensitive else None


def criteria_of(
    dataset: DatasetPolicy, limits: RecordLimits, table: str, sensitive: str | None
) -> RecordCriteria:
    """Return what a release of a table meets at least.

    Args:
        dataset: The dataset.
        limits: Where its layers meet.
        table: The table that leaves.
        sensitive: Its column that leaves as the sensitive one; None where none does, and then l
            and t have nothing to hold of.
    """
    releases, judged = dataset.spec.releases, f"{table}.{sensitive}"
    diverse, close = releases.l_diversity, releases.t_closeness
    declared = releases.k_anonymity
    return RecordCriteria(
        k=limits.k.value,
        l=diverse.l if diverse is not None and diverse.column == judged else 1,
        t=close.t if close is not None and close.column == judged else None,
        suppression=Decimal(0) if declared is None else declared.suppress_max,
    )
