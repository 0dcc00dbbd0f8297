"""Which model exactly looked for identifiers, for reports and the audit log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, assert_never

from anonymizers.engines import EngineName
from anonymizers.presidio.engines import engine_of

__all__ = ["engine_text"]

_HEX_DIGITS: Final = 16
_LONGEST: Final = 64


@cache
def engine_text(name: EngineName) -> str:
    """Return kind, name and version of an engine, such as ``builtin@3f…`` or ``hf:phi@9c…``.

    The version is a digest of the model's files, or what a spaCy package says of itself. Of a
    folder only the last part is told. The engine is loaded, so that one that is missing is found
    before any note is read.

    Raises:
        DeclarationError: ``TXT-ENGINE`` if it is not installed.
    """
    engine = engine_of(name)
    match name.kind:
        case "builtin":
            return f"builtin@{_digest([files('anonymizers').joinpath('models', 'phi_en.npz')])}"
        case "spacy":
            return f"spacy:{_plain(Path(name.place).name)}@{_plain(engine.version)}"
        case "hf":
            inside = sorted(path for path in Path(name.place).rglob("*") if path.is_file())
            return f"hf:{_plain(Path(name.place).name)}@{_digest(inside)}"
        case _:
            assert_never(name.kind)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.+-]", "_", name)[:_LONGEST]


def _digest(parts: Iterable[Traversable | Path]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.read_bytes()).digest())
    return digest.hexdigest()[:_HEX_DIGITS]
