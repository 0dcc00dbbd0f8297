"""Lines of notes that are no sentences: fragments, keys with values, lists; nobody is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from anonymizers.lexicon import listed_terms
from anonymizers.training.draw import Draw
from anonymizers.training.fillers import clinical
from anonymizers.training.pieces import Piece, Text, plain

__all__ = ["fragment", "keyed_line", "telegram"]

_KEYS: Final = (
    "PMH", "PMHx", "DH", "DHx", "SH", "FH", "PC", "HPC", "O/E", "OE", "Imp", "Impression", "Plan",
    "P", "A", "S", "O", "Dx", "Ix", "Rx", "Hx", "Hx of", "Meds", "Allergies", "Social", "Family",
    "Exam", "ICE", "Ideas", "Concerns", "Expectations", "Advice", "Safety net", "FU", "F/U", "Obs",
    "CVS", "RS", "Resp", "Abdo", "Neuro", "CNS", "Skin", "ENT", "Throat", "Ears", "Chest", "Legs",
    "MSE", "Mood", "Smoker", "Alcohol", "Occ", "Occupation", "Diet", "Onset", "Duration", "Site",
    "Character", "Radiation", "Associated", "Timing", "Severity", "Relieved by", "Worse with",
    "Bowels", "Urine", "Periods", "LMP", "Contraception", "Smear", "Vaccs", "Feeding", "Nappies",
    "Sleep", "Appetite", "Weight", "Cough", "Sputum", "Fever", "Pain", "Rash", "Travel", "Pets",
    "Contacts", "Red flags", "Nil", "Also", "Note", "Today", "Seen", "Tried", "Takes", "Never",
    "Denies", "GENERAL", "HEENT", "NECK", "LUNGS", "HEART", "ABDOMEN", "EXTREMITIES", "SKIN",
    "NEUROLOGIC", "PSYCHIATRIC", "GU", "MUSCULOSKELETAL", "ALLERGIES", "MEDICATIONS", "HABITS",
    "HISTORY", "LABORATORY", "IMPRESSION", "DRAINS", "SPECIMEN", "ANESTHESIA", "DISPOSITION",
)  # fmt: skip
_HOW_LONG: Final = (
    "", "", "", "", " 2/52", " 3/7", " 5/7", " 6/12", " x3d", " x 2/7", " 1/52", " 4/52", " x1",
    " for 2 weeks", " since Monday", " 3/7 ago", " 2 yrs", " ++", " +", " -ve", " +ve", "?", " NAD",
    " ok", " nil", " normal", " today", " at night", " on and off", " worse", " better", " L>R",
    " (L)", " R side", " bilat", " only", " 10/10", " resolved", " stable", " prn", " regularly",
)  # fmt: skip
_LISTS: Final = (
    (4.0, "findings"), (3.0, "diseases"), (3.0, "terse"), (3.0, "lay"), (2.0, "hospital"),
    (2.0, "anatomy"), (2.0, "generics"), (2.0, "brands"), (1.5, "labs"), (1.0, "organisms"),
    (3.0, "qualities"), (3.0, "everyday"), (1.0, "conditions"), (1.0, "drugs"),
    (1.5, "named_terms"), (1.0, "procedures"), (1.5, "shorthand"), (1.0, "talk"),
)  # fmt: skip


def _term(draw: Draw) -> str:
    if draw.chance(0.12):
        return plain(clinical.measure(draw))
    if draw.chance(0.12):
        verb = draw.pick(listed_terms("deeds")).split()[0]
        return verb.removesuffix("e") + draw.pick(("ing", "ed"))
    term = draw.pick(listed_terms(draw.weighted(_LISTS)))
    if draw.chance(0.25):
        term = f"{draw.pick(listed_terms('qualities'))} {term}"
    return term


def _cased(text: str, draw: Draw) -> str:
    cases: tuple[tuple[float, Callable[[str], str]], ...] = (
        (6, lambda one: one[:1].upper() + one[1:]),
        (4, str),
        (0.7, str.title),
        (0.7, str.upper),
    )
    return draw.weighted(cases)(text)


def _line(draw: Draw) -> str:
    parts = [_term(draw) + draw.pick(_HOW_LONG) for _ in range(draw.number(1, 4))]
    gap = draw.pick((", ", ", ", ". ", " ", "; ", " + ", " - ", ". "))
    if gap == ". ":
        parts = [_cased(part, draw) for part in parts]
    return _cased(gap.join(parts), draw)


def fragment(draw: Draw) -> Text:
    """Return a few terms on a line."""
    return (Piece(_line(draw) + draw.pick(("", "", ".", ","))),)


def keyed_line(draw: Draw) -> Text:
    """Return a key, such as PMH, and what stands behind it."""
    gap = draw.pick((": ", ": ", ":", " - ", " ", ": ", " : "))
    return (Piece(f"{draw.pick(_KEYS)}{gap}{_line(draw)}"),)


def telegram(draw: Draw) -> Text:
    """Return several lines, with keys or without."""
    break_ = draw.pick(("\n", "\n", "\n", ". ", " ", "\n\n"))
    pieces: list[Piece] = []
    for number in range(draw.number(2, 7)):
        line = keyed_line(draw) if draw.chance(0.4) else fragment(draw)
        pieces += [Piece(break_ if number else ""), *line]
    return tuple(pieces)
