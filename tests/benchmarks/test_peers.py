from __future__ import annotations

import io
import json
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks.hospital import enlarged, made
from benchmarks.peers.comparison import _rmse
from benchmarks.peers.install import PEERS
from benchmarks.peers.jobs import Job, Release, Releases, Report, serve
from benchmarks.private import Bounds, asker
from benchmarks.worlds import world_named
from query.answers import Estimate

JOB = Job(
    file="visits.parquet",
    shapes=("count", "sum"),
    keys=("a", "b"),
    epsilon=1.0,
    lower=0.0,
    upper=10.0,
    max_groups=2,
    max_rows_per_group=3,
    releases=2,
)


def _serve(monkeypatch: pytest.MonkeyPatch) -> Report:
    def release(job: Job, loaded: object, shape: str) -> Release:
        if shape == "sum":
            raise NotImplementedError("no sums here")
        assert (job, loaded) == (JOB, "table")
        return {"a": 5.0}

    written = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(asdict(JOB))))
    monkeypatch.setattr(sys, "stdout", written)
    serve(("pytest",), lambda _: "table", release)
    return Report.of(json.loads(written.getvalue()))


def test_worker_reports_each_release_and_what_it_cannot_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = _serve(monkeypatch)

    assert report.shapes["count"].values == ({"a": 5.0}, {"a": 5.0})
    assert len(report.shapes["count"].seconds) == 2
    assert report.shapes["sum"] == Releases(refused="no sums here")
    assert report.versions == {"pytest": pytest.__version__}


def test_error_is_over_all_true_classes_and_a_missing_one_counts_as_zero() -> None:
    releases = Releases(seconds=(1.0,), values=({"a": 13.0, "c": 99.0},))

    assert _rmse(releases, {"a": 10.0, "b": 4.0}) == pytest.approx((25 / 2) ** 0.5, abs=1e-4)


@pytest.mark.parametrize("name", [peer.name for peer in PEERS])
def test_requirements_of_a_peer_are_pinned(name: str) -> None:
    folder = Path(sys.modules["benchmarks.peers.install"].__file__ or "").parent / "requirements"
    lines = (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()

    assert lines
    assert all("==" in line for line in lines)


def test_bounded_rows_leave_nothing_for_a_tool_to_cut(tmp_path: Path) -> None:
    world = world_named("made")
    hospital = made(tmp_path / "site", world, tmp_path)
    twins = enlarged(hospital, tmp_path / "large", 3000, bounded=True)
    sql = "SELECT class, COUNT(*) AS n FROM visits GROUP BY class"
    bounds = Bounds(max_groups=world.max_groups, max_rows_per_group=world.max_rows_per_group)
    with asker(hospital.policies, "made", twins.store) as private:
        rows = private.ask(sql, bounds).rows
        total = sum(n.value or 0 for _, n in rows if isinstance(n, Estimate))

    # Five counts with discrete Laplace noise of scale 6: beyond 400 once in 10^27 runs.
    assert abs(total - twins.visits) < 400
