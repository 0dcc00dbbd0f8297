from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from query.losses import parse_balance
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import CHECKPOINT

Headers = Callable[..., dict[str, str]]
PROJECT_PATHS = ("", "/catalog", "/budget", "/releases")


def test_tells_callers_who_they_are_and_where_they_may_ask(
    http: FlaskClient, key_of: Headers
) -> None:
    reply = http.get("/v1/me", headers=key_of())

    assert reply.json is not None
    assert (reply.json["user"], reply.json["role"]) == ("ana", "researcher")
    assert [project["id"] for project in reply.json["projects"]] == ["heart", "lungs"]


@pytest.mark.parametrize(("user", "projects"), [("eve", None), ("old", None), ("ana", ("other",))])
def test_tells_nobody_of_projects_that_they_are_not_in(
    http: FlaskClient, key_of: Headers, user: str, projects: tuple[str, ...] | None
) -> None:
    reply = http.get("/v1/me", headers=key_of(user, projects))

    assert reply.json is not None
    assert reply.json["projects"] == []


def test_tells_a_member_about_the_project(http: FlaskClient, key_of: Headers) -> None:
    reply = http.get("/v1/projects/heart", headers=key_of())

    assert reply.json is not None
    assert reply.json["purposes"] == ["heart research"]
    assert reply.json["datasets"] == ["hospital"]
    assert reply.json["membership"]["until"] == "2026-12-31"
    assert "old" not in reply.text


@pytest.mark.parametrize("rest", PROJECT_PATHS)
def test_an_unknown_project_and_one_of_others_are_told_alike(
    http: FlaskClient, key_of: Headers, rest: str
) -> None:
    outsider, other_key = key_of("eve"), key_of("ana", ("lungs",))
    replies = {
        http.get(f"/v1/projects/{name}{rest}", headers=headers).data
        for name in ("heart", "nothing", "%00", "..")
        for headers in (outsider, other_key if name == "heart" else outsider)
    }

    assert len(replies) == 1
    assert b"PRJ-NOT-MEMBER" in replies.pop()


def test_a_former_member_is_told_since_when(http: FlaskClient, key_of: Headers) -> None:
    reply = http.get("/v1/projects/heart", headers=key_of("old"))

    assert reply.status_code == 403
    assert reply.json is not None
    assert "2026-05-31" in reply.json["detail"]


def test_the_catalog_holds_what_may_be_used_and_nothing_else(
    http: FlaskClient, key_of: Headers
) -> None:
    reply = http.get("/v1/projects/heart/catalog", headers=key_of())

    assert reply.json is not None
    (dataset,) = reply.json["datasets"]
    (table,) = dataset["tables"]
    columns = {column["name"]: column for column in table["columns"]}
    assert set(columns) == {"PATIENT_ID", "SEX", "AGE", "WEIGHT", "ALIVE", "BORN", "TOWN"}
    assert dataset["purposes"] == ["heart research"]
    assert (dataset["measure"], dataset["default_loss"]) == ("pure", {"epsilon": "0.1"})
    assert columns["PATIENT_ID"]["join"]
    assert not columns["PATIENT_ID"]["filter"]
    assert columns["SEX"]["domain"] == {"categories": ["F", "M"]}
    assert columns["SEX"]["group_by"]
    assert columns["AGE"]["domain"] == {"lower": "0", "upper": "90"}
    assert columns["AGE"]["aggregates"] == ["sum", "mean"]
    assert columns["WEIGHT"]["domain"] == {"lower": "0", "upper": "300", "resolution": "0.1"}
    assert columns["ALIVE"]["domain"] == {"categories": [False, True]}
    assert columns["BORN"]["domain"] == {"lower": "1900-01-01", "upper": "2026-01-01"}
    assert columns["TOWN"]["domain"] == {"max_length": 200}
    for hidden in ("SSN", "SECRET", "staff"):
        assert hidden not in reply.text


def test_the_catalog_says_how_the_rows_of_one_unit_are_bounded(
    http: FlaskClient, key_of: Headers
) -> None:
    reply = http.get("/v1/projects/heart/catalog", headers=key_of())

    assert reply.json is not None
    (table,) = reply.json["datasets"][0]["tables"]
    assert table["contribution"] == {
        "max_groups": 1,
        "max_rows_per_group": 1,
        "max_rows": None,
        "bounding": None,
    }
    assert table["profiles"] == []
    assert table["counts"] == [
        {
            "groups": [],
            "mode": "groups chosen and rows scaled when asked",
            "max_groups": 1,
            "max_rows_per_group": 1,
        }
    ]


def test_the_catalog_leaves_out_datasets_that_are_not_declared(
    http: FlaskClient, key_of: Headers
) -> None:
    reply = http.get("/v1/projects/lungs/catalog", headers=key_of())

    assert reply.json is not None
    assert [dataset["id"] for dataset in reply.json["datasets"]] == ["hospital", "clinic"]
    assert reply.json["datasets"][1]["max_loss_per_query"] == {"rho": "0.5"}


def test_tells_what_is_left_to_spend(http: FlaskClient, key_of: Headers) -> None:
    reply = http.get("/v1/projects/heart/budget", headers=key_of())

    assert reply.json is not None
    (entry,) = reply.json["datasets"]
    assert entry["dataset"] == "hospital"
    assert [balance["scope"] for balance in entry["balances"]] == ["pool", "project", "researcher"]
    assert entry["balances"][2]["name"] == "ana"
    assert entry["balances"][0]["remaining"] == {"measure": "pure", "epsilon": "0.8", "delta": "0"}
    assert str(parse_balance(entry["balances"][0]).cap.parameter) == "1"


def test_gives_the_checkpoint_of_the_log_as_it_was_signed(
    http: FlaskClient, key_of: Headers
) -> None:
    reply = http.get("/v1/log/checkpoint", headers=key_of())

    assert reply.text == CHECKPOINT
    assert reply.content_type == "text/plain; charset=utf-8"


PRACTICE = "/v1/projects/heart/datasets/hospital/practice"


def test_practice_tables_hold_what_the_project_may_ask_and_say_that_they_are_made_up(
    http: FlaskClient, key_of: Headers
) -> None:
    reply = http.get(f"{PRACTICE}?units=30", headers=key_of())
    again = http.get(f"{PRACTICE}?units=30", headers=key_of())
    with zipfile.ZipFile(io.BytesIO(reply.data)) as files:
        names = files.namelist()
        header, *rows = files.read("patients.csv").decode().splitlines()
        note = files.read("MADE-UP.txt").decode()

    assert (reply.status_code, reply.mimetype) == (200, "application/zip")
    assert names == ["patients.csv", "MADE-UP.txt"]
    assert header == "PATIENT_ID,SEX,AGE,WEIGHT,ALIVE,BORN,TOWN"
    assert len(rows) == 30
    assert "Made up from the policy alone" in note
    assert again.data == reply.data


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/projects/heart/datasets/clinic/practice", 404),
        ("/v1/projects/lungs/datasets/gone/practice", 404),
        (f"{PRACTICE}?format=xlsx", 400),
        (f"{PRACTICE}?units=0", 400),
        (f"{PRACTICE}?units=1001", 400),
        (f"{PRACTICE}?units=many", 400),
    ],
)
def test_practice_of_what_is_not_there_is_refused(
    http: FlaskClient, key_of: Headers, path: str, status: int
) -> None:
    assert http.get(path, headers=key_of()).status_code == status


def test_practice_is_for_members(http: FlaskClient, key_of: Headers) -> None:
    assert http.get(PRACTICE, headers=key_of("eve")).status_code == 403


def test_every_route_is_documented(service: FakeService) -> None:
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    routes = {
        (
            method,
            rule.rule.replace("<project_id>", "{project}")
            .replace("<query_id>", "{id}")
            .replace("<job_id>", "{job}")
            .replace("<dataset_id>", "{dataset}")
            .replace("<index>", "{index}")
            .replace("<path:rest>", "{tile}"),
        )
        for rule in create_app(service).url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
        if rule.rule.startswith(("/v1/", "/livez", "/readyz"))  # others: tests/gateway/pages
    }

    assert len(routes) == 21
    for method, address in routes:
        assert f"`{method} {address}`" in page
