"""Some of the texts that would leave, drawn for a person to read before anybody approves them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from anonymizers.keys import keyed_bytes
from policies.record_facts import RecordRole, ReleaseFacts
from policies.releases import Releases

__all__ = ["SAMPLE", "Sample", "drawn"]

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


def drawn(records: pa.Table, facts: ReleaseFacts, releases: Releases, key: bytes) -> Sample | None:
    """Draw texts by a key of the release, so that nobody chooses which are read.

    Each text is as likely as any other; the same release gives the same sample.

    Args:
        records: What would leave.
        facts: As what its columns leave.
        releases: Says how many texts are read.
        key: Of this release, which nobody chose.

    Returns:
        None where no text leaves, or nobody has to read any.
    """
    columns = [name for name, role in facts.columns.items() if role is RecordRole.FREE_TEXT]
    evidence = releases.text_evidence
    if evidence is None or evidence.human_check is None or not columns:
        return None
    size = evidence.human_check.sample
    texts = {
        f"{name}/{place}": text
        for name in columns
        for place, text in enumerate(records[name].to_pylist())
        if text is not None
    }
    first = sorted(texts, key=lambda name: keyed_bytes(key, "human-check", name))[:size]
    lines = (json.dumps({"id": name, "text": texts[name]}, ensure_ascii=False) for name in first)
    return Sample(size=size, file="".join(f"{line}\n" for line in lines).encode())
