"""An answer in a researcher's hands: rows, errors, tables, price and receipt."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from gateway.errors import UnavailableError
from gateway.tabular import table_columns, table_rows
from policies.privacy import PrivacyLoss
from query.answers import Answer, Estimate, Key
from query.documents import answer_bytes
from query.ports import Receipt

__all__ = ["Result"]


class Result:
    """One answer.

    Args:
        answer: What the gateway released.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __repr__(self) -> str:
        charged = self.charged
        return (
            f"<Result {self.answer.query_id}: {len(self.answer.rows)} rows,"
            f" charged {charged.measure.symbol} {charged.parameter}>"
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names, in the order of the SELECT."""
        return self.answer.columns

    @property
    def rows(self) -> list[dict[str, Key]]:
        """One dict a row, from column to value; a suppressed value is None."""
        columns = table_columns(self.answer, errors=False)
        names = [column.name for column in columns]
        return [dict(zip(names, row, strict=True)) for row in table_rows(self.answer, columns)]

    @property
    def errors(self) -> list[dict[str, Estimate]]:
        """One dict a row, from noisy column to its value, standard error and interval.

        The error is that of the noise alone: what contribution bounds and clamping cut off is
        said in ``answer.quote.explanation``.
        """
        return [
            {
                name: value
                for name, value in zip(self.columns, row, strict=True)
                if isinstance(value, Estimate)
            }
            for row in self.answer.rows
        ]

    @property
    def charged(self) -> PrivacyLoss:
        """What this request cost; nothing for a repeat."""
        return self.answer.charged

    @property
    def receipt(self) -> Receipt | None:
        """Where the release stands in the audit log; None if the log was not reached."""
        return self.answer.receipt

    def to_json(self) -> bytes:
        """Return the answer as it was told, for ``gateway audit check --answer``."""
        return answer_bytes(self.answer)

    def to_arrow(self) -> Any:  # noqa: ANN401  pyarrow has no types
        """Return a ``pyarrow.Table``; errors and intervals stand beside each noisy column ``x``.

        They are ``x__standard_error``, ``x__lower`` and ``x__upper``; price, policy and the plan in
        words are in the schema's metadata.
        """
        from gateway.arrow import answer_table  # noqa: PLC0415  loads pyarrow where it is wanted

        return answer_table(self.answer)

    def to_pandas(self) -> Any:  # noqa: ANN401  pandas is optional
        """Return a ``pandas.DataFrame`` of the same columns as ``to_arrow``.

        Raises:
            UnavailableError: If pandas is not installed.
        """
        if find_spec("pandas") is None:
            raise UnavailableError(
                "pandas is not installed",
                code="SYS-NO-PANDAS",
                remedy="install the extra: pip install 'clinical-gateway[pandas]'",
            )
        return self.to_arrow().to_pandas()
