"""From what was found to what is written in its place, by the operator of its label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from anonymizers.operators.encrypt import Cipher
from anonymizers.operators.generalize import generalized
from anonymizers.operators.mask import masked
from anonymizers.operators.pseudonymize import pseudonymized
from anonymizers.surrogates import StandIns, redaction
from policies.errors import DeclarationError
from policies.stand_ins import Pseudonymize, ShiftDate
from policies.text_operators import (
    Encrypt,
    Generalize,
    Label,
    Mask,
    Redact,
    Replace,
    Surrogate,
    TextOperator,
)

__all__ = ["Writer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes for one patient.

    Attributes:
        stand_ins: Of the patient; has the key, and the move of dates.
        default: What is done to labels without an operator of their own.
        operators: By label.
        cipher: Where an operator is ``encrypt``.
    """

    stand_ins: StandIns
    default: TextOperator
    operators: Mapping[Label, TextOperator] = field(default_factory=dict)
    cipher: Cipher | None = None

    def written(self, label: Label, original: str) -> str:
        """Return what is put in the place of a text that was found.

        Raises:
            DeclarationError: ``DEID-REVERSIBLE`` if it is to be encrypted without a key.
        """
        operator = self.operators.get(label, self.default)
        match operator:
            case Surrogate() | ShiftDate():
                written = self.stand_ins.of(label, original)
            case Redact():
                written = redaction(label)
            case Mask(character=character):
                written = masked(original, character)
            case Replace(text=text):
                written = text
            case Pseudonymize():
                key, unit = self.stand_ins.key, self.stand_ins.unit
                written = pseudonymized(key, unit, label, original)
            case Generalize():
                written = generalized(operator, label, original)
            case Encrypt():
                written = self._encrypted(label, original)
            case str():  # a name is never left by validation
                raise DeclarationError("an operator is a name alone", code="DEID-OPERATOR")
            case _:
                assert_never(operator)
        return written

    def _encrypted(self, label: Label, original: str) -> str:
        if self.cipher is None:
            raise DeclarationError(
                "there is no key to encrypt with",
                code="DEID-REVERSIBLE",
                remedy="declare the column reversible, or take another operator",
            )
        return self.cipher.encrypted(self.stand_ins.unit, label, original)
