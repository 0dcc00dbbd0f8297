from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from gateway.cli.failures import error_lines, exit_code
from gateway.cli.program import COMMANDS, program
from gateway.cli.rendering import answer_text, balances_text, loss_text, quote_text, text_table
from gateway.client import Gateway
from gateway.errors import BodyError, FieldProblem, OperatorError, RequestError
from policies.errors import (
    CombinedDeclarationError,
    DeclarationError,
    InternalError,
    PolicyDeniedError,
    Position,
    SourceError,
    UnsupportedQueryError,
)
from policies.privacy import Measure, PrivacyLoss
from query.answers import Estimate
from tests.gateway.cli.conftest import Run
from tests.gateway.deployments import COUNTS, PROJECT, USER
from tests.gateway.made_up import make_answer, make_quote
from tests.limits import PATIENCE

CANARY = "canary-813"
GATEWAY = [sys.executable, "-c", "from gateway.cli import main; main()"]


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (
            DeclarationError("m", code="KEY-X", remedy="r", file="a.yaml", position=Position(2, 3)),
            ["a.yaml:2:3: KEY-X m; r"],
        ),
        (
            CombinedDeclarationError(
                [DeclarationError("m", file="a.yaml"), DeclarationError("n", file="b.yaml")]
            ),
            ["a.yaml: KEY-INVALID m", "b.yaml: KEY-INVALID n"],
        ),
        (SourceError("m", file="a.csv", line=7, remedy="r"), ["a.csv:7: SRC-INVALID m; r"]),
        (SourceError("m"), ["SRC-INVALID m"]),
        (OperatorError("m", file="d"), ["d: SYS-OPERATOR m"]),
        (
            UnsupportedQueryError("m", code="SQL-X", position=Position(1, 8)),
            ["SQL:1:8: SQL-X m"],
        ),
        (UnsupportedQueryError("m", code="SQL-X"), ["SQL-X m"]),
        (PolicyDeniedError("two\nlines", rule="r", code="POL-X"), ["POL-X two lines"]),
        (
            BodyError("m", fields=(FieldProblem(pointer="/epsilon", detail="d"),)),
            ["REQ-BODY epsilon: d"],
        ),
        (BodyError("m"), ["REQ-BODY m"]),
        (
            PermissionError(errno.EACCES, CANARY, "/a/file"),
            ["/a/file: SYS-FILE Permission denied; check the path, its owner and mode"],
        ),
        (
            OSError(errno.ENOSPC, CANARY),
            ["SYS-FILE No space left on device; check the path, its owner and mode"],
        ),
    ],
)
def test_each_failure_is_told_in_one_line(error: Exception, lines: list[str]) -> None:
    assert error_lines(error) == lines


@pytest.mark.parametrize("error", [ValueError(CANARY), OSError(CANARY), RuntimeError(CANARY)])
def test_a_vendors_words_are_never_told(error: Exception) -> None:
    try:
        raise error
    except type(error) as caught:
        (line,) = error_lines(caught)

    assert CANARY not in line
    assert "incident" in line
    assert f"({type(error).__name__} at test_program.py:" in line


def test_exit_codes_tell_refusals_from_our_faults() -> None:
    assert exit_code(RequestError("m")) == 1
    assert exit_code(FileNotFoundError()) == 1
    assert exit_code(InternalError("ab")) == 3
    assert exit_code(KeyError()) == 3


def test_the_shell_can_complete_commands() -> None:
    context = click.Context(program)

    assert isinstance(program, click.Group)
    assert program.list_commands(context) == list(COMMANDS)


def test_interrupting_ends_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: object) -> None:
        raise click.Abort

    monkeypatch.setattr(program, "main", interrupted)

    assert run("key").code == 130


def test_a_fault_of_ours_ends_with_3_and_an_incident(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise KeyError(CANARY)

    monkeypatch.setattr(program, "main", broken)
    outcome = run("key")

    assert outcome.code == 3
    assert CANARY not in outcome.err
    assert "incident" in outcome.err


def test_a_table_is_aligned_and_numbers_stand_right() -> None:
    assert text_table(["k", "n"], [["a", "5"], ["bb", "-10"]]).splitlines() == [
        "k     n",
        "──  ───",
        "a     5",
        "bb  -10",
    ]
    assert text_table(["k"], []).splitlines() == ["k", "─"]


def test_an_answer_says_what_is_withheld_and_what_is_null() -> None:
    estimate = Estimate(value=1234.5, standard_error=None, lower=None, upper=None)
    rows = (("F", estimate), (None, None), *make_answer().rows[1:])
    shown = answer_text(make_answer(rows=rows, receipt=None))

    assert "1,234" in shown
    assert "NULL" in shown
    assert "withheld" in shown
    assert "1 row is left out: the noisy count kept for that is too small" in shown
    assert "audit log" not in shown


def test_an_answer_says_how_many_rows_are_left_out() -> None:
    several = answer_text(make_answer(suppressed=1_200))

    assert "1,200 rows are left out: the noisy counts kept for that are too small" in several
    assert "left out" not in answer_text(make_answer(suppressed=0))


def test_a_quote_says_where_the_error_depends_on_the_data() -> None:
    quote = make_quote()
    unknown = quote.aggregates[0].__class__(
        column="a", aggregate="AVG(x)", mechanism="m", sensitivity="s", expected_error=None
    )
    shown = quote_text(
        quote.__class__(
            **{
                **{name: getattr(quote, name) for name in quote.__dataclass_fields__},
                "aggregates": (unknown,),
            }
        )
    )

    assert "depends" in shown
    assert "Each patient counts once" in shown


def test_losses_and_balances_are_told_in_plain_decimals() -> None:
    loss = PrivacyLoss(measure=Measure.ZCDP, amount=1000, delta=5)

    assert loss_text(loss) == "rho 0.000001, delta 5e-18"
    assert balances_text([]) == "left:"


def test_starting_is_fast_since_heavy_packages_are_loaded_when_used() -> None:
    script = (
        "import sys, gateway.cli\n"
        "heavy = {'pyarrow', 'duckdb', 'opendp', 'spacy', 'flask', 'sqlglot'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert shown.stdout.strip() == "[]"


def test_a_real_process_tells_one_line_and_its_exit_code(tmp_path: Path) -> None:
    ended = subprocess.run(
        [*GATEWAY, "serve", str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"gateway: {tmp_path}/gateway.toml: CFG-MISSING ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_real_service_answers_and_stops_when_told(
    shared_site: Path, number: signal.Signals
) -> None:
    made = subprocess.run(
        [*GATEWAY, "key", "create", str(shared_site), "--user", USER],
        capture_output=True,
        text=True,
        check=True,
    )
    service = subprocess.Popen(
        [*GATEWAY, "serve", str(shared_site), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert service.stdout is not None
        url = service.stdout.readline().strip()
        with Gateway(url, made.stdout.strip()) as gateway:
            started = time.monotonic()
            # A question of its own: an answer that is given again does not wait.
            sql = COUNTS.replace("GROUP BY", f"WHERE age > {int(number)} GROUP BY")
            assert len(gateway.query(PROJECT, sql).rows) == 2
            assert time.monotonic() - started >= 0.25
        service.send_signal(number)
        _, log = service.communicate(timeout=PATIENCE)
    finally:
        service.kill()
        service.wait()

    assert service.returncode == 0
    assert '"event": "stopped"' in log
    assert "SELECT" not in log
