"""How clinicians write names: in full, reversed, by title, by first name, by initials."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Final

from gateway.demo.hospital.lists import records
from gateway.demo.hospital.notes.pieces import Label, Piece, Pieces, said
from gateway.demo.hospital.notes.scene import Person, Scene
from gateway.demo.hospital.rows import Patient, Staff

__all__ = ["SLOTS"]

Named = Patient | Staff | Person
Slot = Callable[[Scene], Pieces]

_TITLES = {"F": ("Ms. ", "Mrs. ", "Ms "), "M": ("Mr. ", "Mr. ", "Mr "), "X": ("Mx. ",)}
_WOMEN = {"daughter", "sister", "mother", "wife", "aunt"}


def _given(named: Named) -> str:
    return named.given if isinstance(named, Person) else named.given_name


def _family(named: Named) -> str:
    return named.family if isinstance(named, Person) else named.family_name


def _name(text: str) -> Pieces:
    return (Piece(text, Label.NAME),)


def _full(find: Callable[[Scene], Named], scene: Scene) -> Pieces:
    named = find(scene)
    return _name(f"{_given(named)} {_family(named)}")


def _reversed(find: Callable[[Scene], Named], scene: Scene) -> Pieces:
    named = find(scene)
    comma = scene.draws.pick((", ", ", ", ","))
    return _name(f"{_family(named)}{comma}{_given(named)}")


def _first(find: Callable[[Scene], Named], scene: Scene) -> Pieces:
    return _name(_given(find(scene)))


def _last(find: Callable[[Scene], Named], scene: Scene) -> Pieces:
    return _name(_family(find(scene)))


def _initial(find: Callable[[Scene], Named], scene: Scene) -> Pieces:
    named = find(scene)
    return _name(f"{_given(named)[0]}. {_family(named)}")


def _titled(scene: Scene) -> Pieces:
    """Return ``Mr.`` and the family name; children go by their first names."""
    if scene.is_child:
        return _name(scene.patient.given_name)
    title = scene.draws.pick(_TITLES[scene.patient.sex])
    return (Piece(title), Piece(scene.patient.family_name, Label.NAME))


def _possessive(scene: Scene) -> Pieces:
    return (*_titled(scene), Piece("'s"))


@cache
def _nicknames() -> dict[str, str]:
    return {row["given"]: row["nickname"] for row in records("nicknames")}


def _nick(scene: Scene) -> Pieces:
    return _name(_nicknames().get(scene.patient.given_name, scene.patient.given_name))


def _former(scene: Scene) -> Pieces:
    maiden = scene.patient.maiden_name
    if maiden is None:
        return ()
    word = scene.draws.pick((" (formerly ", " (maiden name ", " (now married, before: "))
    return (Piece(word), Piece(maiden, Label.NAME), Piece(")"))


def _role(find: Callable[[Scene], Person], scene: Scene) -> Pieces:
    return said(find(scene).role)


def _relative_pronoun(scene: Scene) -> Pieces:
    return said("she" if scene.relative.role in _WOMEN else "he")


def _credential(find: Callable[[Scene], Staff], scene: Scene) -> Pieces:
    return said(find(scene).credential)


_STAFF: dict[str, Callable[[Scene], Staff]] = {
    "author": lambda scene: scene.cast.author,
    "doctor": lambda scene: scene.cast.doctor,
    "consultant": lambda scene: scene.cast.consultant,
    "pcp": lambda scene: scene.cast.pcp,
    "nurse": lambda scene: scene.cast.nurse,
    "worker": lambda scene: scene.cast.worker,
}
_PEOPLE: dict[str, Callable[[Scene], Named]] = {
    "patient": lambda scene: scene.patient,
    **_STAFF,
    "relative": lambda scene: scene.relative,
    "contact": lambda scene: scene.contact,
    "friend": lambda scene: scene.friend,
}
_FORMS: dict[str, Callable[[Callable[[Scene], Named], Scene], Pieces]] = {
    "full": _full,
    "last_first": _reversed,
    "given": _first,
    "family": _last,
    "initial": _initial,
}

SLOTS: Final[dict[str, Slot]] = {
    **{
        f"{who}.{form}": partial(write, find)
        for who, find in _PEOPLE.items()
        for form, write in _FORMS.items()
    },
    "patient.titled": _titled,
    "patient.poss": _possessive,
    "patient.nick": _nick,
    "patient.former": _former,
    "relative.role": partial(_role, lambda scene: scene.relative),
    "relative.heshe": _relative_pronoun,
    "contact.role": partial(_role, lambda scene: scene.contact),
    **{f"{who}.credential": partial(_credential, find) for who, find in _STAFF.items()},
}
"""What a template may say about people."""
