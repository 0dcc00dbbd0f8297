"""An answer as an Arrow table, and its bytes as an Arrow IPC stream."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from gateway.tabular import TableColumn, table_columns, table_rows
from query.answers import Answer, Key
from query.documents import document_bytes, loss_document

__all__ = ["answer_arrow", "answer_table"]


def answer_table(answer: Answer) -> Any:  # noqa: ANN401  pyarrow has no types
    """Return a ``pyarrow.Table`` of the answer's plain table.

    Noisy columns are float64; keys are string, int64, float64 or bool. The schema's metadata
    holds ``gateway.query_id``, ``gateway.charged`` and ``gateway.policy``.
    """
    columns = table_columns(answer)
    rows = table_rows(answer, columns)
    arrays = [_array([row[index] for row in rows], column) for index, column in enumerate(columns)]
    metadata = {
        b"gateway.query_id": answer.query_id.encode(),
        b"gateway.charged": document_bytes(loss_document(answer.charged)),
        b"gateway.policy": answer.policy_digest.encode(),
    }
    table = pa.table(arrays, names=[column.name for column in columns])
    return table.replace_schema_metadata(metadata)


def answer_arrow(answer: Answer) -> bytes:
    """Return the answer's plain table as an Arrow IPC stream."""
    table = answer_table(answer)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _array(values: list[Key], column: TableColumn) -> Any:  # noqa: ANN401  pyarrow has no types
    if column.part is not None:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    present = [value for value in values if value is not None]
    if all(isinstance(value, bool) for value in present) and present:
        return pa.array(values, pa.bool_())
    if present and all(isinstance(value, int) and -(2**63) <= value < 2**63 for value in present):
        return pa.array([None if value is None else int(value) for value in values], pa.int64())
    if present and all(isinstance(value, int | float) for value in present):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([None if value is None else str(value) for value in values], pa.string())
