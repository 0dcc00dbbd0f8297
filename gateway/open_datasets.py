"""Snapshots as a question finds them: of the declarations that it began under."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.jobs.watch import Watch
from gateway.jobs.watched import WatchedEngine
from gateway.storage import StoreError, Warehouse
from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from query.service import OpenDataset

__all__ = ["OpenDatasets"]


class OpenDatasets(Mapping[str, OpenDataset]):
    """The snapshots in force, opened when they are first asked and again when they change.

    Args:
        policies: Declarations under which a question began.
        warehouse: Of the snapshots.
        watch: Of the question, which can stop it.
    """

    def __init__(self, policies: PolicySet, warehouse: Warehouse, watch: Watch) -> None:
        self._policies = policies
        self._warehouse = warehouse
        self._watch = watch

    def __getitem__(self, dataset: str) -> OpenDataset:
        declared: DatasetPolicy = self._policies.datasets[dataset]
        try:
            opened = self._warehouse.snapshot(declared)
        except StoreError as error:
            if error.code == "STO-ABSENT":
                raise KeyError(dataset) from None
            raise
        engine = WatchedEngine(opened.engine, self._watch)
        return OpenDataset(engine=engine, snapshot=opened.manifest.snapshot)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies.datasets)

    def __len__(self) -> int:
        return len(self._policies.datasets)
