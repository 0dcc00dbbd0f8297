"""Templates of notes: plain text with slots and choices, one file for each kind of note.

``{slot}`` is filled by ``fillers.SLOTS``; ``[a|b|]`` is one of its choices, which may hold slots
but no other choice; a line ``---`` ends a template; lines that start with ``##`` are comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from anonymizers.training.draw import Draw
from anonymizers.training.fillers import SLOTS
from anonymizers.training.pieces import Piece, Text

__all__ = ["Template", "filled", "parse_templates", "templates"]

_CHOICE: Final = re.compile(r"\[([^\[\]]*)\]")
_SLOT: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One text to fill.

    Attributes:
        kind: The kind of note: the name of its file.
        number: Its place in the file, from 0.
        text: With slots and choices.
    """

    kind: str
    number: int
    text: str


def parse_templates(kind: str, text: str) -> tuple[Template, ...]:
    """Cut a file into templates.

    Raises:
        ValueError: If a slot has no filler, or a bracket or brace is left over.
    """
    lines = (line for line in text.splitlines() if not line.startswith("##"))
    parts = re.split(r"(?m)^---$", "\n".join(lines))
    found = tuple(
        Template(kind, number, part.strip("\n"))
        for number, part in enumerate(part for part in parts if part.strip())
    )
    for template in found:
        bare = _SLOT.sub("", _CHOICE.sub(r"\1", template.text))
        unknown = set(_SLOT.findall(template.text)) - set(SLOTS)
        if unknown or set(bare) & set("[]{}"):
            raise ValueError(f"template {template.number} of {kind} has {unknown or 'loose marks'}")
    return found


@cache
def templates() -> tuple[Template, ...]:
    """Return all templates that ship, by kind and place."""
    folder = files("anonymizers.training").joinpath("kinds")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".txt"))
    return tuple(
        template
        for name in names
        for template in parse_templates(
            name.removesuffix(".txt"), folder.joinpath(name).read_text("utf-8")
        )
    )


def filled(template: Template, draw: Draw) -> Text:
    """Return the template with its choices made and its slots filled."""
    chosen = _CHOICE.sub(lambda match: draw.pick(match[1].split("|")), template.text)
    pieces: list[Piece] = []
    at = 0
    for match in _SLOT.finditer(chosen):
        pieces += [Piece(chosen[at : match.start()]), *SLOTS[match[1]](draw)]
        at = match.end()
    return (*pieces, Piece(chosen[at:]))
