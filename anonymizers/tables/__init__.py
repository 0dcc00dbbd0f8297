"""Identified columns in, minimized columns out: one declared transform over Arrow values."""

from anonymizers.tables.apply import apply_transform
from anonymizers.tables.model import RowContext, TransformedColumn

__all__ = ["RowContext", "TransformedColumn", "apply_transform"]
