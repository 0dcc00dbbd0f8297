"""Who takes no part in research: read by ingest, and never stored."""

from __future__ import annotations

from collections.abc import Container

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT, invalid

__all__ = ["OptOut", "check_opt_out"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class OptOut:
    """Where the source says which privacy units take no part.

    Attributes:
        file: A CSV file in UTF-8 in the source's folder; its first column, under a header, lists
            the keys of the units that take no part.
        column: A column of the table of units that says whether a unit takes part.
        takes_part: Values of that column with which a unit takes part; any other value, and none,
            leaves it out.
    """

    file: str | None = None
    column: str | None = None
    takes_part: tuple[str, ...] = Field(default=())

    def __post_init__(self) -> None:
        if (self.file is None) == (self.column is None):
            raise invalid("DP-OPT-OUT", "both or neither of file and column are given; keep one")
        if (self.column is None) != (not self.takes_part):
            raise invalid(
                "DP-OPT-OUT",
                "takes_part lists the values of column with which a unit takes part; give both, or "
                "a file",
            )

    def __str__(self) -> str:
        if self.file is not None:
            return f"those of {self.file}"
        return f"those whose {self.column} is not {' or '.join(self.takes_part)}"


def check_opt_out(opt_out: OptOut | None, columns: Container[str]) -> None:
    """Check that the column is one of the table of units; raises pydantic's error with our code.

    Args:
        opt_out: What is declared, if anything.
        columns: Declared columns of the table of units.
    """
    if opt_out is not None and opt_out.column is not None and opt_out.column not in columns:
        raise invalid(
            "COL-GONE",
            f"the table of privacy units has no column {opt_out.column}; declare it",
            *("privacy_unit", "opt_out", "column"),
        )
