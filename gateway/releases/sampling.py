"""Some of the texts that would leave, drawn for a person to read before anybody approves them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from anonymizers.keys import derive_key, keyed_bytes
from policies.record_facts import RecordRole, ReleaseFacts
from policies.releases import Releases

__all__ = ["SAMPLE", "Sample", "drawn", "sample_key"]

SAMPLE: Final = "texts.jsonl"
"""The file of the drawn texts, in ``review/``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a person has to read.

    Attributes:
        size: Texts that are asked for; there may be fewer.
        file: The texts: JSON lines ``{"id", "text"}``, as ``gateway deidentify detect`` reads them.
    """

    size: int
    file: bytes = field(repr=False)


def sample_key(master: bytes, dataset: str, table: str) -> bytes:
    """Return the key that draws from the texts of a table, in whichever release they leave.

    It knows neither release nor snapshot: who asks, or ingests, again is shown the same texts.
    """
    return derive_key(master, purpose="human-check", dataset=dataset, scope=table)


def drawn(records: pa.Table, facts: ReleaseFacts, releases: Releases, key: bytes) -> Sample | None:
    """Draw texts by what they say under a key, so that nobody chooses which are read.

    Each text is as likely as any other. Each has one rank whatever leaves beside it, so another
    request, plan or choice of columns draws no other ones, but where texts no longer leave.

    Args:
        records: What would leave.
        facts: As what its columns leave.
        releases: Says how many texts are read.
        key: As ``sample_key`` gives it.

    Returns:
        None where no text leaves, or nobody has to read any.
    """
    columns = [name for name, role in facts.columns.items() if role is RecordRole.FREE_TEXT]
    evidence = releases.text_evidence
    if evidence is None or evidence.human_check is None or not columns:
        return None
    size = evidence.human_check.sample
    ranked = sorted(one for name in columns for one in _ranked(records, name, key))[:size]
    lines = (json.dumps({"id": name, "text": text}, ensure_ascii=False) for _, name, text in ranked)
    return Sample(size=size, file="".join(f"{line}\n" for line in lines).encode())


def _ranked(records: pa.Table, column: str, key: bytes) -> Iterator[tuple[bytes, str, str]]:
    """Give the rank of each text of a column, its name in this release, and the text.

    Texts that say the same have ranks of their own, so that frequent ones are drawn as often.
    """
    seen = Counter[str]()
    for place, text in enumerate(records[column].to_pylist()):
        if text is not None:
            seen[text] += 1
            yield keyed_bytes(key, column, f"{seen[text]} {text}"), f"{column}/{place}", text
