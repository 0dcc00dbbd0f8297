"""Names of people: frequent ones, those of many countries, and made-up ones of many shapes.

A model that has seen a list knows the list; one that has seen endless made-up names knows what
stands where names stand.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Final

from anonymizers.spans import Label
from anonymizers.training.draw import Draw
from anonymizers.training.pieces import Piece, Text
from anonymizers.words import ambiguous_names, everyday_words, nicknames

__all__ = ["any_name", "doubtful", "family", "first_name", "full_name", "initials", "inverted"]

_LOCALES: Final = (
    "en_GB", "en_IE", "en_IN", "en_KE", "en_NG", "en_NZ", "en_PK", "de_DE", "de_CH", "fr_FR",
    "fr_CA", "es_ES", "es_MX", "es_AR", "es_CO", "it_IT", "pt_BR", "pt_PT", "pl_PL", "nl_NL",
    "nl_BE", "sv_SE", "no_NO", "da_DK", "fi_FI", "cs_CZ", "sk_SK", "hu_HU", "ro_RO", "hr_HR",
    "sl_SI", "tr_TR", "id_ID", "vi_VN", "et_EE", "lt_LT", "lv_LV", "is_IS", "ga_IE", "az_AZ",
    "yo_NG", "ig_NG", "ha_NG", "tw_GH", "zu_ZA", "sw", "uz_UZ", "ja_JP", "zh_CN",
)  # fmt: skip
_LATIN: Final = re.compile(
    r"[A-Z\u00c0-\u024f][a-z\u00c0-\u024f]+(?:['\u2019 -][A-Za-z\u00c0-\u024f]+)*"
)
_SYLLABLES: Final = (
    # Each row is one sound: starts, middles, ends.
    (("Bal", "Hark", "Whit", "Thorn", "Ald", "Brad", "Fen", "Hol", "Kirk", "Lang", "Mar", "Pem",
      "Ren", "Stan", "Wex", "Cald", "Dun", "Ells", "Garr", "Hax", "Ox", "Tred", "Vance", "Ward"),
     ("", "en", "er", "ing", "es", "el"),
     ("ton", "ley", "worth", "ford", "well", "by", "more", "field", "wick", "ham", "bury", "shaw",
      "brook", "stead", "man", "smith", "son", "gate", "land", "wood")),
    (("Ok", "Ad", "Ch", "Nw", "Ob", "Ez", "Ik", "Uz", "On", "Em", "Eb", "Ag", "Ogb", "Ak"),
     ("on", "e", "i", "u", "ume", "ach", "ek", "imi", "ola", "afo", "wu"),
     ("kwo", "eke", "nna", "ji", "bi", "anyi", "uka", "ola", "de", "nwa", "mba", "ndu", "kor")),
    (("Kow", "Wis", "Zawad", "Nov", "Petr", "Dobr", "Khar", "Zh", "Sok", "Vor", "Lub", "Grab",
      "Step", "Mal", "Jank", "Ost", "Hryn", "Kov", "Bog", "Rad"),
     ("al", "ov", "in", "en", "il", "or", "ub", "ank"),
     ("ski", "ska", "ewicz", "enko", "ov", "ova", "ev", "eva", "in", "ina", "chuk", "ic", "ik",
      "czyk", "yshyn", "sky", "skaya", "ak")),
    (("Venk", "Sub", "Ram", "Krish", "Chand", "Mukh", "Bhatt", "Gop", "Raj", "Sri", "Pad", "Lak",
      "Nar", "Vish", "Jay", "Dev", "Har", "Bal", "Mahes", "Sund"),
     ("a", "at", "ra", "na", "ara", "esh", "ak", "an", "i"),
     ("raman", "murthy", "swamy", "pati", "nathan", "kumar", "gopal", "reddy", "karan", "charya",
      "lingam", "erjee", "war", "shan", "deep", "preet", "jeet", "vel")),
    (("Fitz", "Mac", "Mc", "O'", "Mc", "Mac"),
     ("",),
     ("Allen", "Intyre", "Gregor", "Lavery", "Dermott", "Sweeny", "Rourke", "Halloran", "Tavish",
      "Cready", "Namara", "Keever", "Lorcan", "Patrick", "Fadden", "Givern", "Quillan", "Torley",
      "Nally", "Bride", "Clure", "Donagh", "Shea", "Grath", "Phail", "Elroy", "Hale", "Rory")),
    (("Del", "San", "Mont", "Val", "Cas", "Herr", "Guz", "Qui", "Bald", "Esc", "Med", "Ced", "Zam",
      "Arr", "Ech", "Vill", "Tor", "Mal", "Fig", "Oliv", "Cost", "Ferr"),
     ("a", "e", "i", "o", "ar", "er", "al", "an", "ill"),
     ("dez", "rez", "nez", "cio", "varo", "lobos", "tillo", "rreta", "mora", "nillo", "eros",
      "guez", "doval", "rino", "rella", "zzi", "tti", "rini", "eira", "ueira", "lho")),
    (("Al-", "El-", "Abd", "Haj", "Khal", "Sal", "Nas", "Rash", "Fay", "Shar", "Tah", "Mah", "Has",
      "Kar", "Bak", "Daw", "Gham", "Zay"),
     ("a", "ee", "i", "ou", "ar", "al"),
     ("dani", "ed", "im", "iri", "mani", "awi", "zadeh", "beh", "rani", "oud", "ssan", "fi", "hadi",
      "rawi", "tib", "mian", "poor")),
    (("Na", "Ta", "Ya", "Ha", "Mi", "Ko", "Shi", "Fu", "Ka", "Sa", "Ku", "O", "Ma", "I", "Mo", "U"),
     ("ka", "ma", "shi", "ku", "no", "mo", "ji", "ra", "chi", "ga", "tsu", "su"),
     ("mura", "moto", "da", "saki", "shita", "yama", "kawa", "hara", "ta", "be", "guchi", "no",
     "zawa",
      "ko", "mi", "ro", "to")),
    (("Zh", "X", "Ch", "Li", "W", "H", "G", "Q", "Sh", "Y", "T", "F", "L", "D", "B", "Ng", "Tr",
    "Ph"),
     ("a", "ia", "u", "uo", "e", "ao", "i", "uye", "uy"),
     ("ng", "n", "i", "o", "", "u", "nh", "m")),
    (("Lind", "Berg", "Svens", "Kj", "H\u00e5k", "Bj\u00f6rk", "Ek", "Nord", "Haug", "Sten", "Dahl",
      "Ros", "Vester", "M\u00fcl", "Sch\u00e4f", "Krau", "Hoff", "Zim", "Brandt", "Wein", "Vog",
      "Stein"),
     ("", "er", "en", "el", "st"),
     ("strom", "qvist", "gren", "sen", "sson", "dal", "gaard", "lund", "mann", "meier", "bach",
     "berger",
      "stein", "ler", "feld", "ert", "huis", "stra", "ema", "nen", "la", "inen")),
    (("Tau", "Ma", "Fale", "Lelei", "Kea", "Ka", "Tua", "Siua", "Vai", "Ha", "Nai", "Ulu", "Pe"),
     ("la", "lo", "ma", "fa", "ni", "ho", "ka", "va", "no"),
     ("nui", "lani", "toa", "fua", "mana", "kau", "ea", "tolu", "hina", "iki", "leo", "vai")),
    (("Begay", "Tso", "Yazzie", "Klah", "Nez", "Manu", "Tsin", "Chee", "Bena", "Tall", "Red",
    "Little",
      "White", "Stand", "Black", "Two", "Run"),
     ("",),
     ("", "", "lly", "nie", "horse", "bear", "hawk", "bull", "elk", "deer", "feather", "wolf")),
)  # fmt: skip
_PARTICLES: Final = (
    "van", "van der", "von", "de", "de la", "del", "da", "dos", "di", "al", "bin", "el", "le", "du",
    "St.", "ter", "ibn",
)  # fmt: skip
_SUFFIXES: Final = (" Jr.", " Jr", ", Jr.", " Sr.", " III", " II", " IV")


def _listed(locale: str, *names: str) -> tuple[str, ...]:
    provider = import_module(f"faker.providers.person.{locale}").Provider
    found = (
        str(value) for name in names for value in (getattr(provider, name, None) or ())
    )  # mappings give their keys
    return tuple(sorted({value for value in found if _LATIN.fullmatch(value)}))


_FIRST = ("first_names", "first_names_male", "first_names_female", "first_names_unisex",
          "first_romanized_names")  # fmt: skip
_LAST = ("last_names", "last_names_male", "last_names_female", "last_romanized_names")


@cache
def _frequent(*, given: bool, held_out: bool) -> tuple[str, ...]:
    short = tuple(form.title() for forms in nicknames().values() for form in forms) if given else ()
    names = (*_listed("en_US", *(_FIRST if given else _LAST)), *short)
    return Draw(0, held_out).split(names)


@cache
def _of_the_world(*, given: bool, held_out: bool) -> tuple[tuple[str, ...], ...]:
    kept = (
        Draw(0, held_out).split(_listed(locale, *(_FIRST if given else _LAST)))
        for locale in _LOCALES
    )
    return tuple(names for names in kept if names)


def _made_up(draw: Draw) -> str:
    starts, middles, ends = draw.pick(_SYLLABLES)
    while True:
        name = draw.pick(starts) + draw.pick(middles) + draw.pick(ends)
        if draw.split((name,)) and name.lower() not in everyday_words() and len(name) > 1:
            return name


def _word(draw: Draw, *, given: bool) -> str:
    kind = draw.weighted(((4, "frequent"), (3, "world"), (3, "made up")))
    if kind == "frequent":
        return draw.pick(_frequent(given=given, held_out=draw.held_out))
    if kind == "world":
        return draw.pick(draw.pick(_of_the_world(given=given, held_out=draw.held_out)))
    made = _made_up(draw)
    return made.removeprefix("Al-").removeprefix("El-").title() if given else made


@cache
def _ambiguous() -> tuple[str, ...]:
    return tuple(sorted(name.title() for name in ambiguous_names()))


def doubtful(draw: Draw) -> str:
    """Return a name that is also a word, such as Rose or Long."""
    return draw.pick(_ambiguous())


def first_name(draw: Draw) -> str:
    """Return a given name; one in fifty is two, or has a hyphen."""
    name = doubtful(draw) if draw.chance(0.04) else _word(draw, given=True)
    if draw.chance(0.03):
        name += draw.pick(("-", " ")) + _word(draw, given=True)
    return name


def family(draw: Draw) -> str:
    """Return a family name, at times with a particle, a hyphen or two parts."""
    name = doubtful(draw) if draw.chance(0.06) else _word(draw, given=False)
    if draw.chance(0.05):
        name += draw.pick(("-", "-", " ")) + _word(draw, given=False)
    if draw.chance(0.04):
        name = f"{draw.pick(_PARTICLES)} {name}"
    return name


def _middle(draw: Draw) -> str:
    return draw.weighted(
        (
            (5, ""),
            (2, f" {draw.filled('?')}."),
            (1, f" {draw.filled('?')}"),
            (1, f" {first_name(draw)}" if draw.chance(0.5) else ""),
        )
    )


def _named(text: str) -> Text:
    return (Piece(text, Label.NAME),)


def full_name(draw: Draw) -> Text:
    """Return given and family name in the orders and with the parts that people write."""
    first, last = first_name(draw), family(draw)
    suffix = draw.pick(_SUFFIXES) if draw.chance(0.04) else ""
    nickname = f' "{first_name(draw)}"' if draw.chance(0.03) else ""
    form = draw.weighted(((8, "full"), (1.2, "initial"), (0.5, "initials"), (0.8, "inverted")))
    if form == "initial":
        return _named(f"{first[0]}. {last}")
    if form == "initials":
        return _named(f"{first[0]}.{draw.pick(('', ' '))}{draw.filled('?')}. {last}")
    if form == "inverted":
        return inverted(draw)
    return _named(f"{first}{_middle(draw)}{nickname} {last}{suffix}")


def inverted(draw: Draw) -> Text:
    """Return the family name first, as lists and headers have it."""
    comma = draw.weighted(((6, ", "), (1, ","), (0.5, " ")))
    return _named(f"{family(draw)}{comma}{first_name(draw)}{_middle(draw)}")


def any_name(draw: Draw) -> Text:
    """Return a family name alone, a full one or, at times, a given one."""
    kind = draw.weighted(((5, "family"), (4, "full"), (1, "given")))
    if kind == "full":
        return full_name(draw)
    return _named(family(draw) if kind == "family" else first_name(draw))


def initials(draw: Draw) -> Text:
    """Return two or three capitals, as people sign with."""
    return _named(draw.filled(draw.pick(("??", "???", "?.?.", "?.?.?."))))
