"""OpenDP's own Polars context, over a frame in memory.

Bounds: ``truncate_per_group`` keeps rows at random, ``truncate_num_groups`` the first groups by
name (its default, a sample, fails in 0.16 with one grouping column). In 0.16 the latter keeps one
group fewer than it is told, and adds noise for as many as it is told; it is told one more here,
since the groups that it would lose weigh more than the noise.

A context looks for the scale of the noise by building the whole plan some 600 times, 3 to 9 s for
each question whatever its rows, and again whenever the same question is released. Here that is done
once for each shape: the first release has it in its time, and the others, hence the median, do not.
Each release is one invocation of the measurement that was found, at the whole budget.
"""

from __future__ import annotations

from typing import Any

import opendp.prelude
import polars as pl

from benchmarks.peers.jobs import Job, Release, serve

dp: Any = opendp.prelude  # its names for Polars are made at run time

dp.enable_features("contrib")

_MAX_ROWS = 10_000_000
_BUILT: dict[str, Any] = {}
"""Measurements by shape."""


def _load(job: Job) -> object:
    return pl.read_parquet(job.file, columns=["patient_id", "class", "amount"])


def _release(job: Job, frame: Any, shape: str) -> Release:  # noqa: ANN401  the vendor's
    if shape not in _BUILT:
        _BUILT[shape] = _measurement(job, frame, shape)
    released = _BUILT[shape](frame.lazy()).collect()
    return dict(zip(released["class"].to_list(), released["x"].to_list(), strict=True))


def _measurement(job: Job, frame: Any, shape: str) -> Any:  # noqa: ANN401  the vendor's
    context = dp.Context.compositor(
        data=frame.lazy(),
        privacy_unit=dp.unit_of(contributions=1, identifier="patient_id"),
        privacy_loss=dp.loss_of(epsilon=job.epsilon),
        split_evenly_over=1,
        # A generous public size, as an analyst would state; sums of floats need one.
        margins=[dp.polars.Margin(max_length=_MAX_ROWS, max_groups=len(job.keys))],
    )
    rows = 1 if shape == "units" else job.max_rows_per_group
    bounded = context.query().truncate_per_group(rows, by=["class"])
    bounded = bounded.truncate_num_groups(job.max_groups + 1, by=["class"], keep="first")
    grouped = bounded.group_by("class").agg(x=_expression(job, shape))
    return grouped.with_keys(pl.LazyFrame({"class": list(job.keys)})).resolve()


def _expression(job: Job, shape: str) -> Any:  # noqa: ANN401  the vendor's
    amount: Any = pl.col("amount").fill_nan(0.0).fill_null(0.0)
    bounds = (job.lower, job.upper)
    match shape:
        case "sum":
            return amount.dp.sum(bounds)
        case "mean":
            return amount.dp.mean(bounds)
        case _:
            return dp.len()


if __name__ == "__main__":
    serve(("opendp", "polars"), _load, _release)
