from __future__ import annotations

import json
from pathlib import Path

import pytest

from anonymizers.spans import Label
from benchmarks.deidentify import main
from benchmarks.stock import StockPresidio


def test_quick_run_writes_the_fixed_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--quick", "--json", str(tmp_path / "found.json"), "--long", "0.02"])
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    told = capsys.readouterr().out

    assert set(found) == {"form", "texts", "words", "tools", "scaling", "long_notes"}
    assert [side["tool"] for side in found["tools"]] == ["ours", "rules", "stock"]
    assert found["tools"][2]["ratio"] == 1
    assert all(side["words_per_second"] > 0 for side in found["tools"])
    assert found["long_notes"][0]["megabytes"] == 0.02
    assert "times stock Presidio" in told


def test_stock_presidio_finds_what_the_model_and_its_own_recognizers_find() -> None:
    text = "Dr. Jane Roe was reached by mail, jane.roe@mail.example.org."
    found = {(span.of(text), span.label) for span in StockPresidio().detect(text)}

    assert ("Jane Roe", Label.NAME) in found
    assert ("jane.roe@mail.example.org", Label.EMAIL) in found
