"""An answer in a researcher's hands: rows, errors, tables, price and receipt."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gateway.answers.charts import ChartKind, draw_chart
from gateway.answers.explanations import html_table, loss_text, number_text
from gateway.answers.tabular import table_columns, table_rows
from gateway.errors import NotFoundError, UnavailableError
from policies.privacy import PrivacyLoss
from query.answers import Answer, Estimate, Key, Value
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
        from gateway.answers.arrow import answer_table  # noqa: PLC0415  loads pyarrow where it is wanted

        return answer_table(self.answer)

    def to_pandas(self) -> Any:  # noqa: ANN401  pandas is optional
        """Return a ``pandas.DataFrame`` of the same columns as ``to_arrow``.

        Raises:
            UnavailableError: If pandas is not installed.
        """
        _check_installed("pandas", "pandas", "SYS-NO-PANDAS")
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:  # noqa: ANN401  polars is optional
        """Return a ``polars.DataFrame`` of the same columns as ``to_arrow``.

        Raises:
            UnavailableError: If polars is not installed.
        """
        _check_installed("polars", "polars", "SYS-NO-POLARS")
        import polars as pl  # noqa: PLC0415  loads polars where it is wanted

        return pl.from_arrow(self.to_arrow())

    def plot(
        self,
        y: str | None = None,
        kind: ChartKind | None = None,
        ax: Any = None,  # noqa: ANN401  matplotlib is optional
    ) -> Any:  # noqa: ANN401  the same
        """Draw one noisy column over the group keys with its intervals; return the axes.

        Args:
            y: Which column; the first noisy one by default.
            kind: ``bars``, ``line`` or ``heat map``; what fits the keys by default.
            ax: Axes of matplotlib to draw on; new ones by default.

        Raises:
            RequestError: If the answer has no such column, or keys for another chart.
            UnavailableError: If matplotlib is not installed.
        """
        _check_installed("matplotlib", "plot", "SYS-NO-MATPLOTLIB")
        return draw_chart(self.answer, y=y, kind=kind, ax=ax)

    def save_receipt(self, path: str | Path) -> None:
        """Write the receipt, and the answer as it was told beside it, with ``.json`` added.

        ``gateway audit check RECEIPT --answer ANSWER --vkey VKEY`` checks them offline.

        Raises:
            NotFoundError: If the answer came without one.
        """
        proof = Path(path)
        proof.write_text(self._proof(), encoding="utf-8")
        proof.with_name(f"{proof.name}.json").write_bytes(self.to_json())

    def check_receipt(self, vkey: str) -> Mapping[str, object]:
        """Check offline what the audit log says of this answer, and return that, field by field.

        Args:
            vkey: The log's public key, as its operator published it.

        Raises:
            NotFoundError: If the answer came without a receipt.
            LogError: If anything of it does not hold, or it is another answer's.
        """
        from gateway.audit.checkpoint import parse_vkey  # noqa: PLC0415  needs cryptography
        from gateway.audit.errors import LogError  # noqa: PLC0415  the same
        from gateway.audit.receipts import check_receipt  # noqa: PLC0415  the same

        checked = check_receipt(self._proof(), parse_vkey(vkey), self.to_json())
        if checked.answer_fits is False:
            raise LogError(
                "the receipt is about another answer",
                code="LOG-RECEIPT",
                remedy="check it together with the answer that it came with",
            )
        return checked.facts()

    def _proof(self) -> str:
        if self.receipt is None or not self.receipt.proof:
            raise NotFoundError(
                "this answer came without a receipt",
                remedy="ask the question again, which is free, or take gateway.receipt(index)",
            )
        return self.receipt.proof

    def _repr_html_(self) -> str:
        confidence = f"{self.answer.quote.confidence:.0%}"
        rows = [[_cell(value) for value in row] for row in self.answer.rows]
        note = f"± at {confidence}; charged {loss_text(self.charged)}; query {self.answer.query_id}"
        return f"{html_table(self.columns, rows)}<p><small>{escape(note)}</small></p>"


def _cell(value: Value) -> str:
    if not isinstance(value, Estimate):
        return "" if value is None else str(value)
    if value.value is None:
        return "withheld"
    if value.lower is None or value.upper is None:
        return number_text(value.value)
    return f"{number_text(value.value)} ± {number_text((value.upper - value.lower) / 2)}"


def _check_installed(module: str, extra: str, code: str) -> None:
    if find_spec(module) is None:
        raise UnavailableError(
            f"{module} is not installed",
            code=code,
            remedy=f"install the extra: pip install 'clinical-gateway[{extra}]'",
        )
