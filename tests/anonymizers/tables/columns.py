"""Columns and contexts for the tests of tables."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from anonymizers.tables import RowContext, TransformedColumn, apply_transform
from policies.columns import Column, Role
from policies.query_use import ValueType

CONTEXT = RowContext(pseudonym_key=b"p" * 32, shift_key=b"s" * 32)


def column(value_type: ValueType = ValueType.STRING, **other: Any) -> Column:  # noqa: ANN401
    return Column(role=other.pop("role", Role.ATTRIBUTE), type=value_type, **other)


def applied(
    declared: Column, values: object, arrow_type: pa.DataType | None = None
) -> TransformedColumn:
    array = values if isinstance(values, pa.ChunkedArray) else pa.array(values, arrow_type)
    return apply_transform(declared, array, context=CONTEXT)


def stored(declared: Column, values: object, arrow_type: pa.DataType | None = None) -> list[Any]:
    result: list[Any] = applied(declared, values, arrow_type).values.to_pylist()
    return result
