from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from gateway.table_files import without_formulas, write_table


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@SUM(A1)", "\tx", "  =1"])
def test_a_text_that_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    table = pa.table({"word": [text, "plain = 1", None], "number": ["-1", "+2", None]})
    guarded = without_formulas(table, ["word"])

    assert guarded["word"].to_pylist() == [f"'{text}", "plain = 1", None]
    assert guarded["number"].to_pylist() == ["-1", "+2", None]
    assert guarded.column_names == table.column_names


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_table_is_written_for_its_owner_alone(tmp_path: Path, name: str) -> None:
    write_table(pa.table({"a": ["x"]}), tmp_path / name)

    assert (tmp_path / name).stat().st_mode & 0o77 == 0
