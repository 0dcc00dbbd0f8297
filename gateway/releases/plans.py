"""A plan to start from: what the declaration lets leave, each column as it has to."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gateway.errors import OperatorError
from policies.active import PolicySet
from policies.columns import Column
from policies.datasets import DatasetPolicy
from policies.query_use import ValueType
from policies.record_facts import RecordRole
from policies.record_limits import criteria_of, leaving, only_role, record_limits

__all__ = ["plan_lines"]


def plan_lines(policies: PolicySet, project: str, dataset: str, table: str) -> Iterator[str]:
    """Give the lines of a plan with all that may leave, in YAML.

    Raises:
        OperatorError: ``CFG-DATASET`` if the project is given no records of this table.
    """
    permit, declared = policies.projects.get(project), policies.datasets.get(dataset)
    grant = None if permit is None else permit.grant(dataset)
    names = () if declared is None or grant is None else leaving(declared, grant, table)
    if not names or declared is None or permit is None or grant is None:
        raise OperatorError(
            "the project is granted no records of this table",
            code="CFG-DATASET",
            remedy="name a project, a dataset and a table that its grant lists",
        )
    limits = record_limits(policies.gateway, declared, permit, grant)
    judged = (declared.spec.releases.sensitive or "").removeprefix(f"{table}.")
    sensitive = judged if judged in names else None
    least = criteria_of(declared, limits, table, sensitive)
    said = [f"k: {least.k}", f"l: {least.l}"]
    said += [] if least.t is None else [f"t: {least.t.normalize():f}"]
    said += [f"suppression: {least.suppression.normalize():f}"]
    yield "# What the declarations let leave. Take columns out, or make them coarser."
    yield f"criteria: {{{', '.join(said)}}}"
    if any(only_role(declared, table, name) is RecordRole.COUNTED_UNIT for name in names):
        yield "# Rows of one unit are counted as one, and cannot be linked in what leaves."
    yield "columns:"
    for name in names:
        yield f"  {json.dumps(name)}: {_column(declared, table, name)}"


def _column(dataset: DatasetPolicy, table: str, name: str) -> str:
    match only_role(dataset, table, name):
        case None:
            return "{role: category}"
        case RecordRole.QUASI_IDENTIFIER:
            hierarchy = _hierarchy(dataset.tables[table].columns[name])
            return f"{{role: quasi_identifier, hierarchy: {hierarchy}}}"
        case role:
            return f"{{role: {role.value}}}"


def _hierarchy(column: Column) -> str:
    match column.type:
        case ValueType.INTEGER | ValueType.DECIMAL:
            return "{kind: number, widths: [1, 5, 10, 20]}"
        case ValueType.DATE | ValueType.TIMESTAMP:
            return "{kind: date}"
        case _:
            return "{kind: none}"
