from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gateway.app import create_app
from gateway.cli import asking
from gateway.cli import demo as demo_command
from gateway.cli import serve as serve_command
from gateway.cli.program import COMMANDS, program
from gateway.client import Gateway
from gateway.identity.accounts import Accounts
from gateway.identity.sessions import Sessions
from gateway.keyring import KeyRing
from gateway.operations_log import operations_log
from gateway.settings import ServiceSettings, load_settings
from policies.kinds import schema_text
from policies.load import load_policies
from query.documents import parse_answer, parse_quote
from tests.gateway.cli.conftest import Run
from tests.gateway.conftest import FAR_DAY
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_empty, make_full, make_sources
from tests.gateway.drafting.hospital import write_hospital
from tests.gateway.fake_service import FakeService

UNASKED = "SELECT sex, COUNT(*) AS n FROM patients WHERE age < 90 GROUP BY sex"
"""Never asked for an answer, which would make it free."""


def where(site: Path) -> tuple[object, ...]:
    return ("--project", PROJECT, "--folder", site, "--as", USER)


def test_help_lists_every_command_without_loading_any(run: Run) -> None:
    outcome = run("--help")

    assert outcome.code == 0
    assert all(name in outcome.out for name in COMMANDS)
    assert "Exit codes" in outcome.out


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(run: Run, name: str) -> None:
    outcome = run(name, "--help")

    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: gateway {name}")


def test_an_unknown_command_or_option_is_wrong_usage(run: Run) -> None:
    assert run("nonsense").code == 2
    assert run("init", "--nonsense").code == 2
    assert run("key", "create", "--days", "0", "--user", "a").code == 2
    assert program.name == "program"


def test_init_makes_a_deployment_whose_policy_lints(run: Run, tmp_path: Path) -> None:
    site, keys = tmp_path / "Hospital A", tmp_path / "keys"
    made = run("init", site, "--keys", keys, "--port", "0")
    linted = run("policy", "lint", site)

    assert (made.code, linted.code) == (0, 0)
    assert "gateway ingest" in made.out
    assert re.search(r'id = "hospital-a-[0-9a-f]{6}"', (site / "gateway.toml").read_text())
    assert (site / "store").is_dir()
    assert KeyRing.open(keys).seal_key.hex() not in "".join(
        path.read_text() for path in site.rglob("*.*ml")
    )
    assert "1 dataset and 1 project are well declared" in linted.out
    assert list(load_policies(site / "policies").datasets) == ["example"]


def test_init_writes_ceilings_and_where_editors_find_the_schema(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    run("init", site, "--keys", tmp_path / "keys")
    policies = site / "policies"
    named = {
        path.relative_to(policies).as_posix(): path.parent / line.partition("$schema=")[2]
        for path in policies.rglob("*.yaml")
        for line in path.read_text().splitlines()[:1]
        if line.startswith("# yaml-language-server: ")
    }
    active = load_policies(policies)

    assert set(named) == {"gateway.yaml", "datasets/example.yaml", "projects/example.yaml"}
    assert {path.read_text() for path in named.values()} == {schema_text()}
    assert active.gateway is not None
    assert active.gateway.spec.budget.epsilon == active.datasets["example"].spec.budget.epsilon


def test_init_leaves_the_declarations_to_a_draft(run: Run, tmp_path: Path) -> None:
    site, place = tmp_path / "site", write_hospital(tmp_path / "ward")
    made = run("init", site, "--keys", tmp_path / "keys", "--no-example")
    drafted = run("policy", "draft", place, "--out", site)
    again = run("policy", "draft", place, "--out", site)

    assert "gateway policy draft" in made.out
    assert (drafted.code, again.code) == (0, 1)
    assert "visits: patients' rows; patient names the patient" in drafted.out
    assert "CFG-NOT-EMPTY" in again.err
    assert run("policy", "lint", site, "--source", place).code == 0
    assert "1 cases, 0 failed" in run("policy", "test", site).out


@pytest.mark.parametrize("given", ["nowhere.csv:visits.kind", "LIST:kind", "LIST"])
def test_a_public_list_is_named_with_its_column(run: Run, tmp_path: Path, given: str) -> None:
    place = write_hospital(tmp_path / "ward")
    listed = given.replace("LIST", str(place / "nurses.csv"))
    outcome = run("policy", "draft", place, "--out", tmp_path / "site", "--public", listed)

    assert outcome.code == 2
    assert not (tmp_path / "site").exists()


def test_init_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    full = run("init", tmp_path / "full", "--keys", tmp_path / "k1")
    run("init", tmp_path / "one", "--keys", tmp_path / "k2")
    keys = run("init", tmp_path / "two", "--keys", tmp_path / "k2")
    name = run("init", tmp_path / "three", "--keys", tmp_path / "k3", "--id", "A b")

    assert full.code == keys.code == name.code == 1
    assert full.err.startswith(f"gateway: {tmp_path / 'full'}: CFG-NOT-EMPTY ")
    assert "SYS-KEYS-EXIST" in keys.err
    assert "CFG-NAME" in name.err
    assert not (tmp_path / "two").exists()
    assert not (tmp_path / "k3").exists()


def test_init_puts_keys_outside_the_folder_by_default(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    run("init", tmp_path / "site", "--id", "hospital-a")

    assert KeyRing.open(tmp_path / "config" / "clinical-gateway" / "keys" / "hospital-a")


def test_lint_prints_every_problem_with_its_place(run: Run, tmp_path: Path) -> None:
    site = make_empty(tmp_path)
    path = site / "policies" / "datasets" / "example.yaml"
    text = path.read_text().replace("role: privacy_unit", "rule: privacy_unit")
    path.write_text(text.replace('epsilon: "10"', "epsilon: 10"))
    outcome = run("policy", "lint", site / "policies")

    assert outcome.code == 1
    lines = outcome.err.splitlines()
    assert len(lines) >= 3
    assert all(re.match(r"gateway: \S*example\.yaml:\d+:\d+: [A-Z-]+ ", line) for line in lines)


def test_ingest_reports_to_the_steward(run: Run, tmp_path: Path) -> None:
    site, sources = make_empty(tmp_path), make_sources(tmp_path / "in")
    table = run("ingest", site, "--dataset", "example", "--source", sources, "--workers", 0)
    report = run(
        "ingest", site, "--dataset", "example", "--source", sources, "--workers", 0, "--json"
    )

    assert table.code == 0
    assert "patients" in table.out
    assert json.loads(report.out)["units"] == 300


def test_ingest_names_file_and_line_of_a_wrong_source(run: Run, tmp_path: Path) -> None:
    site, sources = make_empty(tmp_path), make_sources(tmp_path / "in")
    with (sources / "visits.csv").open("a", encoding="utf-8") as out:
        out.write("canary,P1\n")
    outcome = run("ingest", site, "--dataset", "example", "--source", sources, "--workers", 0)

    assert outcome.code == 1
    assert re.match(r"gateway: \S*visits\.csv:602: [A-Z]+-[A-Z-]+ ", outcome.err.splitlines()[-1])
    assert "canary" not in outcome.err


def test_a_key_is_shown_once_listed_and_revoked(run: Run, tmp_path: Path) -> None:
    site = make_empty(tmp_path)
    made = run("key", "create", site, "--user", USER, "--project", PROJECT)
    key_id = made.out.split("_")[1]
    listed = run("key", "list", site)
    revoked = run("key", "revoke", site, "--id", key_id)
    again = run("key", "list", site)

    assert made.out.startswith("gw_")
    assert made.out.strip() not in listed.out
    assert key_id in listed.out
    assert "in force" in listed.out
    assert revoked.code == 0
    assert "revoked" in again.out
    assert run("key", "revoke", site, "--id", "nothing").code == 1


def test_a_key_is_rotated_and_both_are_listed(run: Run, tmp_path: Path) -> None:
    site = make_empty(tmp_path)
    old = run("key", "create", site, "--user", USER, "--project", PROJECT).out.split("_")[1]
    made = run("key", "rotate", site, "--id", old, "--overlap-hours", 1)
    listed = run("key", "list", site)
    again = run("key", "rotate", site, "--id", old)

    assert made.out.startswith("gw_")
    assert f"rotated to {made.out.split('_')[1]}" in listed.out
    assert listed.out.count(PROJECT) == 2
    assert "never" in listed.out
    assert again.code == 1


def test_nobody_is_given_keys_for_both_duties(run: Run, tmp_path: Path) -> None:
    site = make_empty(tmp_path)
    run("key", "create", site, "--user", USER, "--project", PROJECT)
    both = run("key", "create", site, "--user", USER, "--role", "steward")
    other = run("key", "create", site, "--user", USER, "--role", "steward", "--project", "other")

    for refused in (both, other):
        assert refused.code == 1
        assert "KEYS-DUTIES" in refused.err


def test_sessions_are_listed_and_ended(run: Run, tmp_path: Path) -> None:
    site = make_empty(tmp_path)
    settings, now = load_settings(site), datetime.now(UTC)
    sessions = Sessions(settings.accounts, settings.identity)
    key = Accounts(settings.accounts).create(USER, expires=now + timedelta(days=1))
    principal = Accounts(settings.accounts).authenticate(key.text, now)
    opened = sessions.open(principal, now, key_id=key.id)
    listed = run("session", "list", site)
    ended = run("session", "end", site, "--id", opened.session.id)

    assert opened.session.id in listed.out
    assert f"key {key.id}" in listed.out
    assert opened.name not in listed.out
    assert ended.code == 0
    assert USER not in run("session", "list", site).out
    assert run("session", "end", site, "--id", opened.session.id).code == 1


def test_a_quote_is_free_in_every_form(run: Run, shared_site: Path) -> None:
    table = run("quote", UNASKED, *where(shared_site))
    as_json = run("quote", UNASKED, *where(shared_site), "--format", "json")
    as_csv = run("quote", UNASKED, *where(shared_site), "--format", "csv")

    assert "price: epsilon 0.1" in table.out
    assert parse_quote(json.loads(as_json.out)).cells == 2
    assert next(csv.DictReader(io.StringIO(as_csv.out)))["column"] == "n"


def test_a_query_prints_error_bars_price_and_what_is_left(run: Run, tmp_path: Path) -> None:
    site = make_full(tmp_path)
    first = run("query", COUNTS, *where(site), "--epsilon", "0.2", "--confirm-price", "0.2")
    again = run("query", "-", *where(site), "--epsilon", "0.2", stdin=COUNTS)

    assert first.code == again.code == 0
    assert "± 95%" in first.out
    assert "charged: epsilon 0.2" in first.out
    assert "entry" in first.out
    assert "project 1.8 of 2" in first.out
    assert "charged: nothing, it was asked before" in again.out
    assert again.out.splitlines()[:4] == first.out.splitlines()[:4]


def test_a_query_prints_csv_and_json_for_programs(run: Run, shared_site: Path) -> None:
    as_csv = run("query", COUNTS, *where(shared_site), "--format", "csv")
    as_json = run("query", COUNTS, *where(shared_site), "--format", "json")

    rows = list(csv.DictReader(io.StringIO(as_csv.out)))
    answer = parse_answer(json.loads(as_json.out))
    assert [row["sex"] for row in rows] == ["F", "M"]
    assert set(rows[0]) == {"sex", "n", "n__standard_error", "n__lower", "n__upper"}
    assert answer.repeated


def test_a_query_writes_every_form_into_a_file(run: Run, shared_site: Path, tmp_path: Path) -> None:
    for form in ("table", "csv", "json", "arrow", "parquet"):
        out = tmp_path / form
        done = run("query", COUNTS, *where(shared_site), "--format", form, "--out", out)
        assert (done.code, done.out) == (0, "")

    names = ["sex", "n", "n__standard_error", "n__lower", "n__upper"]
    assert pq.read_table(tmp_path / "parquet").column_names == names
    with pa.OSFile(str(tmp_path / "arrow")) as stream:
        assert pa.ipc.open_stream(stream).read_all().column_names == names
    assert (tmp_path / "csv").read_text().startswith(",".join(names))
    assert parse_answer(json.loads((tmp_path / "json").read_text())).columns == ("sex", "n")
    assert "± 95%" in (tmp_path / "table").read_text()


def test_a_form_that_is_no_text_needs_a_file(run: Run, shared_site: Path) -> None:
    outcome = run("query", COUNTS, *where(shared_site), "--format", "parquet")

    assert outcome.code == 2
    assert "--out" in outcome.err


def test_a_question_is_explained_in_words_and_as_json(run: Run, shared_site: Path) -> None:
    text = run("explain", UNASKED, *where(shared_site), "--epsilon", "2")
    prefixed = run("explain", f"OPTIONS (epsilon = 2) {UNASKED}", *where(shared_site))
    as_json = run("explain", UNASKED, *where(shared_site), "--format", "json")

    assert text.code == 1  # above what one query may cost
    assert prefixed.err == text.err
    assert parse_quote(json.loads(as_json.out)).cells == 2


def test_an_explanation_has_the_steps_the_columns_and_the_price(
    run: Run, shared_site: Path
) -> None:
    text = run("explain", f"{UNASKED} ORDER BY n", *where(shared_site)).out

    assert [line for line in text.splitlines() if line[:1] not in {" ", ""}] == [
        "The question, as it was read",
        "How it is answered",
        "Bounds in force",
        "Noisy columns, errors at 95%",
        "Price",
    ]
    assert "reads patients; each row belongs to one patient" in text
    assert "n = COUNT(*): one unit moves it by at most 1" in text


def test_accuracy_and_weights_are_passed_on(run: Run, shared_site: Path) -> None:
    quote = ("quote", UNASKED, *where(shared_site), "--format", "json")
    fine = run(*quote, "--accuracy", "25@0.9", "--weight", "n=2")
    twice = run(*quote, "--accuracy", "25", "--epsilon", "0.1")

    assert fine.code == 0
    assert "REQ-BODY" in twice.err
    assert run(*quote, "--accuracy", "much").code == 2
    assert run(*quote, "--weight", "n").code == 2


def test_when_rows_are_chosen_is_passed_on(run: Run, shared_site: Path) -> None:
    there = (*where(shared_site), "--bounding")
    twice = run("quote", f"OPTIONS (bounding = 'stored') {UNASKED}", *there, "stored")

    assert run("quote", UNASKED, *there, "stored").code == 0
    assert "SQL-OPTION" in twice.err
    assert run("quote", UNASKED, *there, "later").code == 2


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_practice_tables_need_neither_store_nor_ledger(run: Run, tmp_path: Path, form: str) -> None:
    site = make_empty(tmp_path)
    for gone in ("store", "ledger.sqlite"):
        path = site / gone
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
    done = [
        run("practice", "example", "--folder", site, "--out", tmp_path / out, "--format", form)
        for out in ("one", "two")
    ]

    assert [one.code for one in done] == [0, 0]
    assert "2 tables" in done[0].out
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["MADE-UP.txt", f"patients.{form}", f"visits.{form}"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert not (site / "store").exists()
    assert not (site / "ledger.sqlite").exists()


def test_practice_of_an_unknown_dataset_names_the_known_ones(run: Run, tmp_path: Path) -> None:
    outcome = run("practice", "other", "--folder", make_empty(tmp_path), "--out", tmp_path / "o")

    assert outcome.code == 1
    assert "CFG-DATASET" in outcome.err
    assert "name one of: example" in outcome.err


def test_a_refusal_shows_its_place_and_tells_code_and_remedy_in_one_line(
    run: Run, shared_site: Path
) -> None:
    sql = "SELECT sex,\n\tMAGIC(age) FROM patients"
    outcome = run("query", sql, *where(shared_site))

    line, mark, told, rest = outcome.err.split("\n")
    assert (outcome.code, outcome.out, rest) == (1, "", "")
    assert line == "   MAGIC(age) FROM patients"
    assert mark == "   ^"
    assert re.fullmatch(r"gateway: SQL:2:2: SQL-[A-Z-]+ .+; .+", told)


def test_of_a_long_line_what_is_around_the_place_is_shown(run: Run, shared_site: Path) -> None:
    outcome = run("quote", f"SELECT {'1 + ' * 60}MAGIC(age) FROM patients", *where(shared_site))

    line, mark = outcome.err.split("\n")[:2]
    assert len(line) <= 102
    assert line[mark.index("^") :].startswith("MAGIC(age)")


def test_a_refusal_of_the_whole_text_shows_no_place(run: Run, shared_site: Path) -> None:
    outcome = run("explain", "SELECT 1; SELECT 2", *where(shared_site))

    assert outcome.err.startswith("gateway: SQL-STATEMENT ")


def test_a_wrong_option_of_a_question_is_named(run: Run, shared_site: Path) -> None:
    outcome = run("query", COUNTS, *where(shared_site), "--epsilon", "much")

    assert (outcome.code, outcome.err[:25]) == (1, "gateway: REQ-BODY epsilon")


def test_a_question_needs_somebody_who_asks(run: Run, shared_site: Path) -> None:
    nobody = run("query", COUNTS, "--project", PROJECT, "--folder", shared_site)
    strange = run("query", COUNTS, "--project", PROJECT, "--folder", shared_site, "--as", "")
    other = run("query", COUNTS, "--project", PROJECT, "--folder", shared_site, "--as", "eve")

    assert (nobody.code, strange.code, other.code) == (2, 2, 1)
    assert "--as USER" in nobody.err
    assert "PRJ-NOT-MEMBER" in other.err


def test_a_service_is_asked_with_the_key_of_the_environment(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, str]] = []

    def recording(url: str, api_key: str) -> Gateway:
        opened.append((url, api_key))
        return Gateway(url, api_key)

    monkeypatch.setattr(asking, "Gateway", recording)
    monkeypatch.delenv("GATEWAY_API_KEY", raising=False)
    target = ("--project", PROJECT, "--url", "http://127.0.0.1:1")
    without = run("quote", COUNTS, *target)
    monkeypatch.setenv("GATEWAY_API_KEY", "gw_x")
    with_key = run("quote", COUNTS, *target)

    assert without.code == 2
    assert opened == [("http://127.0.0.1:1", "gw_x")]
    assert with_key.code == 1
    assert "SYS-UNAVAILABLE" in with_key.err


def test_a_service_answers_the_command_line(
    run: Run, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = service.accounts.create("ana", expires=FAR_DAY)
    transport = httpx.WSGITransport(create_app(service, log=operations_log(io.StringIO())))

    def connected(url: str, api_key: str) -> Gateway:
        return Gateway(url, api_key, transport=transport)

    monkeypatch.setattr(asking, "Gateway", connected)
    monkeypatch.setenv("GATEWAY_API_KEY", key.text)
    outcome = run("query", COUNTS, "--project", "heart", "--url", "http://127.0.0.1:1")

    assert outcome.code == 0
    assert "41" in outcome.out
    assert "hospital, left: pool 0.8 of 1" in outcome.out


def test_serve_takes_host_and_port_of_the_settings_unless_told(
    run: Run, shared_site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[ServiceSettings] = []

    def recorded(
        app: object, settings: ServiceSettings, started: Callable[[int], None], **_: object
    ) -> None:
        assert app is not None
        given.append(settings)
        started(4711)

    monkeypatch.setattr(serve_command, "serve", recorded)
    first = run("serve", shared_site)
    run("serve", shared_site, "--host", "localhost", "--port", 81)

    assert first.out == "http://127.0.0.1:4711\n"
    assert '"event": "stopped"' in first.err
    assert [(one.host, one.port) for one in given] == [("127.0.0.1", 0), ("localhost", 81)]


def test_the_demo_gets_its_options(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, object]] = []
    monkeypatch.setattr(demo_command, "run_demo", lambda **options: given.append(options))
    outcome = run("demo", "--patients", 200, "--serve", "--port", 0, "--seed", 7)

    assert outcome.code == 0
    assert given == [{"patients": 200, "seed": 7, "serve": True, "port": 0, "folder": None}]


def test_the_audit_log_is_verified_from_the_public_key(run: Run, tmp_path: Path) -> None:
    site = make_full(tmp_path)
    vkey = run("audit", "vkey", site).out.strip()
    kept = tmp_path / "earlier"
    kept.write_text((tmp_path / "keys" / "log.checkpoint").read_text())
    run("query", COUNTS, *where(site))
    sound = run("audit", "verify", site, "--vkey", vkey, "--earlier", kept)
    forged = run("audit", "verify", site, "--vkey", vkey, "--checkpoint", site / "gateway.toml")

    assert (sound.code, forged.code) == (0, 15)
    assert "The log is sound" in sound.out
    assert "1 queries were charged" in sound.out
    assert "SIGNATURE" in forged.out


def test_text_is_deidentified_from_standard_input(run: Run, tmp_path: Path) -> None:
    note = "Dr. Jane Roe saw Mr. John Doe (MRN: 12345678) on 03/04/2021."
    redacted = run("deidentify", "text", "-", "--operator", "redact", stdin=note)
    site = make_empty(tmp_path)
    keyed = [run("deidentify", "text", "-", "--folder", site, stdin=note).out for _ in range(2)]
    spans = json.loads(run("deidentify", "text", "-", "--json", stdin=note).out)["spans"]

    assert "Doe" not in redacted.out
    assert "[NAME]" in redacted.out
    assert "Doe" not in keyed[0]
    assert keyed[0] == keyed[1]
    assert {span["label"] for span in spans} >= {"NAME", "ID", "DATE"}


def test_text_that_cannot_be_read_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "latin1").write_bytes(b"caf\xe9")
    (tmp_path / "long").write_text("x" * 10_000_001)

    assert "SRC-ENCODING" in run("deidentify", "text", tmp_path / "latin1").err
    assert "SRC-TOO-LONG" in run("deidentify", "text", tmp_path / "long").err
    assert run("deidentify", "text", tmp_path / "missing").code == 2
