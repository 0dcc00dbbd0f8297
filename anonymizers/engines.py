"""Which model looks for identifiers beside the rules, by the name that a site configures.

``builtin`` is the model in the package; ``spacy:<package>`` an installed spaCy pipeline with an
entity recognizer; ``hf:<path>`` a folder with a token classifier of transformers, which the site
installs. None of them is downloaded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from policies.errors import DeclarationError

__all__ = ["BUILTIN", "EngineName", "parse_engine"]

_FORM: Final = re.compile(r"(?P<kind>builtin|spacy|hf)(?::(?P<place>[^\s:]+(?::[^\s:]+)?))?")


@dataclass(frozen=True, slots=True)
class EngineName:
    """A model by its kind and place.

    Attributes:
        kind: Of engine.
        place: Package or folder; empty for ``builtin``.
        languages: Two-letter codes of what it reads; text that is clearly in another is refused.
    """

    kind: Literal["builtin", "spacy", "hf"] = "builtin"
    place: str = ""
    languages: tuple[str, ...] = ("en",)


BUILTIN: Final = EngineName()


def parse_engine(text: str, languages: tuple[str, ...] = ("en",)) -> EngineName:
    """Read ``builtin``, ``spacy:<package>`` or ``hf:<path>``.

    Args:
        text: What the site configured.
        languages: What its model reads; ``builtin`` reads English only.

    Raises:
        DeclarationError: If the text has another form, or ``builtin`` is to read other languages.
    """
    match = _FORM.fullmatch(text)
    if match is None or (match["kind"] == "builtin") != (match["place"] is None):
        raise DeclarationError(
            "the engine is none of builtin, spacy:<package> and hf:<path>",
            code="TXT-ENGINE",
            remedy="write one of these",
        )
    if match["kind"] == "builtin" and languages != ("en",):
        raise DeclarationError(
            "the built-in model reads English only",
            code="TXT-ENGINE",
            remedy="name an engine that reads the language, such as spacy:<package>",
        )
    if match["kind"] == "builtin":
        return BUILTIN
    kind: Literal["spacy", "hf"] = "spacy" if match["kind"] == "spacy" else "hf"
    return EngineName(kind=kind, place=match["place"], languages=languages)
