"""DUO-CONTRACT-ONLY: terms of data use that no program can keep, only people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from policies.declared import Declarations
from policies.documents import TreePath
from policies.errors import DeclarationError

__all__ = ["find_contract_only"]

KEPT: Final = frozenset(
    {
        *("DUO:0000004", "DUO:0000006", "DUO:0000007", "DUO:0000011", "DUO:0000042"),
        *("DUO:0000025", "DUO:0000026", "DUO:0000027"),
    }
)
"""What purposes, last days, members and projects keep: permissions, and the modifiers time limit,
user specific and project specific."""
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DUO:0000012": "research specific restrictions",
        "DUO:0000015": "no general methods research",
        "DUO:0000016": "genetic studies only",
        "DUO:0000018": "not for profit, non commercial use only",
        "DUO:0000019": "publication required",
        "DUO:0000020": "collaboration required",
        "DUO:0000021": "ethics approval required",
        "DUO:0000022": "geographical restriction",
        "DUO:0000024": "publication moratorium",
        "DUO:0000028": "institution specific restriction",
        "DUO:0000029": "return to database or resource",
        "DUO:0000043": "clinical care use",
        "DUO:0000044": "population origins or ancestry research prohibited",
        "DUO:0000045": "not for profit organisation use only",
        "DUO:0000046": "non-commercial use only",
    }
)
"""The other modifiers of the ontology (GA4GH Data Use Ontology, 2021)."""


def find_contract_only(declarations: Declarations, _today: date) -> Iterator[DeclarationError]:
    """Give each term that has to be in the contract, since nothing here keeps it."""
    for dataset in declarations.datasets:
        use = dataset.policy.spec.data_use
        if use is None:
            continue
        terms: list[tuple[TreePath, str]] = [(("permission",), use.permission)]
        terms += [(("modifiers", index), term) for index, term in enumerate(use.modifiers)]
        for path, term in terms:
            if term not in KEPT:
                yield dataset.document.error(
                    f"{term} ({NAMES.get(term, 'not a term that is known here')}) is kept by "
                    "people only",
                    code="DUO-CONTRACT-ONLY",
                    remedy="make it part of the agreement with each project",
                    path=("spec", "data_use", *path),
                )
