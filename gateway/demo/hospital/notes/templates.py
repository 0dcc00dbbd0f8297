"""Templates of notes: text with slots, choices and phrases, read from the files beside this one.

- ``{patient.full}`` is a slot: one of the functions in SLOTS; ``:cap``, ``:upper`` change letters;
- ``{@plan}`` is a phrase: any line under ``# plan`` in ``phrases.txt``, or, where there are such
  lines, under ``# plan.child``, ``# plan.<reason code>``, ``# plan.<style>``;
- ``<<walked in||came by ambulance>>`` is a choice.

The text around slots identifies nobody, so spans are exact by construction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from gateway.demo.hospital.notes import contacts, dates, findings, names
from gateway.demo.hospital.notes.pieces import Piece, Pieces
from gateway.demo.hospital.notes.scene import Scene

__all__ = ["KINDS", "SLOTS", "compose", "phrases", "templates"]

KINDS: Final = {
    "discharge": "discharge summary",
    "emergency": "emergency",
    "progress": "progress",
    "nursing": "nursing",
    "operative": "operative",
    "radiology": "radiology",
    "psychiatry": "psychiatry",
    "social_work": "social work",
    "phone": "phone message",
    "referral": "referral letter",
}
"""From the name of a template file to the type of its notes."""

SLOTS: Final[dict[str, Callable[[Scene], Pieces]]] = {
    **names.SLOTS,
    **dates.SLOTS,
    **contacts.SLOTS,
    **findings.SLOTS,
}
"""All slots by name."""

_TOKEN = re.compile(
    r"<<(?P<choice>.*?)>>|\{(?P<phrase>@)?(?P<name>[a-z_.]+)(?::(?P<form>cap|upper))?\}", re.DOTALL
)


def _read(name: str) -> str:
    folder = files("gateway.demo.hospital") / "notes"
    return (folder / name).read_text(encoding="utf-8")


@cache
def templates(kind: str) -> tuple[str, ...]:
    """Return the templates of a kind of note."""
    text = _read(f"templates/{kind}.txt")
    return tuple(template.strip("\n") for template in text.split("\n===\n"))


@cache
def phrases() -> dict[str, tuple[str, ...]]:
    """Return the phrases by name."""
    found: dict[str, tuple[str, ...]] = {}
    name = ""
    for line in _read("phrases.txt").splitlines():
        if line.startswith("# "):
            name = line.removeprefix("# ")
        else:
            found[name] = (*found.get(name, ()), line.replace("\\n", "\n"))
    return found


def compose(template: str, scene: Scene) -> Iterator[Piece]:
    """Fill a template; pieces come in order of the text."""
    place = 0
    for token in _TOKEN.finditer(template):
        yield Piece(template[place : token.start()])
        place = token.end()
        if (choice := token["choice"]) is not None:
            yield from compose(scene.draws.pick(choice.split("||")), scene)
        elif token["phrase"]:
            yield from compose(scene.draws.pick(_phrase(token["name"], scene)), scene)
        else:
            yield from _formed(SLOTS[token["name"]](scene), token["form"])
    yield Piece(template[place:])


def _phrase(name: str, scene: Scene) -> tuple[str, ...]:
    """Return the most special phrases of a name that fit the scene."""
    special = [scene.style.name, scene.encounter.reason_code]
    if scene.is_child:
        special.insert(0, "child")
    known = phrases()
    keys = (f"{name}.{one}" for one in special)
    return next((known[key] for key in keys if key in known), ()) or known[name]


def _formed(pieces: Pieces, form: str | None) -> Pieces:
    match form:
        case "upper":
            return tuple(piece._replace(text=piece.text.upper()) for piece in pieces)
        case "cap" if pieces:
            first = pieces[0]
            return (first._replace(text=first.text[:1].upper() + first.text[1:]), *pieces[1:])
        case _:
            return pieces
