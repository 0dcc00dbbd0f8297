"""Streets, towns and postal codes in and outside the US, and facilities with and without a head."""

from __future__ import annotations

from functools import cache
from typing import Final

from faker.providers.address.de_DE import Provider as German
from faker.providers.address.en import Provider as Countries
from faker.providers.address.en_US import Provider as American

from anonymizers.lexicon import listed_terms
from anonymizers.spans import Label
from anonymizers.training.draw import Draw
from anonymizers.training.fillers.names import family, first_name
from anonymizers.training.pieces import Piece, Text

__all__ = [
    "address", "city", "country", "county", "facility", "facility_bare", "foreign_address",
    "postal_code", "state", "street", "zip_code",
]  # fmt: skip

_STARTS: Final = (
    "Ash", "Birch", "Black", "Bridge", "Brook", "Cedar", "Clear", "Cold", "Copper", "Crow", "Deer",
    "Eagle", "East", "Elk", "Fair", "Falcon", "Fern", "Flint", "Fox", "Glen", "Gold", "Granite",
    "Green", "Hart", "Hawk", "Hazel", "High", "Iron", "Juniper", "Kings", "Lake", "Laurel",
    "Linden",
    "Long", "Maple", "Meadow", "Mill", "Moss", "New", "North", "Oak", "Otter", "Pine", "Plain",
    "Quail", "Raven", "Red", "River", "Rock", "Rose", "Sand", "Shady", "Silver", "South", "Spring",
    "Stone", "Sugar", "Summer", "Sun", "Thorn", "Timber", "Twin", "Valley", "Walnut", "West",
    "White", "Wild", "Willow", "Winter", "Wolf",
)  # fmt: skip
_ENDS: Final = (
    "ton", "ville", "field", "wood", "burg", "port", "mont", "dale", "brook", "view", "haven",
    "ford", "land", "bury", "crest", "ridge", "side", "water", "gate", "hurst", "bridge", "moor",
)  # fmt: skip
_APART: Final = ("Creek", "Falls", "Springs", "Hills", "Heights", "Grove", "Lake", "Park", "City",
                 "Beach", "Junction", "Landing", "Valley", "Point", "Harbor", "Corners",
                 "Bluff")  # fmt: skip
_STREETS: Final = (
    "Street", "St", "St.", "Avenue", "Ave", "Ave.", "Road", "Rd", "Rd.", "Drive", "Dr", "Lane",
    "Ln",
    "Court", "Ct", "Boulevard", "Blvd", "Way", "Place", "Pl", "Terrace", "Circle", "Parkway",
    "Pkwy",
    "Highway", "Trail", "Square", "Turnpike", "Loop", "Crescent", "Close", "Row", "Crossing",
)  # fmt: skip
_COMMON: Final = ("Main", "Elm", "Oak", "Park", "Maple", "Church", "Washington", "Lincoln",
                  "Second",
                  "Third", "5th", "12th", "42nd", "First", "High", "Mill", "Center",
                  "Union")  # fmt: skip
_UNITS: Final = ("Apt ##", "Apt. #?", "Apartment #", "Unit #", "Unit ?", "#%##", "Suite %##",
                 "Ste %#", "Floor #", "Rm %##", "Lot ##", "Apt %##")  # fmt: skip
_HEADS: Final = (
    "Hospital", "Hospital", "Medical Center", "Medical Center", "Med Ctr", "Clinic", "Clinic",
    "Health Center", "Regional Hospital", "Regional Medical Center", "Community Hospital",
    "General Hospital", "General", "Memorial Hospital", "Memorial", "Children's Hospital", "Rehab",
    "Rehabilitation Center", "Nursing Home", "Nursing and Rehab", "Care Center", "Hospice",
    "Family Practice", "Family Medicine", "Pediatrics", "Urgent Care", "Cancer Center",
    "Heart Institute",
    "Eye Associates", "Surgery Center", "Dialysis", "Imaging", "Labs", "Pharmacy", "Health System",
    "Health", "Healthcare", "Medical Group", "Orthopedics", "Dental", "Senior Living", "Manor",
    "Infirmary", "Behavioral Health", "Women's Clinic", "Sanatorium", "Physical Therapy", "VA",
    "VAMC",
)  # fmt: skip
_SAINTS: Final = ("St.", "St", "Saint", "Mount", "Mt.", "Our Lady of", "Holy", "Good", "Mercy")
_HOUSES: Final = ("Commons", "Place", "House", "Village", "Terrace", "Gardens", "Pavilion", "Court",
                  "Lodge", "Oaks", "Pines", "Meadows", "Point", "Crossing", "Haven",
                  "Campus")  # fmt: skip
_ABROAD: Final = (
    ("{n} {w}stra\u00dfe {h}", "#####"), ("{w}strasse {h}", "#####"), ("{h} rue de {w}", "#####"),
    ("{h}, rue {w}", "#####"), ("Calle {w} {h}", "#####"), ("Av. {w} {h}", "#####"),
    ("Via {w}, {h}", "#####"), ("Rua {w}, {h}", "####-###"), ("{w}gatan {h}", "### ##"),
    ("{w}vej {h}", "####"), ("ul. {w} {h}", "##-###"), ("{w}straat {h}", "#### ??"),
    ("{h} {w} Road", "??# #??"), ("{h} {w} Close", "?## #??"), ("{h} {w} Crescent", "?#? #?#"),
    ("Plot {h}, {w} Estate", "######"), ("{h}/A, {w} Nagar", "######"), ("{h}-{h} {w}-cho",
    "###-####"),
    ("Block {h}, {w} Avenue", "######"), ("Jalan {w} No. {h}", "#####"), ("Calle {w} #{h}-{h}",
    "######"),
    ("{w} utca {h}.", "####"), ("{w} Sokak No:{h}", "#####"), ("{h} {w} Street", "####"),
)  # fmt: skip


def _town(draw: Draw) -> str:
    while True:
        start = draw.pick(_STARTS) if draw.chance(0.6) else family(draw).split()[-1]
        name = start + draw.pick(_ENDS) if draw.chance(0.6) else f"{start} {draw.pick(_APART)}"
        if draw.split((name,)):
            return name.replace("tton", "ton")


def city(draw: Draw) -> Text:
    """Return a town: known ones, made-up ones, some with a saint or a direction."""
    kind = draw.weighted(((4, "known"), (5, "made up"), (1, "saint")))
    if kind == "known":
        name = draw.pick(_known_towns(held_out=draw.held_out))
    elif kind == "saint":
        start = draw.pick(("San", "Santa", "St.", "Saint", "Fort", "Port", "New"))
        name = f"{start} {first_name(draw)}"
    else:
        name = _town(draw)
    return (Piece(name, Label.LOCATION),)


@cache
def _known_towns(*, held_out: bool) -> tuple[str, ...]:
    return Draw(0, held_out).split(listed_terms("towns"))


def state(draw: Draw) -> Text:
    """Return a state in full or as two letters, which identifies nobody."""
    return (Piece(draw.pick(_states())),)


@cache
def _states() -> tuple[str, ...]:
    return (*American.states, *American.states_abbr)


def country(draw: Draw) -> Text:
    """Return a country, which identifies nobody."""
    return (Piece(draw.pick(tuple(Countries.countries))),)


def county(draw: Draw) -> Text:
    """Return a county or a district."""
    head = draw.pick(("County", "County", "Parish", "Township", "district", "Borough"))
    return (Piece(f"{_town(draw)} {head}", Label.LOCATION),)


def zip_code(draw: Draw) -> Text:
    """Return a code of five or nine digits."""
    return (Piece(draw.filled(draw.pick(("#####", "#####", "#####-####"))), Label.LOCATION),)


def postal_code(draw: Draw) -> Text:
    """Return a postal code of some other country."""
    return (Piece(draw.filled(draw.pick(_ABROAD)[1]), Label.LOCATION),)


def street(draw: Draw) -> Text:
    """Return a house number and a street, at times with an apartment or a box."""
    if draw.chance(0.07):
        return (Piece(draw.filled(draw.pick(("P.O. Box %##", "PO Box %###"))), Label.LOCATION),)
    number = draw.filled(draw.pick(("%", "%#", "%##", "%###", "%####", "%##?", "%##-%#")))
    side = draw.pick(("N ", "S. ", "West ", "NE ", "East ")) if draw.chance(0.15) else ""
    name = draw.weighted(((3, draw.pick(_COMMON)), (4, family(draw)), (3, _town(draw))))
    unit = draw.pick((", ", " ")) + draw.filled(draw.pick(_UNITS)) if draw.chance(0.2) else ""
    return (Piece(f"{number} {side}{name} {draw.pick(_STREETS)}{unit}", Label.LOCATION),)


def address(draw: Draw) -> Text:
    """Return street, town, state and code; the state is no identifier."""
    if draw.chance(0.2):
        return foreign_address(draw)
    gap = draw.pick((", ", ", ", "\n", " "))
    code = (Piece(draw.pick((" ", " ", ", "))), *zip_code(draw)) if draw.chance(0.85) else ()
    where = Piece(draw.pick((", ", ", ", " ")) + draw.pick(_states()))
    return (*street(draw), Piece(gap), *city(draw), where, *code)


def foreign_address(draw: Draw) -> Text:
    """Return an address as other countries write it."""
    form, code = draw.pick(_ABROAD)
    word = (
        draw.pick(tuple(map(str, German.city_suffixes))).title()
        if draw.chance(0.05)
        else family(draw)
    )
    line = form.replace("{n} ", "").replace("{w}", word)
    while "{h}" in line:
        line = line.replace("{h}", draw.filled(draw.pick(("%", "%#", "%##"))), 1)
    parts = (Piece(line, Label.LOCATION), Piece(draw.pick((", ", "\n", ", "))))
    number = Piece(draw.filled(code), Label.LOCATION)
    town = city(draw)
    ends = (number, Piece(" "), *town) if draw.chance(0.6) else (*town, Piece(" "), number)
    land = (Piece(", "), *country(draw)) if draw.chance(0.4) else ()
    return (*parts, *ends, *land)


def _place_name(draw: Draw) -> str:
    return draw.weighted(((4, family(draw)), (4, _town(draw)), (2, city(draw)[0].text)))


def facility(draw: Draw) -> Text:
    """Return a hospital, clinic or home with a head word."""
    name = _place_name(draw)
    if draw.chance(0.15):
        name = f"{draw.pick(_SAINTS)} {first_name(draw)}{draw.pick(('', chr(39) + 's'))}"
    elif draw.chance(0.1):
        name = f"{name} {draw.pick(('and', '&'))} {family(draw)}"
    if draw.chance(0.08):
        head = draw.pick(
            ("University Hospital", "University Medical Center", "Children's Hospital")
        )
        return (Piece(f"{head} of {_place_name(draw)}", Label.HOSPITAL),)
    return (Piece(f"{name} {draw.pick(_HEADS)}", Label.HOSPITAL),)


def facility_bare(draw: Draw) -> Text:
    """Return a facility as staff call it: one word, a saint, a house, or its capitals."""
    kind = draw.weighted(((3, "house"), (3, "saint"), (2, "town"), (2, "capitals")))
    if kind == "house":
        name = f"{_place_name(draw)} {draw.pick(_HOUSES)}"
    elif kind == "saint":
        name = f"{draw.pick(_SAINTS[:5])} {first_name(draw)}{draw.pick(('', chr(39) + 's'))}"
    elif kind == "town":
        name = _town(draw)
    else:
        name = draw.filled(
            draw.pick(("??MC", "?GH", "?MH", "??H", "???MC", "?RMC", "?CH", "?VAMC"))
        )
    return (Piece(name, Label.HOSPITAL),)
