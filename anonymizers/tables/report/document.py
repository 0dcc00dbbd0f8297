"""The figures of a release as one document; the page shows nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final, TypedDict

from anonymizers.risk import AttackerRisk, RiskSummary
from anonymizers.risk.counting import ClassSize
from anonymizers.tables.plan import ColumnPlan, ColumnRole, TablePlan
from anonymizers.tables.release import TableRelease

__all__ = ["KIND", "About", "Attacker", "Bin", "Column", "Document", "State", "report_document"]

KIND: Final = "gateway.table-release/v2"
"""Of the document, with the version of its form."""
_BINS: Final = (1, 2, 3, 5, 11, 20, 50, 100, 1000)
"""Smallest sizes of the bins in which classes are shown."""
_DONE: Final = {
    ColumnRole.PRIVACY_UNIT: "keyed pseudonym",
    ColumnRole.COUNTED_UNIT: "counted, and left out; each row has a pseudonym of its own",
    ColumnRole.KEY: "keyed pseudonym",
    ColumnRole.DIRECT_IDENTIFIER: "left out",
    ColumnRole.DATE: "moved by the person's own number of days",
    ColumnRole.FREE_TEXT: "text pipeline, with the person's own identifiers",
    ColumnRole.SENSITIVE: "as it is",
    ColumnRole.CODE: "as it is",
    ColumnRole.MEASURE: "as it is",
    ColumnRole.CATEGORY: "as it is",
    ColumnRole.UNDECIDED: "left out, since nobody decided",
}
_DONE_AT: Final = {
    "value": "as it is, since enough people share it",
    "day": "as it is, since enough people share it",
    "zip5": "as it is, since enough people share it",
    "*": "blanked in every row",
}
"""What is said of a quasi-identifier at some steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the report is about.

    Attributes:
        source: Name of the table.
        project: For whom the release is made; its keys make the pseudonyms.
        made: Time of the release, UTC.
        plan_digest: SHA-256 of the plan's file, as hexadecimal text.
        version: Of the gateway.
        register: Whether a register of the population was given.
    """

    source: str
    project: str
    made: datetime
    plan_digest: str
    version: str
    register: bool = False


class Attacker(TypedDict):
    """Risks by one attacker, from 0 to 1; None where a figure has no meaning."""

    attacker: str
    highest: float | None
    average: float
    at_risk: float | None


class Bin(TypedDict):
    """Rows in classes of some sizes."""

    sizes: str
    rows: int
    share: float


class State(TypedDict):
    """The table before or after."""

    rows: int
    rows_left_out: int
    classes: int
    k: int
    mean_class_rows: float
    unique_rows: int
    unique_share: float
    l: int | None  # noqa: E741  its name in the literature
    entropy_l: float | None
    t: float | None
    discernibility: int
    attackers: list[Attacker]
    class_sizes: list[Bin]


class Column(TypedDict):
    """What was done to one column."""

    name: str
    role: str
    done: str
    loss: float | None


class Document(TypedDict):
    """The whole report."""

    kind: str
    notice: str
    source: str
    project: str
    made: str
    plan_sha256: str
    gateway_version: str
    population_register: bool
    criteria: dict[str, float | int | None]
    columns: list[Column]
    before: State
    after: State
    loss: float
    search: dict[str, int]
    unreadable: dict[str, int]
    free_texts: dict[str, int]
    sensitive: str | None


def report_document(release: TableRelease, plan: TablePlan, about: About) -> Document:
    """Return all figures; counts are exact, so the document stays with the privacy officer."""
    criteria = plan.criteria
    sensitive = plan.of(ColumnRole.SENSITIVE)
    return Document(
        kind=KIND,
        notice="Internal: exact counts of identified data; not to be passed on with the release",
        source=about.source,
        project=about.project,
        made=about.made.isoformat(timespec="seconds"),
        plan_sha256=about.plan_digest,
        gateway_version=about.version,
        population_register=about.register,
        criteria={
            "k": criteria.k,
            "l": criteria.l,
            "t": criteria.t,
            "suppression": criteria.suppression,
            "threshold": criteria.threshold,
        },
        columns=[_column(name, column, release) for name, column in plan.columns.items()],
        before=_state(release.before),
        after=_state(release.after),
        loss=float(release.choice.loss),
        search={"nodes": release.choice.nodes, "counted": release.choice.counted},
        unreadable=dict(release.unreadable),
        free_texts={"deidentified": release.notes - release.withheld, "withheld": release.withheld},
        sensitive=sensitive[0] if sensitive else None,
    )


def _column(name: str, planned: ColumnPlan, release: TableRelease) -> Column:
    for column, step, leaves in zip(
        release.quasi_identifiers,
        release.choice.node,
        release.choice.outcome.leaves,
        strict=True,
    ):
        if column.name == name:
            released = max(release.after.rows, 1) * max(column.distinct - 1, 1)
            return Column(
                name=name,
                role=planned.role.value,
                done=_DONE_AT.get(column.steps[step], f"grown coarser, to {column.steps[step]}"),
                loss=float(Fraction(leaves, released)),
            )
    done = _DONE[planned.role]
    if planned.role is ColumnRole.PRIVACY_UNIT and release.linked:
        done += ", which links rows of one person: the figures hold of each row alone"
    return Column(name=name, role=planned.role.value, done=done, loss=None)


def _state(summary: RiskSummary) -> State:
    diversity = summary.diversity
    return State(
        rows=summary.rows,
        rows_left_out=summary.suppressed,
        classes=summary.classes,
        k=summary.k,
        mean_class_rows=float(summary.mean_size),
        unique_rows=summary.unique,
        unique_share=summary.unique / summary.rows if summary.rows else 0.0,
        l=diversity.l if diversity else None,
        entropy_l=diversity.entropy if diversity else None,
        t=diversity.distance if diversity else None,
        discernibility=summary.discernibility,
        attackers=[_attacker(risk) for risk in summary.attackers],
        class_sizes=_binned(summary.sizes),
    )


def _attacker(risk: AttackerRisk) -> Attacker:
    return Attacker(
        attacker=risk.attacker,
        highest=None if risk.highest is None else float(risk.highest),
        average=float(risk.average),
        at_risk=None if risk.at_risk is None else float(risk.at_risk),
    )


def _binned(sizes: Sequence[ClassSize]) -> list[Bin]:
    rows = sum(one.rows for one in sizes)
    bins: list[Bin] = []
    for place, low in enumerate(_BINS):
        high = _BINS[place + 1] - 1 if place + 1 < len(_BINS) else None
        inside = sum(
            one.rows for one in sizes if one.size >= low and (high is None or one.size <= high)
        )
        name = f"{low}+" if high is None else str(low) if low == high else f"{low}-{high}"
        bins.append(Bin(sizes=name, rows=inside, share=inside / rows if rows else 0.0))
    return bins
