"""Ingest of one dataset of a deployment, and its entry in the audit log."""

from __future__ import annotations

from pathlib import Path

from anonymizers.presidio import engine_text
from gateway.audit.events import IngestDone
from gateway.clock import SystemClock
from gateway.erasure import check_lists
from gateway.errors import OperatorError
from gateway.governing.activation import governing_set
from gateway.ingest.progress import Progress
from gateway.ingest.report import IngestReport
from gateway.ingest.request import IngestRequest
from gateway.ingest.run import ingest
from gateway.keyring import KeyRing
from gateway.opening import OPERATOR, open_ledger, open_ram, open_store
from gateway.settings import Settings
from gateway.storage import Manifest
from gateway.storage.tombstones import Tombstones
from policies.active import PolicySet
from policies.datasets import DatasetPolicy

__all__ = ["ingest_dataset"]


def ingest_dataset(
    settings: Settings,
    dataset_id: str,
    source: Path,
    *,
    workers: int = 0,
    progress: Progress | None = None,
) -> IngestReport:
    """De-identify and store a dataset, log that it comes in force, and switch to it.

    Args:
        settings: Of the deployment.
        dataset_id: Which declared dataset.
        source: The data folder, in which the declaration's path starts.
        workers: Processes of the text pipeline; 0 runs it in this one.
        progress: Is told how far it is.

    Raises:
        OperatorError: If the deployment or its log is wrong, or the dataset is not declared.
        SourceError: If a file is not as declared; the previous snapshot stays in force.
        DeclarationError: If a declaration is wrong, or the configured engine is not installed.
    """
    engine_text(settings.text_engine)  # one that is not installed would withhold every note
    keys, clock = KeyRing.open(settings.keys), SystemClock()
    store = open_store(settings, keys)
    # Opened first: what could not be logged is not put in force.
    ledger = open_ledger(settings, keys, clock)
    try:
        policies = governing_set(settings, ledger)
        dataset = _declared(policies, dataset_id, settings)
        check_lists(store, ledger, [dataset_id])

        def log(manifest: Manifest, tombstones: Tombstones) -> None:
            ledger.record(_done(manifest, tombstones, sealed=store.digest(manifest)))

        request = IngestRequest(
            dataset=dataset,
            policy_digest=policies.digest,
            folder=source,
            store=store,
            ram=open_ram(settings),
            master=keys.master_secret,
            now=clock.now(),
            workers=workers,
            engine=settings.text_engine,
            least_profile=settings.least_profile,
            announce=log,
        )
        return ingest(request, progress)
    finally:
        ledger.close()


def _done(manifest: Manifest, tombstones: Tombstones, *, sealed: str) -> IngestDone:
    return IngestDone(
        actor=OPERATOR,
        dataset=manifest.dataset,
        snapshot=manifest.snapshot,
        policy=manifest.policy_digest,
        sealed=sealed,
        text_engine=manifest.text_engine,
        text_profile=manifest.text_profile,
        generation=tombstones.generation,
        tombstones=tombstones.digest if tombstones.generation else "",
    )


def _declared(policies: PolicySet, dataset_id: str, settings: Settings) -> DatasetPolicy:
    dataset = policies.datasets.get(dataset_id)
    if dataset is None:
        raise OperatorError(
            "no dataset of this name is declared",
            code="CFG-DATASET",
            remedy=f"name one of: {', '.join(sorted(policies.datasets)) or 'none'}",
            file=str(settings.policies),
        )
    return dataset
