"""The allow-list of row-wise functions: each states its domain and SQL that cannot fail."""

from query.functions.allow_list import FUNCTIONS
from query.functions.building import Builder

__all__ = ["FUNCTIONS", "Builder"]
