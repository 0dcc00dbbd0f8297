"""An opaque stand-in that says only whether two values of one patient are the same."""

from __future__ import annotations

from anonymizers.keys import keyed_bytes, pseudonym
from anonymizers.normalized import normalize, squeeze
from policies.text_operators import Label

__all__ = ["pseudonymized"]


def pseudonymized(key: bytes, unit: str, label: Label, original: str) -> str:
    """Return the label with 26 characters of base32, such as ``[NAME:mq3…]``.

    Values that differ in letter case, blanks and punctuation only have one stand-in. The patient
    is part of it: otherwise the most frequent stand-in would be the most frequent name.

    Args:
        key: Key of the purpose ``text``, derived for one project.
        unit: The patient, as the source names it.
        label: What it is.
        original: What was found.
    """
    own = keyed_bytes(key, "text pseudonym", unit, label.value)
    return f"[{label.value}:{pseudonym(own, squeeze(normalize(original).folded).text)}]"
