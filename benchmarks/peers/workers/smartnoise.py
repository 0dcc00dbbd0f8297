"""SmartNoise SQL over pandas, which it copies into SQLite once: its way for a file on a laptop.

Bounds: at most ``max_groups * max_rows_per_group`` rows of a patient, drawn anew for each query
(``sample_max_ids``); its bound is on rows in all, so no finer one can be said. The classes are
public here, so none is censored for being rare (``censor_dims`` off) and no delta is spent. It
charges its epsilon for each noisy column: a mean has two, so it is given half for each.
"""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq
import snsql
from snsql.sql.private_reader import PrivateReader

from benchmarks.peers.jobs import Job, Release, serve

_SELECTED = {
    "count": "COUNT(*)",
    "sum": "SUM(amount)",
    "mean": "AVG(amount)",
    "units": "COUNT(DISTINCT patient_id)",
}


def _load(job: Job) -> object:
    columns = {
        "max_ids": job.max_groups * job.max_rows_per_group,
        "sample_max_ids": True,
        "censor_dims": False,
        "row_privacy": False,
        "clamp_counts": False,
        "clamp_columns": True,
        "use_dpsu": False,
        "patient_id": {"type": "int", "private_id": True},
        "class": {"type": "string"},
        "amount": {"type": "float", "lower": job.lower, "upper": job.upper},
    }
    frame = pq.read_table(job.file, columns=["patient_id", "class", "amount"]).to_pandas()
    metadata = {"": {"clinic": {"visits": columns}}}
    whole = snsql.Privacy(epsilon=job.epsilon, delta=0.0)
    reader = snsql.from_df(frame, privacy=whole, metadata=metadata)
    half = snsql.Privacy(epsilon=job.epsilon / 2, delta=0.0)
    return reader, PrivateReader(reader.reader, reader.metadata, privacy=half)


def _release(_: Job, readers: Any, shape: str) -> Release:  # noqa: ANN401  the vendor's
    reader = readers[shape == "mean"]
    sql = f"SELECT class, {_SELECTED[shape]} AS x FROM clinic.visits GROUP BY class"  # noqa: S608
    rows = reader.execute(sql)
    return {str(row[0]): float(row[1]) for row in rows[1:]}


if __name__ == "__main__":
    serve(("smartnoise-sql", "opendp", "pandas"), _load, _release)
