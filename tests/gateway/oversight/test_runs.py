from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.erasure import ErasureRequest, erase
from gateway.intake import ingest_dataset
from gateway.oversight.runs import Run, RunState, ingest_report, ingest_runs
from gateway.settings import Settings, load_settings
from tests.gateway.deployments import PATIENTS, make_empty, make_sources


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(make_empty(tmp_path))


@pytest.fixture
def again(settings: Settings, tmp_path: Path) -> Callable[[], Run]:
    source = make_sources(tmp_path / "sources")

    def run() -> Run:
        ingest_dataset(settings, "example", source)
        return ingest_runs(settings)[0]

    return run


def test_before_the_first_ingest_there_is_none(settings: Settings) -> None:
    assert ingest_runs(settings) == ()


def test_each_ingest_is_listed_and_the_newest_is_in_force(
    settings: Settings, again: Callable[[], Run]
) -> None:
    for _ in range(3):
        last = again()
    runs = ingest_runs(settings)
    reports = [ingest_report(settings, one) for one in runs]

    assert runs[0] == last
    assert [one.state for one in runs] == [RunState.IN_FORCE, RunState.KEPT, RunState.REMOVED]
    assert [one.entry for one in runs] == sorted((one.entry for one in runs), reverse=True)
    assert {(one.dataset, one.made_by) for one in runs} == {("example", "ingest")}
    assert [None if one is None else one.units for one in reports] == [PATIENTS, PATIENTS, None]
    assert [one.snapshot for one in reports if one] == [runs[0].snapshot, runs[1].snapshot]


def test_erasing_takes_the_report_of_the_snapshot_that_held_them(
    settings: Settings, again: Callable[[], Run]
) -> None:
    first = again()
    erase(settings, ErasureRequest(dataset="example", units=("P7",)))
    erased = ingest_runs(settings)[0]

    assert (erased.made_by, erased.state) == ("erasure", RunState.IN_FORCE)
    assert ingest_runs(settings)[1].state is RunState.REMOVED
    assert ingest_report(settings, erased) is None
    assert ingest_report(settings, first) is None


def test_a_report_of_a_folder_made_anew_is_not_that_of_the_ingest_before(
    settings: Settings, again: Callable[[], Run]
) -> None:
    lost = again()
    for file in (settings.store / "example").iterdir():
        file.unlink()
    anew = again()

    assert lost.snapshot.partition("#")[2][:2] == anew.snapshot.partition("#")[2][:2] == "1."
    assert ingest_report(settings, lost) is None
    assert ingest_report(settings, anew) is not None
    assert [one.state for one in ingest_runs(settings)] == [RunState.IN_FORCE, RunState.REMOVED]
