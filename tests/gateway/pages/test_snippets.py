from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.bodies import AccuracyBody, QuestionBody
from gateway.pages.researcher import snippets
from gateway.pages.researcher.snippets import python_snippet

SQL = "SELECT SEX, COUNT(*) AS n FROM patients GROUP BY SEX"


class Listening:
    """Stands where the client would, and keeps what it is told."""

    told: dict[str, Any]

    def __init__(self, url: str, *, api_key: str) -> None:
        Listening.told = {"url": url, "api_key": api_key}

    def query(self, project: str, sql: str, **options: Any) -> Listening:  # noqa: ANN401  any
        Listening.told |= {"project": project, "sql": sql, **options}
        return self

    def to_pandas(self) -> None:
        Listening.told["shown"] = True


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401  a function
    monkeypatch.setenv("GATEWAY_API_KEY", "gw_made_up")
    monkeypatch.setattr("gateway.client.Gateway", Listening)

    def told(body: QuestionBody) -> dict[str, Any]:
        program = python_snippet("http://localhost:8080/", "heart", body)
        exec(compile(program, "snippet", "exec"), {})  # noqa: S102  it is what is tested
        return Listening.told

    return told


@pytest.mark.parametrize(
    "sql",
    [
        SQL,
        SQL.replace(" FROM", "\nFROM"),
        'SELECT \'"""\' FROM patients',
        'SELECT COUNT(*) AS "n"',
        '"n"',
        'SELECT 1 AS """',
        "SELECT 1 AS '\\'",
        "SELECT '\\n' || '{x}' || '%s'",
        "SELECT '\u2028 \u00a0'",
        "SELECT\t1",
        "SELECT '\x00'",
        "SELECT 'é 病'",
        "\\",
    ],
)
def test_the_program_asks_the_very_same_sql(run: Any, sql: str) -> None:  # noqa: ANN401  a function
    assert run(QuestionBody(sql=sql))["sql"] == sql


def test_line_ends_of_a_form_become_those_of_python(run: Any) -> None:  # noqa: ANN401  a function
    assert run(QuestionBody(sql="SELECT 1\r\nFROM x"))["sql"] == "SELECT 1\nFROM x"


def test_what_stands_beside_the_sql_is_passed_on(run: Any) -> None:  # noqa: ANN401  a function
    body = QuestionBody(
        sql=SQL,
        dataset="hospital",
        purpose="heart research",
        epsilon=Decimal("0.2"),
        max_groups=2,
        bounding="stored",
    )

    assert run(body) == {
        "url": "http://localhost:8080/",
        "api_key": "gw_made_up",
        "project": "heart",
        "sql": SQL,
        "dataset": "hospital",
        "purpose": "heart research",
        "epsilon": "0.2",
        "max_groups": 2,
        "bounding": "stored",
        "shown": True,
    }


def test_a_wanted_accuracy_is_passed_on(run: Any) -> None:  # noqa: ANN401  a function
    told = run(QuestionBody(sql=SQL, accuracy=AccuracyBody(within=25.0)))

    assert told["accuracy"] == {"within": 25.0}


def test_no_key_is_in_the_program() -> None:
    program = snippets.python_snippet("http://x/", "heart", QuestionBody(sql=SQL))

    assert 'os.environ["GATEWAY_API_KEY"]' in program
