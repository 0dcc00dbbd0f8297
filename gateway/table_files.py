"""Tables as files, for their owner alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet

__all__ = ["without_formulas", "write_table"]

_FORMULA: Final = r"^( *[=+\-@\t\r])"
"""What makes a spreadsheet run a cell (OWASP, CSV Injection)."""


def without_formulas(table: pa.Table, columns: Iterable[str]) -> pa.Table:
    """Return a table with an apostrophe before each text that a spreadsheet would run.

    Args:
        table: Has the columns as text.
        columns: Those that hold words; a negative number is no formula.
    """
    for name in columns:
        guarded = pc.replace_substring_regex(table[name], _FORMULA, r"'\1")
        table = table.set_column(table.column_names.index(name), name, guarded)
    return table


def write_table(table: pa.Table, file: Path) -> None:
    """Write Parquet where the file ends in ``.parquet``, and CSV else; for its owner only."""
    file.touch(mode=0o600)
    if file.suffix == ".parquet":
        parquet.write_table(table, file)
        return
    texts = {name: pc.cast(table[name], pa.string()) for name in table.column_names}
    arrow_csv.write_csv(pa.table(texts), file)
