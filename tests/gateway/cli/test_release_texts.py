"""Texts leave once it was measured that little is left in them, and a person has read some."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest

from gateway.governing.signing_keys import open_key
from gateway.releases.checking import check_statement
from gateway.releases.folder import ReleaseFolder
from gateway.releases.sampling import drawn, sample_key
from policies.record_facts import RecordRole
from policies.releases import HumanCheck
from policies.signatures import signed
from tests.gateway.cli.conftest import Clinic, Outcome
from tests.gateway.cli.test_release import WITH_TEXT, scorecard
from tests.gateway.record_site import entries

CHECKED = "human_check: {sample: 7, most: 1}, "


@pytest.fixture
def read(clinic: Clinic) -> Clinic:
    """A clinic of whose texts a privacy officer reads seven, of which one may tell somebody."""
    clinic.edit("datasets/clinic.yaml", "on: notes, ", f"on: notes, {CHECKED}")
    return clinic


def requested(clinic: Clinic) -> str:
    return clinic.requested("--evidence", scorecard(clinic), plan=WITH_TEXT)


def check(clinic: Clinic, release: str, person: str = "pat", leaking: int = 0) -> Outcome:
    key = clinic.folder / "drawer" / f"{person}.pem"
    return clinic.run("release", "check", release, clinic.site, "--key", key,
                      "--leaking", leaking)  # fmt: skip


def approve_all(clinic: Clinic, release: str) -> list[Outcome]:
    return [clinic.approve(release, person) for person in ("bea", "cid")]


def texts_of(clinic: Clinic, release: str) -> Path:
    return clinic.site / "releases" / release / "review" / "texts.jsonl"


def test_nobody_approves_texts_that_nobody_has_read(read: Clinic) -> None:
    release = requested(read)
    early = approve_all(read, release)
    done = check(read, release)
    late = approve_all(read, release)

    assert ["REL-CHECK " in one.err or "REL-CHECK:" in one.err for one in early] == [True, True]
    assert "gateway release check" in early[0].err
    assert done.code == 0, done.err
    assert [one.code for one in late] == [0, 0]
    assert read.export(release).code == 0
    assert read.verify().code == 0


def test_the_texts_are_drawn_from_what_would_leave_by_a_key(read: Clinic) -> None:
    first, second = requested(read), requested(read)
    drawn = [
        [json.loads(line) for line in texts_of(read, one).read_text("utf-8").splitlines()]
        for one in (first, second)
    ]
    (request, _) = entries(read.site, "record.request")

    assert [len(one) for one in drawn] == [7, 7]
    assert {one["text"] for one in drawn[0]} <= {
        "'=1+1 as before.", "=1+1 as before.", "[NAME] was seen on [DATE].",
    }  # fmt: skip
    assert [one["text"] for one in drawn[0]] == [one["text"] for one in drawn[1]]
    assert request["sample"] == 7
    assert not (read.folder / "out" / "texts.jsonl").exists()


@pytest.mark.parametrize(("leaking", "code"), [(1, 0), (2, 1)])
def test_more_than_declared_keeps_a_release_from_leaving_for_good(
    read: Clinic, leaking: int, code: int
) -> None:
    release = requested(read)
    outcome = check(read, release, leaking=leaking)
    check(read, release)
    approved = approve_all(read, release)[0]
    (logged, _) = entries(read.site, "record.check")

    assert outcome.code == code
    assert logged["verdict"] == ("failed" if code else "passed")
    assert "leaking" not in json.dumps(logged)
    assert approved.code == code
    assert ("REL-CHECK-FAILED" in approved.err) is bool(code)
    assert read.verify().code == 0


def test_who_asks_again_is_shown_the_same_texts() -> None:
    """Whatever the order of the rows, the plan's other columns, or the state of the data."""
    texts = [f"text {place}" for place in range(200)] + ["alike"] * 20
    evidence = SimpleNamespace(human_check=HumanCheck(sample=40))
    rules = SimpleNamespace(text_evidence=evidence)

    def shown(master: bytes, **columns: list[str]) -> list[str]:
        facts = SimpleNamespace(columns=dict.fromkeys(columns, RecordRole.FREE_TEXT))
        key = sample_key(master, "clinic", "patients")
        sample = drawn(pa.table(columns), cast("Any", facts), cast("Any", rules), key)
        assert sample is not None
        return [json.loads(line)["text"] for line in sample.file.splitlines()]

    first = shown(b"m" * 32, note=texts)
    both = shown(b"m" * 32, note=texts, letter=[f"letter {text}" for text in texts])
    shorter = shown(b"m" * 32, note=texts[50:])

    assert shown(b"m" * 32, note=texts[::-1]) == first
    assert {one for one in both if not one.startswith("letter")} <= set(first)
    assert set(first) & set(texts[50:]) <= set(shorter)
    assert shown(b"n" * 32, note=texts) != first
    assert len(first) == 40


@pytest.mark.parametrize("destroyed", [True, False])
def test_texts_in_which_too_much_was_found_do_not_leave_in_another_release(
    read: Clinic,
    destroyed: bool,  # noqa: FBT001  a case
) -> None:
    first, waiting = requested(read), requested(read)
    check(read, waiting)
    approve_all(read, waiting)
    check(read, first, leaking=2)
    if destroyed:
        assert read.run("release", "destroy", first, read.site).code == 0
    again = read.request("--evidence", scorecard(read), plan=WITH_TEXT)
    out = read.export(waiting)
    approved = approve_all(read, waiting)

    assert "REL-CHECK-FAILED" in again.err
    assert "REL-CHECK-FAILED" in out.err
    assert all("REL-CHECK-FAILED" in one.err for one in approved)
    assert not (read.folder / "out").exists()
    assert read.request().code == 0  # without the texts
    ingested = read.run("ingest", read.site, "--dataset", "clinic", "--workers", 0,
                        "--source", read.folder / "sources")  # fmt: skip
    assert ingested.code == 0, ingested.err
    for one in (read.site / "releases").iterdir():
        read.run("release", "destroy", one.name, read.site)
    assert read.request("--evidence", scorecard(read), plan=WITH_TEXT).code == 0


@pytest.mark.parametrize(("person", "code"), [
    ("bea", "APP-ROLE"), ("dan", "APP-ROLE"), ("ann", "APP-ROLE"),
])  # fmt: skip
def test_only_who_is_declared_to_reads(read: Clinic, person: str, code: str) -> None:
    release = requested(read)

    assert code in check(read, release, person).err
    assert entries(read.site, "record.check") == []


def test_who_gets_the_texts_does_not_check_them(read: Clinic) -> None:
    release = read.requested(
        "--evidence", scorecard(read), "--recipient", "uni|pat", plan=WITH_TEXT
    )

    assert "APP-REQUESTER" in check(read, release).err


def test_other_texts_than_those_that_were_drawn_are_not_signed_for(read: Clinic) -> None:
    release = requested(read)
    file = texts_of(read, release)
    file.write_bytes(file.read_bytes().splitlines()[0])

    assert "REL-CHANGED" in check(read, release).err


def test_an_envelope_that_the_log_lacks_is_no_check(read: Clinic) -> None:
    release = requested(read)
    (request,) = entries(read.site, "record.request")
    statement = check_statement(request["manifest"], request["seq"], 0)
    envelope = signed(statement, open_key(read.folder / "drawer" / "pat.pem"), _now())
    ReleaseFolder(read.site / "releases", release).keep_check("f" * 16, envelope.to_bytes())

    assert "REL-CHECK" in approve_all(read, release)[0].err


def test_an_auditor_misses_a_check_that_is_gone(read: Clinic) -> None:
    release = requested(read)
    check(read, release)
    approve_all(read, release)
    read.export(release)
    sound = read.verify()
    next((read.site / "releases" / release / "checks").iterdir()).unlink()
    outcome = read.verify()

    assert sound.code == 0, sound.out
    assert outcome.code == 23
    assert "the check of its texts is not kept" in outcome.out


def test_a_check_that_the_declarations_ask_for_later_is_asked_for(clinic: Clinic) -> None:
    release = requested(clinic)
    nothing = check(clinic, release)
    approve_all(clinic, release)
    clinic.edit("datasets/clinic.yaml", "on: notes, ", f"on: notes, {CHECKED}")
    later = clinic.export(release)

    assert "REL-NO-CHECK" in nothing.err
    assert "REL-CHECK" in later.err
    assert not (clinic.folder / "out").exists()


def test_a_check_that_was_asked_for_stays(read: Clinic) -> None:
    release = requested(read)
    read.edit("datasets/clinic.yaml", CHECKED, "")

    assert "REL-CHECK" in approve_all(read, release)[0].err
    assert check(read, release).code == 0
    assert approve_all(read, release)[0].code == 0


def test_texts_in_which_too_much_may_be_left_are_not_made(clinic: Clinic) -> None:
    """Nothing leaks in three texts: at 95 %, 63 % of all may; at 50 %, 21 %."""
    clinic.edit("datasets/clinic.yaml", "on: notes, ", 'on: notes, max_leaking: "0.6", ')
    card = scorecard(clinic)
    few = clinic.request("--evidence", card, plan=WITH_TEXT)
    clinic.edit("datasets/clinic.yaml", '"0.6", ', '"0.6", confidence: "0.5", ')
    enough = clinic.request("--evidence", card, plan=WITH_TEXT)

    assert "REL-TEXT-EVIDENCE" in few.err
    assert "may be above 0.6, at confidence 0.95" in few.err
    assert enough.code == 0, enough.err


def _now() -> datetime:
    return datetime.now(UTC)
