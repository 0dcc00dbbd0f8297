from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.query import main
from benchmarks.shapes import SHAPES

FIELDS = {
    "form", "machine", "versions", "settings", "built", "ratios", "planning", "service", "memory",
    "peers",
}  # fmt: skip


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("benchmark")
    # No peer lies in this folder, so that none that is installed slows the test.
    main(["--quick", "--peers", str(root / "none"), "--json", str(root / "found.json")])
    found: dict[str, Any] = json.loads((root / "found.json").read_text(encoding="utf-8"))
    return found


def test_quick_run_writes_the_fixed_form(quick: dict[str, Any]) -> None:
    assert quick["form"] == 1
    assert set(quick) == FIELDS
    assert set(quick["ratios"][0]) == {
        "world", "shape", "refused", "plain_ms", "statement_ms", "answer_ms", "ratio",
        "statement_ratio", "max_groups", "max_rows_per_group",
    }  # fmt: skip
    assert set(quick["peers"][0]) == {
        "world", "rows", "tool", "versions", "shape", "refused", "seconds", "slower", "rmse",
        "error", "releases", "load_seconds",
    }  # fmt: skip
    assert set(quick["memory"][0]) == {
        "world", "shape", "limit_mib", "idle_mib", "peak_mib", "outcome",
    }  # fmt: skip
    assert set(quick["planning"]["made"]) == {
        "import_ms", "cold_ms", "warm_p50_ms", "warm_p95_ms", "questions",
    }  # fmt: skip
    assert set(quick["service"]["made"]) == {"rows", "p50_ms", "p95_ms", "questions"}


def test_every_shape_is_measured_or_says_why_not(quick: dict[str, Any]) -> None:
    found = {one["shape"]: one for one in quick["ratios"]}

    assert set(found) == {shape.name for shape in SHAPES}
    for one in found.values():
        assert one["refused"] or 0 < one["statement_ms"] <= one["answer_ms"]


def test_memory_of_a_process_grows_while_it_answers(quick: dict[str, Any]) -> None:
    assert [one["outcome"] for one in quick["memory"]] == ["answered", "answered"]
    assert all(0 < one["idle_mib"] <= one["peak_mib"] for one in quick["memory"])


def test_our_answers_are_compared_and_absent_peers_say_how_to_get_them(
    quick: dict[str, Any],
) -> None:
    ours = [one for one in quick["peers"] if one["tool"] == "gateway"]
    others = [one for one in quick["peers"] if one["tool"] != "gateway"]

    assert [one["shape"] for one in ours] == ["count", "sum", "mean", "units"]
    assert all(one["rmse"] > 0 and one["releases"] == 4 for one in ours)
    assert len(others) == 3 * 4
    assert all("python -m benchmarks.peers.install" in one["refused"] for one in others)


def test_worlds_without_their_data_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "found.json"

    main(["--samples", str(tmp_path), "--json", str(file)])
    assert "GATEWAY_SAMPLE_DATA" in capsys.readouterr().out
    assert json.loads(file.read_text(encoding="utf-8"))["ratios"] == []
