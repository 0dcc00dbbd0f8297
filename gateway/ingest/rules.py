"""What a row can break, and what happens then: it is left out and counted, or the ingest stops."""

from __future__ import annotations

from collections import Counter
from enum import Enum

import pyarrow as pa
import pyarrow.compute as pc

from gateway.ingest.sources import SourceTable
from policies.errors import SourceError

__all__ = ["Rule", "Sieve"]


class Rule(Enum):
    """A rule that a row can break: its name in the report, its code, and what to do."""

    NO_UNIT = ("no unit", "KEY-NO-UNIT", "the privacy unit is NULL")
    UNKNOWN_UNIT = ("unknown unit", "KEY-ORPHAN", "the privacy unit is not in its table")
    UNIT_REJECTED = ("unit rejected", "KEY-ORPHAN", "the privacy unit's own row was rejected")
    UNIT_TWICE = ("unit twice", "KEY-UNIT-TWICE", "the privacy unit has a row already")
    NO_KEY = ("no key", "KEY-NULL", "the key is NULL")
    KEY_TWICE = ("key twice", "KEY-TWICE", "the key stands in an earlier row of the same unit")
    FOREIGN_KEY = ("foreign key", "KEY-FOREIGN", "a foreign key names a row that does not exist")
    FOREIGN_UNIT = ("foreign unit", "KEY-FOREIGN-UNIT", "a foreign key names another unit's row")
    VALUE = ("value", "VAL-OUTSIDE", "a value is unreadable or outside its declared domain")

    @property
    def title(self) -> str:
        """Its name in the report."""
        return self.value[0]

    @property
    def code(self) -> str:
        """Its code in errors."""
        return self.value[1]

    @property
    def meaning(self) -> str:
        """What is broken, in words."""
        return self.value[2]


class Sieve:
    """Decides on the rows of one table; each rejected row counts once, for the first rule.

    Args:
        source: The table; its ``bad_rows`` says whether a broken rule stops the ingest.
    """

    def __init__(self, source: SourceTable) -> None:
        self._source = source
        self.rejected: Counter[str] = Counter()

    def sift(self, rows: pa.Table, broken: pa.Array, rule: Rule, column: str = "") -> pa.Table:
        """Return the rows that do not break a rule.

        Args:
            rows: Rows with their number in the source in column ``__row``.
            broken: One bool a row; NULL is False.
            rule: The rule.
            column: The column that breaks it, if it is one.

        Raises:
            SourceError: If the table's ``bad_rows`` is ``stop`` and a row breaks the rule.
        """
        broken = pc.fill_null(broken, fill_value=False)
        count = pc.sum(broken).as_py() or 0
        if not count:
            return rows
        # That a row's unit was rejected is a consequence, which was allowed where it began.
        if self._source.table.bad_rows == "stop" and rule is not Rule.UNIT_REJECTED:
            first = pc.min(rows["__row"].filter(broken)).as_py()
            raise self._stop(rule, first, column)
        self.rejected[f"{rule.title} {column}".strip()] += count
        return rows.filter(pc.invert(broken))

    def _stop(self, rule: Rule, row: int, column: str) -> SourceError:
        place = f" in column {column}" if column else ""
        return SourceError(
            f"{rule.meaning}{place} of table {self._source.name}",
            code=rule.code,
            remedy="correct the row or the declaration, or declare bad_rows: reject to leave such "
            "rows out",
            file=self._source.file,
            line=self._source.line(row),
        )
