from __future__ import annotations

import base64
import csv
import gzip
import json
import os
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymizers.tables.plan import ColumnRole, TablePlan
from gateway.cli.identified_files import read_plan
from tests.anonymizers.tables.ward import PATIENTS, name_of, ward, ward_rows
from tests.gateway.cli.conftest import Run
from tests.gateway.record_site import make_record_site

SAMPLES = Path(
    os.environ.get("GATEWAY_SAMPLE_DATA", Path(__file__).parents[3].parent / "shared" / "data")
)
NOTE = "Dr. Jane Roe saw Mr. John Doe (MRN: 12345678) on 03/04/2021."
PLAN = """
criteria: {k: 5, l: 2, suppression: 0.1}
columns:
  patient_id: {role: privacy_unit}
  name: {role: direct_identifier, identifies: full_name}
  born: {role: quasi_identifier, hierarchy: {kind: date}, identifies: date}
  age: {role: quasi_identifier, hierarchy: {kind: number, top: 90}}
  zip: {role: quasi_identifier, hierarchy: {kind: zip}}
  sex: {role: quasi_identifier, weight: 2}
  seen: {role: date}
  note: {role: free_text}
  dx: {role: sensitive}
  internal: {role: undecided}
"""


def write_lines(file: Path, *records: dict[str, Any]) -> Path:
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def write_ward(folder: Path) -> tuple[Path, Path]:
    source, plan = folder / "ward.csv", folder / "plan.yaml"
    rows = ward_rows()
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    plan.write_text(PLAN, encoding="utf-8")
    return source, plan


def spans_in(file: Path) -> list[tuple[str, list[str]]]:
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert all(set(record) == {"id", "text", "spans"} for record in records)
    for record in records:
        assert all(set(span) == {"start", "end", "label"} for span in record["spans"])
    return [
        (record["id"], [record["text"][one["start"] : one["end"]] for one in record["spans"]])
        for record in records
    ]


def test_a_table_is_released_with_its_report(run: Run, tmp_path: Path) -> None:
    source, plan = write_ward(tmp_path)
    out, report = tmp_path / "out.csv", tmp_path / "filed"
    outcome = run("deidentify", "table", source, out, "--plan", plan, "--report", report)
    text = out.read_text(encoding="utf-8")
    document = json.loads((report / "report.json").read_text(encoding="utf-8"))

    assert outcome.code == 0, outcome.err
    assert f"k = {document['after']['k']}" in outcome.out
    assert "k holds of each row alone" in outcome.out
    assert "the figures hold of each row alone" in document["columns"][0]["done"]
    assert document["after"]["k"] >= 5
    assert not [name for name in map(name_of, range(PATIENTS)) if name in text + outcome.out]
    assert (report / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert {path.stat().st_mode & 0o77 for path in (out, *report.iterdir())} == {0}


def test_parquet_and_csv_give_the_same_release(run: Run, tmp_path: Path) -> None:
    source, plan = write_ward(tmp_path)
    plain = "".join(
        line for line in PLAN.splitlines(keepends=True) if not re.search("seen|note", line)
    )
    plan.write_text(plain + "  seen: {role: undecided}\n  note: {role: undecided}\n", "utf-8")
    pq.write_table(ward(), tmp_path / "ward.parquet")
    options = ("--plan", plan, "--folder", make_record_site(tmp_path))
    run("deidentify", "table", source, tmp_path / "a.parquet", *options)
    run("deidentify", "table", tmp_path / "ward.parquet", tmp_path / "b.parquet", *options)
    first, second = (pq.read_table(tmp_path / f"{name}.parquet") for name in "ab")
    values = [name for name in first.column_names if name != "patient_id"]
    order = [(name, "ascending") for name in values]

    assert first.select(values).sort_by(order).equals(second.select(values).sort_by(order))
    assert not set(first["patient_id"].to_pylist()) & set(second["patient_id"].to_pylist())


def test_a_proposed_plan_is_one_that_can_be_used(run: Run, tmp_path: Path) -> None:
    source, _ = write_ward(tmp_path)
    proposed = tmp_path / "proposed.yaml"
    outcome = run("deidentify", "table", source, "--propose")
    proposed.write_text(outcome.out, encoding="utf-8")
    plan, digest = read_plan(proposed)
    used = run("deidentify", "table", source, tmp_path / "out.csv", "--plan", proposed)

    assert isinstance(plan, TablePlan)
    assert len(digest) == 64
    assert plan.columns["patient_id"].role is ColumnRole.COUNTED_UNIT  # each has two rows
    assert plan.columns["name"].role is ColumnRole.DIRECT_IDENTIFIER
    assert plan.columns["note"].role is ColumnRole.FREE_TEXT
    assert set(plan.of(ColumnRole.QUASI_IDENTIFIER)) == {"age", "zip", "sex"}
    assert name_of(1) not in outcome.out
    assert used.code in {0, 1}


def test_a_wrong_plan_is_told_with_its_line(run: Run, tmp_path: Path) -> None:
    source, plan = write_ward(tmp_path)
    out = tmp_path / "out.csv"
    plan.write_text(PLAN.replace("role: date}", "role: dates}"), encoding="utf-8")
    wrong = run("deidentify", "table", source, out, "--plan", plan)
    plan.write_text(PLAN.replace("  dx: {role: sensitive}\n", ""), encoding="utf-8")
    missing = run("deidentify", "table", source, out, "--plan", plan)
    plan.write_text(PLAN.replace("k: 5", "k: 500"), encoding="utf-8")
    impossible = run("deidentify", "table", source, out, "--plan", plan)

    assert (wrong.code, missing.code, impossible.code) == (1, 1, 1)
    assert "plan.yaml:10" in wrong.err
    assert "DEID-PLAN" in missing.err
    assert "DEID-NO-RELEASE" in impossible.err
    assert run("deidentify", "table", source).code == 2
    assert not out.exists()


def test_rows_are_not_counted_for_persons_unless_that_is_said(run: Run, tmp_path: Path) -> None:
    source, plan, out = tmp_path / "visits.csv", tmp_path / "plan.yaml", tmp_path / "out.csv"
    source.write_text("mrn,sex\n" + "1,F\n" * 5 + "2,M\n" * 5, encoding="utf-8")
    given = "criteria: {k: 5, suppression: 0}\ncolumns:\n  mrn: {role: %s}\n  sex: {role: %s}\n"
    plan.write_text(given % ("direct_identifier", "quasi_identifier"), encoding="utf-8")
    refused = run("deidentify", "table", source, out, "--plan", plan)
    left = out.exists()
    said = run("deidentify", "table", source, out, "--plan", plan, "--rows-are-people")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    plan.write_text(given % ("counted_unit", "quasi_identifier"), encoding="utf-8")
    counted = run("deidentify", "table", source, out, "--plan", plan)

    source.write_text("mrn,sex\n" + ",F\n" * 5 + "2,M\n3,M\n4,M\n5,M\n6,M\n", encoding="utf-8")
    empty = run("deidentify", "table", source, out, "--plan", plan)

    assert empty.code == 1
    assert "DEID-UNIT" in empty.err
    assert (refused.code, left) == (1, False)
    assert "DEID-UNIT" in refused.err
    assert said.code == 0, said.err
    assert "every row was taken for another person" in report
    assert counted.code == 1
    assert "DEID-NO-RELEASE" in counted.err  # two persons


def test_a_proposal_tells_where_no_column_says_whose_a_row_is(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "visits.csv"
    source.write_text("sex,age\n" + "F,31\nM,40\n" * 20, encoding="utf-8")
    outcome = run("deidentify", "table", source, "--propose")
    ward = run("deidentify", "table", write_ward(tmp_path)[0], "--propose")

    assert "--rows-are-people" in outcome.out
    assert "--rows-are-people" not in ward.out


def test_broken_tables_are_told_and_not_passed(run: Run, tmp_path: Path) -> None:
    _, plan = write_ward(tmp_path)
    header = b"patient_id,name,born,age,zip,sex,seen,note,dx,internal\n"
    row = b"P1,Ann Lee,1950-01-02,70,02139,F,2021-01-02,fine,flu,x\n"
    for name, content, code in (
        ("latin", header + row.replace(b"Ann", b"Ren\xe9"), "SRC-ENCODING"),
        ("nul", header + row.replace(b"Ann", b"A\0n"), "SRC-NUL"),
        ("ragged", header + row + b"P2,Bo\n", "SRC-RAGGED"),
        ("quotes", header + row + b'P2,"Bo\n', "SRC-"),
        ("empty", b"", "SRC-EMPTY"),
        ("zeros", bytes(5000), "SRC-NUL"),
    ):
        source = tmp_path / f"{name}.csv"
        source.write_bytes(content)
        outcome = run("deidentify", "table", source, tmp_path / "out.csv", "--plan", plan)

        assert outcome.code == 1, name
        assert code in outcome.err
        assert "Ann Lee" not in outcome.err
        assert not (tmp_path / "out.csv").exists()


def test_detect_writes_predictions_in_the_form_of_gold(run: Run, tmp_path: Path) -> None:
    source = write_lines(
        tmp_path / "in.jsonl",
        {"id": "a", "text": NOTE, "spans": []},
        {"id": "b", "text": "No acute distress."},
    )
    outcome = run("deidentify", "detect", source, tmp_path / "out.jsonl")
    found = spans_in(tmp_path / "out.jsonl")

    assert outcome.code == 0
    assert [name for name, _ in found] == ["a", "b"]
    assert {"Jane Roe", "John Doe", "12345678", "03/04/2021"} <= set(found[0][1])
    assert found[1][1] == []


def test_score_prints_every_figure_with_its_limit(run: Run, tmp_path: Path) -> None:
    name = {"start": 4, "end": 8, "label": "NAME"}
    missed = {"start": 10, "end": 15, "label": "NAME"}
    gold = write_lines(
        tmp_path / "gold.jsonl",
        {"id": "a", "text": "Dr. Anna, Maria", "spans": [name, missed]},
        {"id": "b", "text": "Dr. Anna is in", "spans": [name]},
        {"id": "c", "text": "Nobody", "spans": []},
    )
    predictions = write_lines(
        tmp_path / "found.jsonl",
        {"id": "c", "text": "Nobody", "spans": [{"start": 0, "end": 6, "label": "NAME"}]},
        {"id": "a", "text": "Dr. Anna, Maria", "spans": [name]},
        {"id": "b", "text": "Dr. Anna is in", "spans": [name]},
    )
    outcome = run("deidentify", "score", gold, "--predictions", predictions, "--json")
    figures = json.loads(outcome.out)
    told = run("deidentify", "score", gold, "--predictions", predictions).out

    assert figures["characters"]["recall"] == pytest.approx(8 / 13)
    assert figures["characters"]["precision"] == pytest.approx(8 / 14)
    assert figures["entities"]["recall"] == pytest.approx(2 / 3)
    assert figures["entities"]["f2"] == pytest.approx(2 / 3)
    assert figures["by_label"]["NAME"]["entities"]["gold"] == 3
    # 1 - 0.05 ** (1 / n) for no hits and its mirror; one of three by Clopper and Pearson: 0.8647
    assert figures["texts_leaking"]["count"] == 1
    assert figures["texts_leaking"]["upper_limit"] == pytest.approx(0.8646, abs=1e-4)
    assert figures["clean_texts_touched"] == {
        "count": 1, "of": 1, "share": 1.0, "upper_limit": 1.0,
    }  # fmt: skip
    assert "texts that leak: 1 of 3" in told
    assert "at most 0.86" in told


def test_every_figure_of_a_score_is_the_one_counted_by_hand(run: Run, tmp_path: Path) -> None:
    """Four texts; what is printed is worked out in the comments.

    a "Ann Lee, 4711": NAME 0-7 (6 letters), ID 9-13 (4); predicted NAME 0-3 and ID 9-13
    b "Bo came 3/14":  NAME 0-2 (2), DATE 8-12 (3); predicted NAME 0-7 (6), nothing else
    c "No pain":       nothing; predicted OTHER 3-7 (4)
    d "All well":      nothing; nothing predicted
    """

    def record(name: object, text: str, *spans: tuple[int, int, str]) -> dict[str, Any]:
        found = [{"start": start, "end": end, "label": label} for start, end, label in spans]
        return {"id": name, "text": text, "spans": found}

    texts = ("Ann Lee, 4711", "Bo came 3/14", "No pain", "All well")
    gold = write_lines(
        tmp_path / "gold.jsonl",
        record("a", texts[0], (0, 7, "NAME"), (9, 13, "ID")),
        record(2, texts[1], (0, 2, "NAME"), (8, 12, "DATE")),
        record("c", texts[2]),
        record("d", texts[3]),
    )
    predicted = write_lines(
        tmp_path / "found.jsonl",
        record("a", texts[0], (0, 3, "NAME"), (9, 13, "ID")),
        record(2, texts[1], (0, 7, "NAME")),
        record("c", texts[2], (3, 7, "OTHER")),
        record("d", texts[3]),
    )
    score = ("deidentify", "score", gold, "--predictions", predicted)
    figures = json.loads(run(*score, "--json").out)
    told = run(*score).out

    def f2(precision: float, recall: float) -> float:
        return 5 * precision * recall / (4 * precision + recall)

    # Characters: 15 in gold; found 3 + 4 + 2; predicted 3 + 4 + 6 + 4; right 9.
    characters = figures["characters"]
    assert (characters["gold"], characters["found"]) == (15, 9)
    assert (characters["predicted"], characters["right"]) == (17, 9)
    assert characters["f2"] == pytest.approx(f2(9 / 17, 9 / 15))
    # Entities: whole ones found are ID 9-13 and NAME 0-2; of 4 predicted, all but OTHER touch gold.
    entities = figures["entities"]
    assert (entities["recall"], entities["precision"]) == (2 / 4, 3 / 4)
    assert entities["f2"] == pytest.approx(f2(3 / 4, 2 / 4))
    labels = {name: one["entities"] for name, one in figures["by_label"].items()}
    assert set(labels) == {"NAME", "ID", "DATE", "OTHER"}
    assert (labels["NAME"]["recall"], labels["NAME"]["precision"]) == (1 / 2, 1)
    assert (labels["DATE"]["recall"], labels["OTHER"]["precision"]) == (0, 0)
    assert figures["by_label"]["NAME"]["characters"]["found"] == 5
    # Two of four texts leak; one of two without identifiers is touched. Clopper and Pearson, one
    # side, 95 %: p with P(X <= 2 of 4) = .05 is .9024; with P(X <= 1 of 2), sqrt(.95) = .9747.
    assert figures["texts_leaking"]["share"] == figures["clean_texts_touched"]["share"] == 1 / 2
    assert figures["texts_leaking"]["upper_limit"] == pytest.approx(0.9024, abs=1e-4)
    assert figures["clean_texts_touched"]["upper_limit"] == pytest.approx(0.95**0.5, abs=1e-4)
    assert figures["entities_missed"]["upper_limit"] == pytest.approx(0.9024, abs=1e-4)
    assert "texts that leak: 2 of 4, 0.5000, at most 0.9024 at 95 %" in told


def test_an_id_that_is_a_number_stays_one(run: Run, tmp_path: Path) -> None:
    source = write_lines(tmp_path / "in.jsonl", {"id": 7, "text": "No pain."})
    outcome = run("deidentify", "detect", source, tmp_path / "out.jsonl")

    assert outcome.code == 0
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["id"] == 7


def test_score_runs_the_pipeline_itself(run: Run, tmp_path: Path) -> None:
    span = {"start": 17, "end": 25, "label": "NAME"}
    gold = write_lines(
        tmp_path / "gold.jsonl", {"id": "a", "text": "Seen by Dr. Jane Roe-Smith.", "spans": [
            {"start": 12, "end": 26, "label": "NAME"}]}
    )  # fmt: skip
    figures = json.loads(run("deidentify", "score", gold, "--json").out)

    assert figures["entities"]["recall"] == 1
    assert span["label"] in figures["by_label"]


def test_wrong_gold_is_told_with_its_line(run: Run, tmp_path: Path) -> None:
    good = {"id": "a", "text": "Ann", "spans": []}
    beyond = {"id": "b", "text": "Ann", "spans": [{"start": 0, "end": 9, "label": "NAME"}]}
    for second in (beyond, good, {"id": "b"}, {"id": "b", "text": "x", "spans": [{"start": 0}]}):
        outcome = run("deidentify", "score", write_lines(tmp_path / "gold.jsonl", good, second))

        assert outcome.code == 1
        assert "SRC-GOLD" in outcome.err
    other = write_lines(tmp_path / "other.jsonl", {**good, "text": "Ben"})
    first = write_lines(tmp_path / "first.jsonl", good)
    assert "SRC-GOLD" in run("deidentify", "score", first, "--predictions", other).err


def test_canaries_are_planted_and_counted(run: Run, tmp_path: Path) -> None:
    texts = ({"id": str(number), "text": "Feels well. No pain."} for number in range(5))
    source = write_lines(tmp_path / "in.jsonl", *texts)
    figures = json.loads(run("deidentify", "canary", source, "--json").out)
    told = run("deidentify", "canary", source).out

    assert set(figures) == {"NAME", "PHONE_FAX", "ID", "EMAIL", "LOCATION", "DATE"}
    assert all(one["planted"] == 5 for one in figures.values())
    assert figures["PHONE_FAX"]["survived"] == figures["DATE"]["survived"] == 0
    assert figures["DATE"]["upper_limit"] == pytest.approx(1 - 0.05 ** (1 / 5), abs=1e-4)
    assert "at most" in told


def test_bytes_that_are_no_text_are_refused(run: Run, tmp_path: Path) -> None:
    for name, content, code in (
        ("latin1", b"caf\xe9", "SRC-ENCODING"),
        ("utf16", "Jane Roe".encode("utf-16"), "SRC-ENCODING"),
        ("nul", b"Jane\0Roe", "SRC-NUL"),
        ("binary", bytes(range(1, 32)) * 40, "SRC-BINARY"),
        ("long", b"Jane Roe was seen. " * 530_000, "SRC-TOO-LONG"),
    ):
        (tmp_path / name).write_bytes(content)
        lines = tmp_path / f"{name}.jsonl"
        told = run("deidentify", "text", tmp_path / name)

        assert (told.code, told.out) == (1, ""), name
        assert code in told.err
        if code != "SRC-ENCODING":
            write_lines(lines, {"id": "a", "text": content.decode()})
            for command in ("detect", "canary", "score"):
                more = (tmp_path / "out.jsonl",) if command == "detect" else ()
                again = run("deidentify", command, lines, *more)
                assert again.code == 1
                assert code in again.err


# What is done to a name to hide it from a search; it must be found all the same.
DISGUISES = {
    "zero-width space": "Mr. Jo\u200bhn Do\u200be",
    "zero-width joiner": "Mr. John D\u200doe",
    "soft hyphen": "Mr. Jo\u00adhn Doe",
    "right-to-left mark": "Mr. \u200fJohn\u200f Doe",
    "right-to-left override": "Mr. \u202eJohn Doe\u202c",
    "byte-order mark": "Mr. Jo\ufeffhn Doe",
    "Cyrillic letters": "Mr. J\u043ehn D\u043e\u0435",
    "Greek letters": "Mr. J\u03bfhn D\u03bfe",
    "full-width letters": "Mr. \uff2aohn \uff24oe",
    "combining accent": "Mr. Jo\u0301hn Doe\u0301",
    "control character": "Mr. John\x0bDoe",
    "no-break space": "Mr.\u00a0John\u00a0Doe",
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguised_name_is_found_and_the_rest_stays(run: Run, disguise: str) -> None:
    before, after = "Visit note.\n\nSeen today: ", " was stable.\nPlan: rest.\n"
    text = before + DISGUISES[disguise] + after
    outcome = run("deidentify", "text", "-", "--operator", "redact", stdin=text)

    assert outcome.code == 0
    assert outcome.out.startswith(before)
    assert outcome.out.endswith(after)
    middle = outcome.out[len(before) : -len(after)]
    assert "[NAME]" in middle
    assert not [one for one in middle.replace("[NAME]", "").replace("Mr", "") if one.isalpha()]


def test_a_fhir_folder_is_deidentified(run: Run, tmp_path: Path) -> None:
    source, out = tmp_path / "export", tmp_path / "out"
    source.mkdir()
    patient = {"resourceType": "Patient", "id": "p1",
               "name": [{"family": "Featherstone", "given": ["Zenobia"]}]}  # fmt: skip
    note = base64.b64encode(b"Zenobia Featherstone is well.").decode()
    document = {"resourceType": "DocumentReference", "id": "d1",
                "subject": {"reference": "Patient/p1", "display": "Zenobia Featherstone"},
                "content": [{"attachment": {"contentType": "text/plain",
                                            "data": note}}]}  # fmt: skip
    with gzip.open(source / "Patient.ndjson.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(patient) + "\n")
    write_lines(source / "Document.ndjson", document, {"exportId": "log"})
    outcome = run("deidentify", "fhir", source, out)
    text = "".join(path.read_text(encoding="utf-8") for path in out.iterdir())
    written = json.loads((out / "Document.ndjson").read_text(encoding="utf-8"))
    sent = base64.b64decode(written["content"][0]["attachment"]["data"]).decode()

    assert outcome.code == 0
    assert "1 lines that are no resource left out" in outcome.out
    assert {path.name for path in out.iterdir()} == {"Patient.ndjson", "Document.ndjson"}
    assert "Zenobia" not in text + sent
    assert "Featherstone" not in text + sent
    assert sent.endswith(" is well.")


def test_broken_fhir_is_told_with_its_line(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "export"
    source.mkdir()
    assert "SRC-MISSING" in run("deidentify", "fhir", source, tmp_path / "out").err
    file = source / "a.ndjson"
    for content, line in (
        (b'{"resourceType": "Patient"}\n{"cut', 2),
        (b'{"resourceType": "P\xe9"}', 1),
        (b'{"resourceType": "Patient", "id": "\\ud800"}', 1),
    ):
        file.write_bytes(content)
        outcome = run("deidentify", "fhir", source, tmp_path / "out")
        assert outcome.code == 1
        assert f"a.ndjson:{line}" in outcome.err
        assert "SRC-FHIR" in outcome.err
    file.unlink()
    (source / "a.ndjson.gz").write_bytes(b"\x1f\x8b\x08cut")
    assert "SRC-GZIP" in run("deidentify", "fhir", source, tmp_path / "out").err


def test_fhir_of_two_servers_is_refused_before_anything_is_written(
    run: Run, tmp_path: Path
) -> None:
    source = tmp_path / "export"
    source.mkdir()
    for host in ("a", "b"):
        group = {
            "resourceType": "Group",
            "member": [{"reference": f"https://{host}.org/Patient/1"}],
        }
        (source / f"{host}.ndjson").write_text(json.dumps(group))
    outcome = run("deidentify", "fhir", source, tmp_path / "out")

    assert outcome.code == 1
    assert "b.ndjson: SRC-SERVERS" in outcome.err
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no sample data; set GATEWAY_SAMPLE_DATA")
def test_the_sample_hospital_is_almost_all_unique_and_no_more(run: Run, tmp_path: Path) -> None:
    patients = pq.read_table(SAMPLES / "synthea_network" / "patients.parquet")
    source, plan = tmp_path / "patients.parquet", tmp_path / "plan.yaml"
    pq.write_table(patients.select(["birth_date", "gender", "zip"]), source)
    plan.write_text(
        "columns:\n"
        "  birth_date: {role: quasi_identifier, hierarchy: {kind: date}}\n"
        "  gender: {role: quasi_identifier}\n"
        "  zip: {role: quasi_identifier, hierarchy: {kind: zip}}\n"
    )
    outcome = run(
        "deidentify", "table", source, tmp_path / "out.parquet", "--plan", plan, "--rows-are-people"
    )
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    released = pq.read_table(tmp_path / "out.parquet")
    sizes = released.group_by(released.column_names).aggregate([([], "count_all")])

    assert outcome.code == 0
    assert document["before"]["unique_rows"] == 1985
    assert document["before"]["rows"] == 2168
    assert min(sizes["count_all"].to_pylist()) >= 11
    assert document["after"]["attackers"][0]["highest"] <= 1 / 11
    assert document["after"]["rows_left_out"] <= 0.05 * 2168
    assert isinstance(released, pa.Table)
