"""REL-K-LOW: records leave only where enough of them share each combination."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.declared import Declarations
from policies.errors import DeclarationError

__all__ = ["find_low_k"]

MIN_K: Final = 5
"""Smallest k that any release has; CMS asks for 11 in what it publishes."""


def find_low_k(declarations: Declarations) -> Iterator[DeclarationError]:
    """Give each open record door without k-anonymity, or with too small a k."""
    for dataset in declarations.datasets:
        releases = dataset.policy.spec.releases
        k = 1 if releases.k_anonymity is None else releases.k_anonymity.k
        if releases.allowed == "allowed" and k < MIN_K:
            yield dataset.document.error(
                "records would leave without k-anonymity" if k == 1 else f"k is {k}",
                code="REL-K-LOW",
                remedy=f"declare k_anonymity with k: {MIN_K} or more; 11 is usual",
                path=("spec", "releases", "k_anonymity", "k"),
            )
