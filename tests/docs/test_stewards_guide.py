"""Every command of the steward's guide does what the guide says, in its order."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.cli.program import COMMANDS
from tests.gateway.cli.conftest import Run, run

__all__ = ["run"]

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "stewards-guide.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, flags=re.DOTALL)
MADE_UP = ("Hill", "Moss", "Reed", "617-555", "M00007", "M00008", "tablets")


def dated(text: str) -> str:
    today = datetime.now(UTC).date()
    last = today + timedelta(days=300)
    return text.replace("2026-12-01", str(today)).replace("2027-11-30", str(last))


def edits(block: str) -> Iterator[tuple[list[str], list[str]]]:
    """Give each run of lines that go, and what comes in their place."""
    old: list[str] = []
    new: list[str] = []
    for line in block.splitlines():
        if line.startswith("-") and new:
            yield old, new
            old, new = [], []
        (old if line.startswith("-") else new).append(line[1:])
    yield old, new


def apply(block: str) -> None:
    """Change a file as the guide shows, where exactly the lines are that it shows."""
    head, _, body = block.partition("\n")
    path = Path(head.removeprefix("--- "))
    text = path.read_text(encoding="utf-8")
    for old, new in edits(body):
        was, becomes = ("".join(f"{line}\n" for line in lines) for lines in (old, new))
        assert text.count(was) == 1, was
        text = text.replace(was, becomes)
    path.write_text(text, encoding="utf-8")


def test_the_guide_goes_the_whole_way(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told: dict[str, list[str]] = {}
    for kind, block in BLOCKS:
        if kind == "python":
            exec(compile(block, "stewards-guide.md", "exec"), {})  # noqa: S102  what the page says
        elif kind == "diff":
            apply(dated(block))
        for line in block.splitlines() if kind == "sh" else ():
            program, *arguments = shlex.split(line)
            outcome = run(*arguments)
            told.setdefault(line, []).append(outcome.out)
            assert program == "gateway"
            assert arguments[0] in COMMANDS
            assert outcome.code == 0, f"{line}: {outcome.out} {outcome.err}"

    first, then = told["gateway policy test hospital"]
    (counted,) = next(
        out for line, out in told.items() if line.startswith('gateway query "SELECT sex')
    )
    (erased,) = told["gateway erase hospital --dataset ward --keys gone.txt"]
    assert ("1 cases, 0 failed" in first, "6 cases, 0 failed" in then) == (True, True)
    assert "mean_age" in counted
    assert "charged: epsilon 0.05" in counted
    assert "1 taken out, 1 on the list" in erased


def test_the_guide_has_blocks_of_every_kind() -> None:
    kinds = [kind for kind, _ in BLOCKS]
    commands = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]

    assert set(kinds) == {"python", "sh", "diff"}
    assert (kinds.count("diff"), len(commands)) == (6, 28)


def test_nothing_of_the_data_is_in_the_declarations(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(BLOCKS[0][1], "stewards-guide.md", "exec"), {})  # noqa: S102  what the page says
    for line in BLOCKS[1][1].splitlines():
        assert run(*shlex.split(line)[1:]).code == 0
    text = "".join(
        path.read_text(encoding="utf-8") for path in Path("hospital/policies").rglob("*.yaml")
    )

    assert [one for one in MADE_UP if one in text] == []
