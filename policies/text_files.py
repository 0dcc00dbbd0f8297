"""Notes that lie in files of their own, beside a table that says whose each is."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from policies.model import STRICT

__all__ = ["TextFiles"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TextFiles:
    """Where the text of each row of a CSV or Parquet file lies.

    Attributes:
        named_by: Column of the file with the name of the row's text file; NULL for no text.
        folder: Folder of the text files, from that of the table's file on; none lies outside of it.
        column: How the column is called that the texts become.
    """

    named_by: str
    folder: str = "."
    column: str = "text"
