from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway import erasure
from gateway.audit.findings import Failure
from gateway.audit.verify import verify_log
from gateway.deployment import Deployment
from gateway.erasure import Erased, ErasureRequest, erase
from gateway.errors import OperatorError
from gateway.ingest.request import IngestKeys
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.sqlite import SqliteLedger
from gateway.local import LocalGateway
from gateway.opening import checkpoint_path, open_store
from gateway.settings import load_settings
from gateway.storage import SnapshotStore, StoreError
from gateway.storage.building import PRIVATE, UNITS
from gateway.storage.erasing import copy_without
from gateway.storage.tombstones import Tombstones, unit_mark
from policies.errors import GatewayError
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import COUNTS, PATIENTS, PROJECT, USER, make_full
from tests.gateway.ledger.worlds import ledger_file
from tests.gateway.storage.plain import content, unsealed

__all__ = ["run"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_full(tmp_path)


def store_of(site: Path) -> SnapshotStore:
    settings = load_settings(site)
    return open_store(settings, KeyRing.open(settings.keys))


def done(site: Path, *units: str, **changes: Any) -> Erased:  # noqa: ANN401  fields of the request
    (one,) = erase(load_settings(site), ErasureRequest(dataset="example", units=units, **changes))
    return one


def units(site: Path) -> int:
    """How many units the snapshot in force holds."""
    plain = unsealed(store_of(site), "example", site / "plain.duckdb")
    found = content(plain)
    plain.unlink()
    facts = dict(found["__facts"][1])
    assert facts["units"] == len(found[UNITS][1])
    assert facts["rows patients"] == len(found["patients"][1])
    return int(facts["units"])


def events(site: Path, kind: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(ledger_file(load_settings(site)))) as connection:
        leaves = connection.execute("SELECT leaf FROM entry ORDER BY idx").fetchall()
    found = [json.loads(leaf) for (leaf,) in leaves]
    return [one for one in found if one["kind"] == kind]


def test_whoever_is_erased_is_gone_from_store_and_later_ingests(site: Path, tmp_path: Path) -> None:
    report = done(site, "P7", "P8", "nobody")
    left = units(site)
    again = ingest_dataset(load_settings(site), "example", tmp_path / "sources")
    sealed = sorted(path.name for path in (site / "store" / "example").glob("*.sealed"))

    assert (report.removed, report.listed) == (2, 3)
    assert left == again.units == units(site) == PATIENTS - 2
    assert again.tables[1].rejected == {"on request": 4}
    assert "1.sealed" not in sealed  # the one that held them


def test_the_list_and_the_log_hold_no_key(site: Path) -> None:
    done(site, "P7", because="breach")
    (entry,) = events(site, "unit.erase")
    settings = load_settings(site)
    mark = unit_mark(
        IngestKeys.of(KeyRing.open(settings.keys).master_secret, "example").erasure, "P7"
    )
    listed = (settings.erased / "example.list").read_text()
    key = KeyRing.open(settings.keys).signer(settings.id).verifier
    report = verify_log(settings.ledger, key=key, checkpoint=checkpoint_path(settings))

    assert listed.splitlines()[:-1] == ["gateway.tombstones/v2", "1", mark.hex()]
    assert listed.splitlines()[-1].startswith("hmac-sha256 ")
    assert "P7" not in json.dumps(entry)
    assert mark.hex() not in json.dumps(entry)
    assert (entry["because"], entry["generation"]) == ("breach", 1)
    assert entry["snapshot"].startswith(f"{entry['snapshot'].split('#')[0]}#2.")
    assert report.is_sound


def test_a_running_service_asks_the_new_snapshot_and_nothing_comes_back(site: Path) -> None:
    with Deployment.open(site, paced=False) as deployment:
        gateway = LocalGateway(deployment, USER)
        first = gateway.query(PROJECT, COUNTS).answer
        done(site, "P7")
        second = gateway.query(PROJECT, COUNTS).answer
        spent = gateway.budget(PROJECT)["example"][0].spent.parameter
        stored = deployment.stored_answer(PROJECT, first.query_id)

    assert (first.repeated, second.repeated) == (False, False)
    assert first.quote.loss == second.charged
    assert spent == 2 * first.charged.parameter
    assert stored is not None
    assert stored.rows == first.rows


def test_a_snapshot_from_before_is_not_served(site: Path) -> None:
    folder = site / "store" / "example"
    shutil.copytree(folder, site / "backup")
    with Deployment.open(site, paced=False) as deployment:
        gateway = LocalGateway(deployment, USER)
        done(site, "P7")
        shutil.rmtree(folder)
        shutil.copytree(site / "backup", folder)
        with pytest.raises(GatewayError) as caught:
            gateway.query(PROJECT, COUNTS)
        assert not deployment.readiness()["datasets"]
        done(site)
        answer = gateway.query(PROJECT, COUNTS).answer

    assert isinstance(caught.value, StoreError)
    assert caught.value.code == "STO-ERASED"
    assert answer.rows
    assert units(site) == PATIENTS - 1


def test_a_list_from_before_is_not_believed(site: Path, tmp_path: Path) -> None:
    done(site, "P7")
    listed = load_settings(site).erased / "example.list"
    old = listed.read_bytes()
    done(site, "P8")
    newest = listed.read_bytes()
    for wrong in (old, newest.replace(newest[-9:-1], b"00000000"), b""):
        listed.write_bytes(wrong)
        for use in (
            lambda: Deployment.open(site),
            lambda: ingest_dataset(load_settings(site), "example", tmp_path / "sources"),
            lambda: done(site),
        ):
            with pytest.raises(StoreError) as caught:
                use()
            assert caught.value.code == "STO-LIST"
    listed.unlink()
    with pytest.raises(StoreError):
        Deployment.open(site)
    listed.write_bytes(newest)
    Deployment.open(site).close()


@pytest.mark.parametrize("generation", [2, 3])
def test_a_list_that_no_holder_of_the_keys_wrote_brings_nobody_back(
    site: Path, tmp_path: Path, run: Run, generation: int
) -> None:
    done(site, "P7")
    listed = load_settings(site).erased / "example.list"
    proof = listed.read_text().splitlines()[-1]
    listed.write_text(f"gateway.tombstones/v2\n{generation}\n{proof}\n")
    for use in (
        lambda: Deployment.open(site),
        lambda: ingest_dataset(load_settings(site), "example", tmp_path / "sources"),
        lambda: done(site),
    ):
        with pytest.raises(StoreError) as caught:
            use()
        assert caught.value.code == "STO-LIST"
    assert run("audit", "verify", site).code == Failure.ERASURE.value
    assert units(site) == PATIENTS - 1


def test_a_list_is_at_most_one_ahead_of_the_log(site: Path, tmp_path: Path) -> None:
    lists = store_of(site).tombstones
    lists.save("example", lists.load("example").changed([]))
    ingest_dataset(load_settings(site), "example", tmp_path / "sources")
    (_, named) = events(site, "ingest.done")
    lists.save("example", lists.load("example").changed([]).changed([]))
    with pytest.raises(StoreError) as caught:
        Deployment.open(site)

    assert (named["generation"], named["tombstones"]) == (1, Tombstones().changed([]).digest)
    assert caught.value.code == "STO-LIST"


def test_runs_that_are_cut_short_again_and_again_are_finished(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    for unit in ("P7", "P8", "P9"):
        with monkeypatch.context() as broken:
            broken.setattr(SnapshotStore, "publish", cut)
            with pytest.raises(KeyboardInterrupt):
                done(site, unit)
    report = done(site)

    assert (report.removed, report.listed) == (3, 3)
    assert [one["generation"] for one in events(site, "unit.erase")] == [1, 2, 3, 4]


@pytest.mark.parametrize("kept", ["none", "old"])
def test_a_running_service_does_not_believe_what_was_put_back(site: Path, kept: str) -> None:
    settings = load_settings(site)
    done(site, "P7")
    listed = settings.erased / "example.list"
    old = listed.read_bytes()
    shutil.copytree(settings.store, site / "backup")
    with Deployment.open(site, paced=False) as deployment:
        gateway = LocalGateway(deployment, USER)
        done(site, "P8")
        newest = listed.read_bytes()
        assert gateway.query(PROJECT, COUNTS).answer.rows
        shutil.rmtree(settings.store)
        shutil.copytree(site / "backup", settings.store)
        listed.write_bytes(old) if kept == "old" else listed.unlink()
        with pytest.raises(StoreError) as caught:
            gateway.query(PROJECT, COUNTS)
        assert not deployment.readiness()["datasets"]
        listed.write_bytes(newest)
        done(site)
        assert gateway.query(PROJECT, COUNTS).answer.rows

    assert caught.value.code == "STO-LIST"


def test_what_cannot_be_logged_does_not_come_in_force(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise LedgerFaultError("the disk is full")

    store = store_of(site)
    before = store.current("example")
    with monkeypatch.context() as broken:
        broken.setattr(SqliteLedger, "record", full)
        with pytest.raises(LedgerFaultError):
            ingest_dataset(load_settings(site), "example", tmp_path / "sources")
        with Deployment.open(site, paced=False) as deployment:
            assert LocalGateway(deployment, USER).query(PROJECT, COUNTS).answer.rows
        with pytest.raises(LedgerFaultError):
            done(site, "P7")

    assert before == store.current("example")
    assert [path.name for path in (site / "store" / "example").glob("*.sealed")] == ["1.sealed"]
    with Deployment.open(site) as deployment, pytest.raises(StoreError) as caught:
        LocalGateway(deployment, USER).query(PROJECT, COUNTS)
    assert caught.value.code == "STO-ERASED"  # the wish holds, whatever fails after it
    assert done(site).removed == 1


def test_a_run_that_was_cut_short_serves_nothing_and_is_finished_by_another(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(SnapshotStore, "publish", cut)
        with pytest.raises(KeyboardInterrupt):
            done(site, "P7")
    with Deployment.open(site, paced=False) as deployment:
        with pytest.raises(StoreError) as caught:
            LocalGateway(deployment, USER).query(PROJECT, COUNTS)
        report = done(site)
        assert LocalGateway(deployment, USER).query(PROJECT, COUNTS).answer.rows

    assert caught.value.code == "STO-ERASED"
    assert (report.removed, report.listed) == (1, 1)


def test_whoever_was_erased_by_mistake_is_read_again(site: Path, tmp_path: Path) -> None:
    done(site, "P7", "P8")
    report = done(site, "P7", because="error", readmit=True)
    again = ingest_dataset(load_settings(site), "example", tmp_path / "sources")

    assert (report.removed, report.listed) == (0, 1)
    assert again.units == PATIENTS - 1
    assert [one["because"] for one in events(site, "unit.readmit")] == ["error"]


def test_all_datasets_about_the_same_patients_forget_them(site: Path, tmp_path: Path) -> None:
    datasets = site / "policies" / "datasets"
    text = (datasets / "example.yaml").read_text()
    (datasets / "twin.yaml").write_text(text.replace("  id: example", "  id: twin"))
    other = text.replace("  id: example", "  id: other").replace("lineage: example", "lineage: o")
    (datasets / "other.yaml").write_text(other.replace("pool: example", "pool: other"))
    ingest_dataset(load_settings(site), "twin", tmp_path / "sources")
    found = erase(load_settings(site), ErasureRequest(dataset="twin", units=("P7",)))

    assert [(one.dataset, one.removed) for one in found] == [("example", 1), ("twin", 1)]
    assert not (load_settings(site).erased / "other.list").exists()


@pytest.fixture
def twins(site: Path, tmp_path: Path) -> Path:
    """Two datasets about the same patients; the other one has registry numbers, M for P."""
    datasets = site / "policies" / "datasets"
    text = (datasets / "example.yaml").read_text()
    assert text.count("column: patient_id") == 1
    numbered = text.replace("column: patient_id", "column: patient_id, numbering: registry")
    (datasets / "twin.yaml").write_text(numbered.replace("  id: example", "  id: twin"))
    sources = tmp_path / "registry"
    sources.mkdir()
    for name in ("patients", "visits"):
        lines = (tmp_path / "sources" / f"{name}.csv").read_text()
        (sources / f"{name}.csv").write_text(re.sub(r"\bP(\d+)\b", r"M\1", lines))
    ingest_dataset(load_settings(site), "twin", sources)
    return site


def test_patients_are_erased_by_the_keys_that_each_dataset_has(twins: Path) -> None:
    request = ErasureRequest(dataset="example", units=("P7", "P8"), others={"twin": ("M7", "P9")})
    found = erase(load_settings(twins), request)

    assert [(one.dataset, one.removed, one.listed) for one in found] == [
        ("example", 2, 2), ("twin", 1, 2),
    ]  # fmt: skip
    assert "M7" not in repr(request)


def test_nobody_is_erased_by_half(twins: Path) -> None:
    """Keys that name nobody in a dataset would leave the patient there, and say that it is done."""
    settings = load_settings(twins)
    with pytest.raises(OperatorError) as wanting:
        erase(settings, ErasureRequest(dataset="example", units=("P7",)))
    with pytest.raises(OperatorError) as strange:
        erase(settings, ErasureRequest(dataset="example", units=("P7",), others={"o": ("M7",)}))
    nowhere = erase(settings, ErasureRequest(dataset="example", units=("P7",), others={"twin": ()}))
    finished = erase(settings, ErasureRequest(dataset="twin", units=()))

    assert (wanting.value.code, strange.value.code) == ("CFG-NUMBERING", "CFG-NUMBERING")
    assert "--also twin=FILE" in str(wanting.value.remedy)
    assert [(one.dataset, one.removed) for one in nowhere] == [("example", 1), ("twin", 0)]
    assert [one.removed for one in finished] == [0, 0]
    assert len(events(twins, "unit.erase")) == 4


def test_files_of_one_numbering_are_taken_together(twins: Path) -> None:
    """Else the last of them holds, and whom the others name stay where they are."""
    datasets = twins / "policies" / "datasets"
    third = (datasets / "twin.yaml").read_text().replace("  id: twin", "  id: third")
    (datasets / "third.yaml").write_text(third)
    settings = load_settings(twins)
    both = ErasureRequest(dataset="example", units=("P7",), others={"third": ("M7",), "twin": ()})
    main = ErasureRequest(
        dataset="twin", units=("M8",), others={"third": ("M9",), "example": ("P8", "P9")}
    )
    first = {one.dataset: one.removed for one in erase(settings, both)}
    second = {one.dataset: one.removed for one in erase(settings, main)}

    assert first == {"example": 1, "third": 0, "twin": 1}  # the third has no snapshot
    assert second == {"example": 2, "third": 0, "twin": 2}


def test_an_empty_main_file_does_not_say_that_nobody_is_there(twins: Path) -> None:
    settings = load_settings(twins)
    with pytest.raises(OperatorError) as wanting:
        erase(settings, ErasureRequest(dataset="example", units=(), others={"twin": ("M7",)}))
    said = {"twin": ("M7",), "example": ()}
    found = erase(settings, ErasureRequest(dataset="example", units=(), others=said))

    assert wanting.value.code == "CFG-NUMBERING"
    assert "--also example=FILE" in str(wanting.value.remedy)
    assert [(one.dataset, one.removed) for one in found] == [("example", 0), ("twin", 1)]


def test_other_keys_are_read_from_files(run: Run, twins: Path, tmp_path: Path) -> None:
    keys = tmp_path / "registry.txt"
    keys.write_text("\ufeffM7\n\n", "utf-8")
    command = ("erase", twins, "--dataset", "example", "--also")
    done = run(*command, f"twin={keys}", stdin="P7")
    more = tmp_path / "more.txt"
    more.write_text("M8\n", "utf-8")
    both = run(*command, f"twin={more}", "--also", f"twin={keys}", stdin="P8")
    wrong = [run(*command, one, stdin="P7") for one in ("twin", f"twin={tmp_path / 'none'}")]

    assert done.code == 0, done.err
    assert "twin: 1 taken out" in done.out
    assert "twin: 1 taken out, 2 on the list" in both.out
    assert [one.code for one in wrong] == [2, 2]


def test_what_is_no_longer_declared_or_not_yet_stored_can_be_erased_too(
    site: Path, tmp_path: Path
) -> None:
    policies = site / "policies"
    text = (policies / "datasets" / "example.yaml").read_text()
    (policies / "datasets" / "example.yaml").write_text(
        text.replace("  id: example", "  id: later")
    )
    project = (policies / "projects" / "example.yaml").read_text()
    (policies / "projects" / "example.yaml").write_text(
        project.replace("id: example\n", "id: later\n")
    )
    stored = done(site, "P7")
    (early,) = erase(load_settings(site), ErasureRequest(dataset="later", units=("P7",)))
    with pytest.raises(OperatorError) as caught:
        erase(load_settings(site), ErasureRequest(dataset="nothing", units=("P7",)))

    assert (stored.dataset, stored.removed) == ("example", 1)
    assert (early.snapshot, early.listed) == (None, 1)
    assert "snapshot" not in events(site, "unit.erase")[-1]
    assert ingest_dataset(load_settings(site), "later", tmp_path / "sources").units == PATIENTS - 1
    assert caught.value.code == "CFG-DATASET"


def test_a_snapshot_of_an_earlier_version_is_closed_until_it_is_made_anew(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_old(old: Path, new: Path, marks: set[bytes]) -> int:
        import duckdb  # noqa: PLC0415  as nothing here should

        with duckdb.connect(str(old)) as connection:
            connection.execute(f"DROP TABLE {PRIVATE}")
        return copy_without(old, new, marks)

    monkeypatch.setattr(erasure, "copy_without", of_old)
    with pytest.raises(StoreError) as caught:
        done(site, "P7")
    with Deployment.open(site) as deployment, pytest.raises(StoreError) as closed:
        LocalGateway(deployment, USER).query(PROJECT, COUNTS)
    again = ingest_dataset(load_settings(site), "example", tmp_path / "sources")

    assert (caught.value.code, closed.value.code) == ("STO-NO-UNITS", "STO-ERASED")
    assert again.units == PATIENTS - 1
    assert len(events(site, "unit.erase")) == 1
    assert [path.name for path in (site / "store" / "example").glob("*.sealed")] == ["2.sealed"]


def test_keys_come_from_standard_input_or_a_file(run: Run, site: Path, tmp_path: Path) -> None:
    listed = tmp_path / "keys.txt"
    listed.write_text("P1\n\nP2\n")
    by_file = run("erase", site, "--dataset", "example", "--keys", listed)
    by_stdin = run("erase", site, "--dataset", "example", stdin="  P3\r\n")
    back = run("erase", site, "--dataset", "example", "--readmit", stdin="P3")
    typed = run("erase", site, "P4", "--dataset", "example")

    assert "example: 2 taken out, 2 on the list; snapshot" in by_file.out
    assert "example: 1 taken out, 3 on the list; snapshot" in by_stdin.out
    assert "gateway ingest" in back.out
    assert typed.code == 2  # a key as an argument would be seen by all users of the machine
    assert not any("P3" in one.out + one.err for one in (by_file, by_stdin, back))


def test_a_byte_order_mark_spares_nobody(run: Run, site: Path, tmp_path: Path) -> None:
    listed = tmp_path / "keys.txt"
    listed.write_bytes("\ufeffP1\r\nP2\r\n".encode())
    by_file = run("erase", site, "--dataset", "example", "--keys", listed)
    by_stdin = run("erase", site, "--dataset", "example", stdin="\ufeffP3\n")

    assert "example: 2 taken out, 2 on the list" in by_file.out
    assert "example: 1 taken out, 3 on the list" in by_stdin.out


def test_an_auditor_sees_what_was_brought_back(run: Run, site: Path) -> None:
    folder = site / "store" / "example"
    shutil.copytree(folder, site / "backup")
    done(site, "P7")
    sound = run("audit", "verify", site)
    listed = load_settings(site).erased / "example.list"
    newest = listed.read_bytes()
    for wrong in (newest.replace(b"\n1\n", b"\n0\n"), newest[:-9] + b"00000000\n", b"", None):
        listed.unlink() if wrong is None else listed.write_bytes(wrong)
        outcome = run("audit", "verify", site)
        assert outcome.code == Failure.ERASURE.value
        assert "ERASURE the list" in outcome.out
    listed.write_bytes(newest)
    shutil.rmtree(folder)
    shutil.copytree(site / "backup", folder)
    older = run("audit", "verify", site)

    assert sound.code == 0
    assert older.code == Failure.ERASURE.value
    assert "the snapshot of dataset example was made before" in older.out
