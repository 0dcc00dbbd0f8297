"""Scorecards: what a deployment measured of its own reading of a gold set, under its own seal.

The seal is an HMAC under a key of this deployment, so that a figure that nobody measured here
cannot let text leave.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from anonymizers.keys import derive_key
from gateway.releases.manifest import digest_of
from policies.errors import SourceError
from policies.model import STRICT
from policies.record_facts import Scorecard, TextReading
from policies.text_operators import Profile

__all__ = ["read_scorecard", "write_scorecard"]

_KIND: Final = "clinical-gateway/scorecard@2"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _File:
    """A scorecard as it is written; its fields are those of ``Scorecard`` and its reading."""

    kind: str = _KIND
    on: str
    gold: str
    engine: str
    profile: Profile
    entities: Annotated[int, Field(ge=0)]
    found: Annotated[int, Field(ge=0)]
    texts: Annotated[int, Field(ge=0)]
    leaking: Annotated[int, Field(ge=0)]
    seal: str = ""


def write_scorecard(file: Path, card: Scorecard, master: bytes) -> None:
    """Write a scorecard with its seal.

    Args:
        file: Where to.
        card: What was measured.
        master: Master secret of the deployment.
    """
    said = {
        "kind": _KIND,
        "on": card.on,
        "gold": card.gold,
        "engine": card.reading.engine,
        "profile": card.reading.profile,
        "entities": card.entities,
        "found": card.found,
        "texts": card.texts,
        "leaking": card.leaking,
    }
    document = {**said, "seal": _seal(said, master)}
    file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def read_scorecard(file: Path, master: bytes) -> tuple[Scorecard, str]:
    """Read a scorecard, and the SHA-256 of its file.

    Raises:
        SourceError: ``REL-SCORECARD`` if it is none, or this deployment did not make it.
    """
    raw = file.read_bytes()
    try:
        found = TypeAdapter(_File).validate_json(raw)
    except ValidationError:
        found = None
    said = {} if found is None else asdict(found)
    seal = said.pop("seal", "")
    if found is None or not hmac.compare_digest(seal.encode(), _seal(said, master).encode()):
        raise SourceError(
            "the scorecard was not made by this deployment, or was changed",
            code="REL-SCORECARD",
            remedy="run 'gateway deidentify score GOLD --folder DIR --set NAME --scorecard FILE'",
            file=file.name,
        )
    card = Scorecard(
        on=found.on,
        gold=found.gold,
        reading=TextReading(engine=found.engine, profile=found.profile),
        entities=found.entities,
        found=found.found,
        texts=found.texts,
        leaking=found.leaking,
    )
    return card, digest_of(raw)


def _seal(said: dict[str, object], master: bytes) -> str:
    key = derive_key(master, purpose="scorecards", dataset="")
    return hmac.digest(key, json.dumps(said, sort_keys=True).encode(), "sha256").hex()
