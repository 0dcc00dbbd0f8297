"""What a receipt proves, in words for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from gateway.audit.receipts import CheckedReceipt

__all__ = ["receipt_lines"]

_SHOWN: Final = (
    ("query_id", "query"),
    ("actor", "by"),
    ("project", "project"),
    ("named_project", "project"),
    ("purpose", "purpose"),
    ("named_purpose", "purpose"),
    ("dataset", "dataset"),
    ("named_dataset", "dataset"),
    ("policy", "declarations"),
    ("request", "question"),
    ("code", "refused"),
    ("rule", "by the rule"),
    ("at", "at"),
)
_UNITS: Final[Mapping[str, tuple[str, Decimal]]] = {
    "pure": ("epsilon", Decimal("1e-6")),
    "zcdp": ("rho", Decimal("1e-9")),
}


def receipt_lines(checked: CheckedReceipt) -> Iterator[str]:
    """Yield what the entries of a receipt say, a line each."""
    head, stamp = checked.checkpoint, checked.entry.stamp
    yield f"Entry {stamp.seq} of the log {head.origin} is {checked.entry.event.kind}, {stamp.time}."
    yield f"It is under the signed head of {head.size} entries, root {head.root.hex()}."
    facts = checked.facts()
    for name, shown in _SHOWN:
        if name in facts:
            yield f"{shown}: {facts[name]}"
    if "amount" in facts:
        symbol, unit = _UNITS[str(facts["measure"])]
        amount = (Decimal(str(facts["amount"])) * unit).normalize()
        free = checked.entry.event.kind in {"query.repeat", "query.derive"}
        yield f"{'paid before' if free else 'charged'}: {symbol} {amount:f}"
    if checked.answer_fits:
        yield "The answer is the one that was released."
