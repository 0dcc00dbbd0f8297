"""The ways in which identifiers are written in notes."""

from anonymizers.variants.model import Case, Gaps, Identifier, Variant
from anonymizers.variants.names import name_tokens
from anonymizers.variants.search import variants_of

__all__ = ["Case", "Gaps", "Identifier", "Variant", "name_tokens", "variants_of"]
