"""Where a request stands once it is known whose it is: what the rules after that look at."""

from __future__ import annotations

from dataclasses import dataclass

from policies.columns import Column
from policies.datasets import DatasetPolicy, Table
from policies.decisions import Access
from policies.effective import Effective
from policies.lattice import Layer, Source
from policies.projects import Grant, Member, ProjectPolicy

__all__ = ["Seat", "Standing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A person who is listed in the project that they name.

    Attributes:
        access: The request.
        project: The project, which lists the person.
        member: The person's entry in it.
        suspended: What is stopped for now, as in ``PolicySet``.
    """

    access: Access
    project: ProjectPolicy
    member: Member
    suspended: frozenset[str] = frozenset()

    def of_project(self, *path: str | int) -> Source:
        """Return a place in the project's declaration."""
        return Source(Layer.PROJECT, self.project.id, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A person's request to a dataset that their project grants.

    Attributes:
        access: The request.
        project: The project.
        grant: What the project grants of the dataset.
        dataset: The dataset.
        effective: What holds of all layers together.
        suspended: What is stopped for now, as in ``PolicySet``.
    """

    access: Access
    project: ProjectPolicy
    grant: Grant
    dataset: DatasetPolicy
    effective: Effective
    suspended: frozenset[str] = frozenset()

    def of_dataset(self, *path: str | int) -> Source:
        """Return a place in the dataset's declaration."""
        return Source(Layer.DATASET, self.dataset.id, path)

    def of_grant(self, *path: str | int) -> Source:
        """Return a place in the project's grant of the dataset."""
        index = self.project.spec.datasets.index(self.grant)
        return Source(Layer.PROJECT, self.project.id, ("spec", "datasets", index, *path))

    def table(self, name: str) -> Table | None:
        """Return a table that the dataset declares, or None."""
        return self.dataset.tables.get(name)

    def column(self, table: str, name: str) -> Column | None:
        """Return a column that the dataset declares, or None."""
        declared = self.table(table)
        return None if declared is None else declared.columns.get(name)

    def usable(self, table: str) -> str:
        """Return the columns of a table that both policies let a query use, for a remedy."""
        granted = self.grant.tables.get(table, ())
        names = [
            name
            for name in granted
            if (column := self.column(table, name)) is not None and column.use is not None
        ]
        return ", ".join(names) or "none"
