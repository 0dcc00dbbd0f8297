"""Ingests, releases and readings at the pages, over a clinic with notes and records."""

from __future__ import annotations

import html
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import Any

import pytest

from gateway.app import create_app
from gateway.cli.identified_files import read_plan
from gateway.demo.hospital.histories import gold_notes
from gateway.deployment import Deployment
from gateway.identity.principals import AccountRole
from gateway.ingest import IngestReport, NotesReport, TableReport
from gateway.keyring import KeyRing
from gateway.opening import open_store
from gateway.operations_log import operations_log
from gateway.oversight.readings import GoldSet, Readings, TextSource
from gateway.oversight.runs import ingest_runs
from gateway.pages.steward.risk import together_words
from gateway.records import Asked, record_door
from gateway.releases.folder import ReleaseFolder
from gateway.releases.leaving import destroy_release
from gateway.releases.making import Wanted
from gateway.releases.requests import request_release
from gateway.releases.states import release_states
from gateway.settings import SETTINGS_FILE, load_settings
from tests.gateway.clinic import GOLD, GOLD_DIGEST, PATIENTS, make_clinic
from tests.gateway.pages.signed_in import Browser
from tests.gateway.record_site import entries

READING = "/studio/readings/clinic/patients/note"
CANARIES = ("Canary", "Zebedee", "secret", "as before.")
FIGURE = r'<tr><th scope="row">{}[^<]*</th><td class="num">([^<]*)</td><td class="num">([^<]*)</td>'


@pytest.fixture(scope="session")
def made_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic of whose patients the same records are asked for twice."""
    folder = tmp_path_factory.mktemp("clinic")
    site = make_clinic(folder)
    plan, _ = read_plan(folder / "plan.yaml")
    asked = Asked(user="uni|ann", project="cohort", dataset="clinic", purpose="research")
    with record_door(load_settings(site)) as door:
        for _ in range(2):
            wanted = Wanted(
                asked=asked,
                recipient="uni|ann",
                table="patients",
                plan=plan,
                plan_file=(folder / "plan.yaml").read_bytes(),
                form="csv",
            )
            request_release(door, wanted)
    return site


@pytest.fixture
def site(made_site: Path, tmp_path: Path) -> Path:
    shutil.copytree(made_site.parent, tmp_path, dirs_exist_ok=True)
    settings = tmp_path / "site" / SETTINGS_FILE
    moved = settings.read_text("utf-8").replace(str(made_site.parent), str(tmp_path))
    settings.write_text(
        f'{moved}\n[deidentify.gold]\nfile = "{tmp_path}/gold.jsonl"\nconsent = "IRB 7 of May"\n',
        encoding="utf-8",
    )
    return tmp_path / "site"


@pytest.fixture
def deployment(site: Path) -> Iterator[Deployment]:
    with Deployment.open(site) as opened:
        yield opened


@pytest.fixture
def operations() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def steward(deployment: Deployment, operations: io.StringIO) -> Browser:
    app = create_app(deployment, log=operations_log(operations))
    return Browser(app.test_client(), deployment).sign_in("stella", AccountRole.STEWARD)


def releases(site: Path) -> list[str]:
    return list(release_states(load_settings(site).ledger))


def original(page: str) -> str:
    """The text on the left, without what marks it."""
    found = re.search(
        r'<pre class="note"[^>]+aria-labelledby="before">(.*?)</pre>', page, re.DOTALL
    )
    assert found is not None
    return html.unescape(re.sub(r"<small>.*?</small>|<[^>]+>", "", found[1]))


def test_ingests_are_listed_and_each_has_its_report(site: Path, steward: Browser) -> None:
    run = ingest_runs(load_settings(site))[0]
    listed = steward.get("/studio/ingests")
    page = steward.get(f"/studio/ingests/{run.entry}")

    assert listed.status_code == 200
    assert run.snapshot in listed.text
    assert f'href="/studio/ingests/{run.entry}"' in listed.text
    assert page.status_code == 200
    assert f'<strong class="num">{PATIENTS}</strong> privacy units' in page.text
    assert f"0 of {PATIENTS} notes withheld" in page.text
    assert '<th scope="row">NAME</th><td class="num">' in page.text
    assert '<code>patients</code> <span class="muted">name</span>' in page.text
    assert steward.get("/studio/ingests/999999").status_code == 404


def test_what_was_refused_is_told_by_rule_column_and_kind_of_error(
    site: Path, steward: Browser
) -> None:
    settings = load_settings(site)
    run = ingest_runs(settings)[0]
    store = open_store(settings, KeyRing.open(settings.keys))
    found = store.reports.read("clinic", 1)
    assert found is not None
    table = TableReport(
        table="visits",
        read=5000,
        stored=4000,
        rejected={"unknown unit": 990, "bad key": 0},
        left_out=10,
        clamped={"cost": 1234},
        nulled={"start": 7},
    )
    notes = NotesReport(
        processed=1500, failures={"SourceError": 3}, spans={"NAME": 2222}, seconds=3
    )
    made = IngestReport(
        dataset="clinic", snapshot=run.snapshot, units=9, tables=(table,), notes=notes, seconds=2
    )
    store.reports.keep("clinic", 1, header=found[0], report=made.to_bytes())
    page = re.sub(r"\s*<[^>]+>\s*", "|", steward.get(f"/studio/ingests/{run.entry}").text)
    page = re.sub(r"\|+", "|", page)

    assert "|visits|5,000|4,000|990|10|0.0 s|" in page
    assert "|visits|unknown unit|990|" in page
    assert "bad key" not in page
    assert "|visits|cost|1,234|" in page
    assert "|visits|start|7|" in page
    assert "|3 of 1,500 notes withheld|" in page
    assert "|SourceError|3|" in page
    assert "|NAME|2,222|" in page


def test_an_ingest_without_a_report_says_why(site: Path, steward: Browser) -> None:
    run = ingest_runs(load_settings(site))[0]
    (site / "store" / "clinic" / "1.report").unlink()

    page = steward.get(f"/studio/ingests/{run.entry}")

    assert page.status_code == 200
    assert "No report is kept" in page.text


def test_the_risk_of_a_release_is_shown_before_and_after(site: Path, steward: Browser) -> None:
    first, second = releases(site)
    page = steward.get(f"/studio/releases/{second}").text
    report = json.loads((site / "releases" / second / "review" / "report.json").read_bytes())
    joint = json.loads((site / "releases" / second / "review" / "together.json").read_bytes())

    smallest = re.search(FIGURE.format(r"Smallest class, in units \(k\)"), page)
    unique = re.search(FIGURE.format(r"Rows alone in their class"), page)
    assert smallest is not None
    assert smallest.groups() == (str(report["before"]["k"]), str(report["after"]["k"]))
    assert unique is not None
    assert unique[1].startswith(f"{report['before']['unique_rows']} (")
    assert unique[2].startswith("0 (")
    assert "not met" not in page
    assert "Prosecutor: highest risk" in page
    assert page.count('<span class="tag">below k</span>') == 3  # 1, 2 and 3 to 4 of k = 5
    assert page.count('class="outlined"') >= 2
    assert "bands of 10" in page
    assert f'at least <strong class="num">{joint["k"]}</strong> units' in page
    assert joint["releases"] == [first]
    assert together_words(joint["l"], joint["t"]) in html.unescape(page)
    assert "What is asked for" in page  # nobody has signed yet
    assert "What was signed for" not in page
    assert f'href="/studio/releases/{first}"' in page
    assert "had no other release of this table" in steward.get(f"/studio/releases/{first}").text
    assert f'href="/studio/releases/{second}"' in steward.get("/studio/releases").text


def test_a_destroyed_release_has_no_figures_left(site: Path, steward: Browser) -> None:
    _, second = releases(site)
    with record_door(load_settings(site)) as door:
        destroy_release(door, second)
    page = steward.get(f"/studio/releases/{second}")

    assert page.status_code == 200
    assert "The figures are not kept" in page.text
    assert "went with the records" in page.text
    assert "bands of 10" in page.text  # what was signed for, which no row decides alone
    assert list((ReleaseFolder(site / "releases", second).path / "review").glob("*")) == []


@pytest.mark.parametrize("content", [b"", b"[]", b'{"kind": "another"}', b"[" * 200_000])
def test_a_report_of_another_form_is_not_shown(
    site: Path, steward: Browser, content: bytes
) -> None:
    _, second = releases(site)
    review = site / "releases" / second / "review"
    (review / "report.json").write_bytes(content)
    (review / "together.json").write_bytes(content)
    (site / "releases" / second / "manifest.json").write_bytes(b"{}")
    page = steward.get(f"/studio/releases/{second}")

    assert page.status_code == 200
    assert "The figures are not kept" in page.text
    assert "What was signed for" not in page.text


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: found.pop("after"),
        lambda found: found.pop("sensitive"),
        lambda found: found["before"].pop("unique_rows"),
        lambda found: found["after"]["class_sizes"].pop(),
        lambda found: found["after"]["attackers"].pop(),
        lambda found: found["before"].update(rows="many"),
        lambda found: found["criteria"].pop("k"),
        lambda found: found["criteria"].update(k=[]),
        lambda found: found["columns"].append({}),
        lambda found: found.update(loss=float("nan")),
        lambda found: [
            state["class_sizes"][0].update(sizes="few")
            for state in (found["before"], found["after"])
        ],
    ],
)
def test_a_damaged_report_is_not_shown(
    site: Path, steward: Browser, damage: Callable[[dict[str, Any]], object]
) -> None:
    _, second = releases(site)
    path = site / "releases" / second / "review" / "report.json"
    found = json.loads(path.read_bytes())
    damage(found)
    path.write_text(json.dumps(found), encoding="utf-8")
    page = steward.get(f"/studio/releases/{second}")

    assert page.status_code == 200
    assert "The figures are not kept" in page.text


def test_no_other_name_is_a_release(steward: Browser, site: Path) -> None:
    first, _ = releases(site)
    for name in (first[:12], "0" * 32, ".."):
        assert steward.get(f"/studio/releases/{name}").status_code == 404


def test_exact_counts_are_in_no_log(site: Path, steward: Browser, operations: io.StringIO) -> None:
    _, second = releases(site)
    entry = ingest_runs(load_settings(site))[0].entry
    before = entries(site, "ingest.done") + entries(site, "record.request")
    for path in (f"/studio/ingests/{entry}", f"/studio/releases/{second}", READING):
        assert steward.get(path).status_code == 200
    said = operations.getvalue()

    assert entries(site, "ingest.done") + entries(site, "record.request") == before
    assert entries(site, "gold.read") == []
    assert second not in said
    assert "/studio/releases/<release_id>" in said


def test_made_up_notes_are_shown_before_and_after_with_their_figures(steward: Browser) -> None:
    page = steward.get(f"{READING}?text=3").text

    assert "Text <strong" in page
    assert "As it was written" in page
    assert "As it would be stored" in page
    assert '<mark class="found">' in page
    assert "[NAME]" in page  # what the declaration says: redact
    assert "How well texts 1 to 20 were read" in page
    assert re.search(r'<tr class="sum"><th scope="row">All</th>', page)
    assert f'href="{READING}?of=made-up&amp;text=4"' in page
    assert f'href="{READING}?of=made-up&amp;text=2"' in page


def test_no_note_of_a_dataset_can_be_seen_there(
    site: Path, steward: Browser, deployment: Deployment
) -> None:
    stored = deployment.policies.datasets["clinic"]
    seen = [one.text for one in gold_notes(60, 26_112_204)]
    seen += [json.loads(line)["text"] for line in GOLD.splitlines()]
    others = (
        "?of=clinic", "?of=store", "?of=gold&text=4", "?text=61", "?text=0", "?text=-1", "?text=x",
        "?text=%C2%B2", "?text=99999999999", "?of=made-up&snapshot=1&row=1",
    )  # fmt: skip
    pages = [steward.get(f"{READING}?text={at}") for at in range(1, 61)]
    pages += [steward.get(f"{READING}?of=gold&text={at}") for at in range(1, 4)]
    odd = [steward.get(f"{READING}{query}") for query in others]

    assert {one.status_code for one in pages} == {200}
    assert {one.status_code for one in odd[:-1]} == {404}
    assert odd[-1].text == pages[0].text
    for page in (*pages, *odd):
        assert not [one for one in CANARIES if one in page.text]
    assert [original(page.text) for page in pages] == seen
    assert stored.tables["patients"].columns["note"].is_stored
    sources = (site.parent / "sources" / "patients.csv").read_text("utf-8")
    assert all(one in sources for one in CANARIES)


def test_each_look_at_a_consented_text_is_logged_before_it_is_shown(
    site: Path, steward: Browser
) -> None:
    listed = steward.get("/studio/readings").text
    page = steward.get(f"{READING}?of=gold&text=2").text
    logged = entries(site, "gold.read")

    assert "IRB 7 of May" in listed
    assert "IRB 7 of May" in page
    assert "Jane Roe" in page
    assert "Next" in page
    assert [(one["actor"], one["gold"], one["text"]) for one in logged] == [
        ("stella", GOLD_DIGEST, 2)
    ]
    assert "Roe" not in json.dumps(logged)


def test_the_set_that_is_logged_is_the_one_that_is_shown(
    site: Path, steward: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Readings.texts

    def replaced_after(self: Readings, source: TextSource) -> GoldSet:
        found = read(self, source)
        (site.parent / "gold.jsonl").write_text(
            GOLD.replace("Jane Roe", "John Doe"), encoding="utf-8"
        )
        return found

    monkeypatch.setattr(Readings, "texts", replaced_after)
    page = steward.get(f"{READING}?of=gold&text=2").text

    assert [one["gold"] for one in entries(site, "gold.read")] == [GOLD_DIGEST]
    assert "Jane Roe" in page


def test_a_deployment_that_closes_ends_the_readings(site: Path) -> None:
    with Deployment.open(site) as deployment:
        browser = Browser(
            create_app(deployment, log=operations_log(io.StringIO())).test_client(), deployment
        )
        browser.sign_in("stella", AccountRole.STEWARD).get(READING)
        assert _readers()
    assert not _readers()


def _readers() -> list[Thread]:
    return [one for one in enumerate_threads() if one.name.startswith("readings")]


def test_what_is_no_gold_set_is_told_and_nothing_of_it_is_shown(
    site: Path, steward: Browser
) -> None:
    (site.parent / "gold.jsonl").write_text(GOLD.replace('"id"', '"name"'), encoding="utf-8")
    page = steward.get(f"{READING}?of=gold")

    assert page.status_code == 409
    assert "SRC-GOLD" in page.text
    assert "Jane Roe" not in page.text
    assert entries(site, "gold.read") == []


@pytest.mark.parametrize("path", ["clinic/patients/name", "none/patients/note", "clinic/none/note"])
def test_only_declared_columns_of_notes_are_read(steward: Browser, path: str) -> None:
    assert steward.get(f"/studio/readings/{path}").status_code == 404


def test_a_report_that_was_tampered_with_is_an_incident_of_the_operators_log(
    site: Path, steward: Browser, operations: io.StringIO
) -> None:
    settings = load_settings(site)
    run = ingest_runs(settings)[0]
    kept = settings.store / "clinic" / "1.report"
    kept.write_bytes(kept.read_bytes()[:-1])
    page = steward.get(f"/studio/ingests/{run.entry}")

    assert page.status_code == 500
    told = re.search(r"incident <code>([0-9a-f]{16})</code>", page.text)
    assert told is not None
    lines = [json.loads(line) for line in operations.getvalue().splitlines()]
    logged = [line for line in lines if line["event"] == "incident"]
    assert [(line["incident"], line["code"]) for line in logged] == [(told[1], "STO-SEAL")]
