"""The demo, as a newcomer starts it: a process of its own, in a folder of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.program import main


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the demo printed, and the folder that it kept."""
    folder = tmp_path_factory.mktemp("demo") / "kept"
    command = [
        sys.executable,
        "-m",
        "gateway",
        "demo",
        "--patients",
        "400",
        "--folder",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, folder


def test_the_story_has_all_its_chapters_in_order(told: tuple[str, Path]) -> None:
    story, _ = told
    chapters = (
        "A made-up hospital",
        "Ingest: de-identified",
        "One note",
        "A researcher asks",
        "A question about one person",
        "What is left of the budget",
        "The auditor checks the log",
    )
    places = [story.find(chapter) for chapter in chapters]

    assert -1 not in places
    assert places == sorted(places)


def test_three_questions_are_priced_and_answered_with_intervals(told: tuple[str, Path]) -> None:
    story, _ = told

    assert len(re.findall(r"Price, known before: epsilon", story)) == 3
    assert story.count("95% interval") == 3
    assert "charged nothing" in story


def test_the_refusal_names_its_rule_and_a_way_out(told: tuple[str, Path]) -> None:
    story, _ = told

    assert "Refused (POL-COLUMN-ROLE)" in story
    assert "What to do:" in story


def test_the_budget_is_what_the_questions_cost(told: tuple[str, Path]) -> None:
    story, _ = told

    assert "spent 1.2, left 6.8 of epsilon 8" in " ".join(story.split())


def test_the_log_that_is_kept_verifies_again(told: tuple[str, Path]) -> None:
    _, folder = told

    with pytest.raises(SystemExit) as ended:
        main(["audit", "verify", str(folder / "gateway")])

    assert ended.value.code == 0


def test_no_identifier_of_the_hospital_is_in_what_is_stored_or_logged(
    told: tuple[str, Path],
) -> None:
    _, folder = told
    patients = (folder / "source" / "patients.csv").read_text(encoding="utf-8").splitlines()
    header = patients[0].split(",")
    numbers = {
        row.split(",")[header.index(column)]
        for row in patients[1:]
        for column in ("patient_id", "mrn", "ssn", "email", "insurance_id")
    } - {""}
    written = b"".join(
        path.read_bytes() for path in (folder / "gateway").rglob("*") if path.is_file()
    )

    assert len(numbers) > 1000
    assert not [number for number in numbers if number.encode() in written]


def test_a_planner_sees_who_treated_many_and_no_others(
    told: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder = told
    sql = "SELECT provider_id, COUNT(DISTINCT patient_id) AS n FROM encounters GROUP BY provider_id"
    asked = ["--project", "demo-service-planning", "--epsilon", "1", "--max-groups", "1"]
    command = ["query", "--folder", str(folder / "gateway"), "--as", "demo|planner", *asked, sql]

    with pytest.raises(SystemExit) as ended:
        main([*command, "--format", "csv"])
    header, *rows = capsys.readouterr().out.split()

    assert ended.value.code == 0
    assert header.startswith("provider_id,n,")
    assert 0 < len(rows) < 47
    assert all(row.startswith("S0") and float(row.split(",")[1]) > 15 for row in rows)


def test_the_other_project_may_not_ask_for_them(
    told: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder = told
    sql = "SELECT total_cost / 7, COUNT(*) FROM encounters GROUP BY 1"
    asked = ["--as", "demo|researcher", "--project", "demo-diabetes-care"]

    with pytest.raises(SystemExit) as ended:
        main(["quote", "--folder", str(folder / "gateway"), *asked, sql])

    assert ended.value.code != 0
    assert "POL-PRIVATE-KEYS" in capsys.readouterr().err
