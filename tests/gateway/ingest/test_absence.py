from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.ingest import IngestReport
from gateway.ingest.request import IngestKeys
from gateway.storage import RamFolder, SnapshotStore
from gateway.storage.tombstones import unit_mark
from policies.datasets import DatasetPolicy
from policies.errors import SourceError
from policies.opt_out import OptOut
from tests.gateway.ingest.small import MASTER, PATIENTS, VISITS, policy, run, write
from tests.gateway.storage.plain import content, unsealed

CONSENT = PATIENTS.replace("income", "income,part").replace("100\n", "100,y\n")
CONSENT = CONSENT.replace("99999\n", "99999,n\n").replace("F,,\n", "F,,,\n")
SAID: Mapping[str, Any] = {"patients": {"columns": {"part": {"role": "attribute"}}}}


def opting(dataset: DatasetPolicy, **where: Any) -> DatasetPolicy:  # noqa: ANN401  of OptOut
    unit = replace(dataset.spec.privacy_unit, opt_out=OptOut(**where))
    return replace(dataset, spec=replace(dataset.spec, privacy_unit=unit))


def erase(store: SnapshotStore, *units: str) -> None:
    key = IngestKeys.of(MASTER, "small").erasure
    before = store.tombstones.load("small")
    marks = before.marks | {unit_mark(key, unit) for unit in units}
    store.tombstones.save("small", before.changed(marks))


def rejected(report: IngestReport) -> dict[str, int]:
    return {table.table: table.rejected.get("on request", 0) for table in report.tables}


def without(text: str, unit: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if unit not in line)


def test_who_was_erased_is_as_if_not_in_the_source(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    erase(store, "p1 ", "nobody")
    report = run(policy(), write(tmp_path / "all"), store, ram)
    other = SnapshotStore(tmp_path / "other" / "store", key=bytes(32))
    less = write(tmp_path / "less", patients=without(PATIENTS, "p1"), visits=without(VISITS, "p1"))
    run(policy(), less, other, ram)

    assert rejected(report) == {"patients": 1, "visits": 3}
    assert all(
        one.read == one.stored + sum(one.rejected.values()) + one.left_out for one in report.tables
    )
    plain = [unsealed(one, "small", tmp_path / f"{at}") for at, one in enumerate((store, other))]
    assert content(plain[0]) == content(plain[1])


def test_a_list_of_opt_outs_is_followed_and_nothing_older_is_kept(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    folder = write(tmp_path / "all", opt_out="key,since\np2,2020\n")
    run(policy(), folder, store, ram)
    declared = opting(policy(), file="opt_out.csv")
    report = run(declared, folder, store, ram)

    assert (report.units, rejected(report)) == (2, {"patients": 1, "visits": 1})
    assert [path.name for path in (store.folder / "small").glob("*.sealed")] == ["2.sealed"]


def test_a_column_lets_only_those_in_who_take_part(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    declared = opting(policy(SAID), column="part", takes_part=("y",))
    report = run(declared, write(tmp_path / "all", patients=CONSENT), store, ram)

    assert report.units == 1  # one says no, and one says nothing
    assert rejected(report) == {"patients": 2, "visits": 1}


def test_a_list_that_is_missing_stops_the_ingest(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    with pytest.raises(SourceError) as caught:
        run(opting(policy(), file="opt_out.csv"), write(tmp_path / "all"), store, ram)

    assert caught.value.code == "SRC-MISSING"
    assert store.current("small") is None
