"""PipelineDP on its local backend: Python generators, Google's mechanisms through PyDP.

Bounds: ``max_partitions_contributed`` and ``max_contributions_per_partition``, by sampling.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import pipeline_dp
import pyarrow.parquet as pq

from benchmarks.peers.jobs import Job, Release, serve

_METRICS = {"count": "COUNT", "sum": "SUM", "mean": "MEAN", "units": "PRIVACY_ID_COUNT"}


def _load(job: Job) -> object:
    columns = pq.read_table(job.file, columns=["patient_id", "class", "amount"]).to_pydict()
    return list(zip(columns["patient_id"], columns["class"], columns["amount"], strict=True))


def _release(job: Job, rows: Any, shape: str) -> Release:  # noqa: ANN401  the vendor's
    name = _METRICS[shape]
    accountant = pipeline_dp.NaiveBudgetAccountant(total_epsilon=job.epsilon, total_delta=0)
    engine = pipeline_dp.DPEngine(accountant, pipeline_dp.LocalBackend())
    params = pipeline_dp.AggregateParams(
        noise_kind=pipeline_dp.NoiseKind.LAPLACE,
        metrics=[getattr(pipeline_dp.Metrics, name)],
        max_partitions_contributed=job.max_groups,
        max_contributions_per_partition=job.max_rows_per_group,
        min_value=job.lower,
        max_value=job.upper,
    )
    extractors = pipeline_dp.DataExtractors(
        privacy_id_extractor=itemgetter(0),
        partition_extractor=itemgetter(1),
        value_extractor=itemgetter(2),
    )
    result = engine.aggregate(rows, params, extractors, public_partitions=list(job.keys))
    accountant.compute_budgets()
    return {key: float(getattr(numbers, name.lower())) for key, numbers in result}


if __name__ == "__main__":
    serve(("pipeline-dp", "python-dp"), _load, _release)
