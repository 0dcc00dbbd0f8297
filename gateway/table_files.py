"""Tables as files, for their owner alone."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet

__all__ = ["write_table"]


def write_table(table: pa.Table, file: Path) -> None:
    """Write Parquet where the file ends in ``.parquet``, and CSV else; for its owner only."""
    file.touch(mode=0o600)
    if file.suffix == ".parquet":
        parquet.write_table(table, file)
        return
    texts = {name: pc.cast(table[name], pa.string()) for name in table.column_names}
    arrow_csv.write_csv(pa.table(texts), file)
