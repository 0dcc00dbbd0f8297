"""Privacy losses and balances as JSON documents; amounts are exact decimal strings (``"0.2"``)."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, InvalidOperation

from policies.privacy import DELTA_UNITS, Measure, PrivacyLoss
from query.fields import MALFORMED, Document, a_text, an_object, malformed
from query.ports import Balance

__all__ = ["balance_document", "loss_document", "loss_of", "parse_balance", "parse_loss"]

_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


def loss_document(loss: PrivacyLoss) -> Document:
    """Return a loss as ``{"measure", "epsilon" or "rho", "delta"}``; amounts are exact strings."""
    return {
        "measure": loss.measure.value,
        loss.measure.symbol: _decimal(loss.amount, loss.measure.units),
        "delta": _decimal(loss.delta, DELTA_UNITS),
    }


def parse_loss(document: object) -> PrivacyLoss:
    """Read a loss back; the inverse of ``loss_document``.

    Raises:
        DocumentError: If the document is not one of a loss.
    """
    try:
        return loss_of(an_object(document))
    except MALFORMED as error:
        raise malformed("a privacy loss") from error


def balance_document(balance: Balance) -> Document:
    """Return what a scope may still spend; ``remaining`` is derived, for people."""
    remaining = PrivacyLoss(
        measure=balance.cap.measure,
        amount=max(balance.cap.amount - balance.spent.amount, 0),
        delta=max(balance.cap.delta - balance.spent.delta, 0),
    )
    return {
        "scope": balance.scope,
        "name": balance.name,
        "cap": loss_document(balance.cap),
        "spent": loss_document(balance.spent),
        "remaining": loss_document(remaining),
    }


def parse_balance(document: object) -> Balance:
    """Read a balance back; the inverse of ``balance_document``.

    Raises:
        DocumentError: If the document is not one of a balance.
    """
    try:
        fields = an_object(document)
        return Balance(
            scope=a_text(fields["scope"]),
            name=a_text(fields["name"]),
            cap=loss_of(an_object(fields["cap"])),
            spent=loss_of(an_object(fields["spent"])),
        )
    except MALFORMED as error:
        raise malformed("a balance") from error


def loss_of(fields: Document) -> PrivacyLoss:
    """Read the fields of a loss; raises one of ``query.fields.MALFORMED``."""
    measure = Measure(fields["measure"])
    return PrivacyLoss(
        measure=measure,
        amount=_units(fields[measure.symbol], measure.units),
        delta=_units(fields["delta"], DELTA_UNITS),
    )


def _decimal(amount: int, units: int) -> str:
    return format(_EXACT.divide(Decimal(amount), Decimal(units)).normalize(_EXACT), "f")


def _units(text: object, units: int) -> int:
    amount = _EXACT.multiply(Decimal(a_text(text)), Decimal(units))
    if amount != amount.to_integral_value():
        raise TypeError
    return int(amount)
