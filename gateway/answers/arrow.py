"""An answer as an Arrow table, and its bytes as an Arrow IPC stream or a Parquet file."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gateway.answers.tabular import TableColumn, table_columns, table_rows
from query.answers import Answer, Key
from query.fields import json_bytes
from query.losses import loss_document

__all__ = ["answer_arrow", "answer_parquet", "answer_table", "parquet_bytes"]


def answer_table(answer: Answer) -> Any:  # noqa: ANN401  pyarrow has no types
    """Return a ``pyarrow.Table`` of the answer's plain table.

    Noisy columns are float64; keys are string, int64, float64 or bool. The schema's metadata
    holds, under ``gateway.``: ``query_id``, ``policy``, ``receipt`` (the entry's number, empty if
    the log was not reached), and as JSON: ``charged``, ``spent`` (what was paid for the question
    before, or null), ``confidence`` (of the intervals), ``suppressed``, ``explanation`` (lines).
    """
    columns = table_columns(answer)
    rows = table_rows(answer, columns)
    arrays = [_array([row[index] for row in rows], column) for index, column in enumerate(columns)]
    table = pa.table(arrays, names=[column.name for column in columns])
    return table.replace_schema_metadata(_metadata(answer))


def answer_arrow(answer: Answer) -> bytes:
    """Return the answer's plain table as an Arrow IPC stream."""
    table = answer_table(answer)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def answer_parquet(answer: Answer) -> bytes:
    """Return the answer's plain table as a Parquet file."""
    return parquet_bytes(answer_table(answer))


def parquet_bytes(table: Any) -> bytes:  # noqa: ANN401  pyarrow has no types
    """Return a ``pyarrow.Table`` as a Parquet file, with its schema's metadata."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def _metadata(answer: Answer) -> dict[str, bytes]:
    quote, receipt = answer.quote, answer.receipt
    facts = {
        "charged": loss_document(answer.charged),
        "spent": None if quote.spent is None else loss_document(quote.spent),
        "confidence": quote.confidence,
        "suppressed": answer.suppressed,
        "explanation": list(quote.explanation),
    }
    texts = {
        "query_id": answer.query_id.encode(),
        "policy": answer.policy_digest.encode(),
        "receipt": b"" if receipt is None else str(receipt.index).encode(),
        **{name: json_bytes(fact) for name, fact in facts.items()},
    }
    return {f"gateway.{name}": text for name, text in texts.items()}


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
