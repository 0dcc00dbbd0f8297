"""Phones, addresses of the network, and numbers and codes that name a person, thing or document."""

from __future__ import annotations

import re
from typing import Final

from anonymizers.normalized import fold
from anonymizers.spans import Label
from anonymizers.training.draw import Draw
from anonymizers.training.fillers.names import family, first_name
from anonymizers.training.pieces import Piece, Text

__all__ = [
    "accession", "account", "bare_number", "email", "extension", "identifier", "license_number",
    "mrn",
    "network", "phone", "plate", "serial", "social_security", "url", "user_name",
]  # fmt: skip

_PHONES: Final = (
    "(%##) %##-####", "(%##) %##-####", "%##-%##-####", "%##-%##-####", "%##.%##.####",
    "%## %## ####",
    "1-%##-%##-####", "+1 %##-%##-####", "+1 (%##) %##-####", "%##-####", "(%##)%##-####",
    "%##/%##-####",
    "%##%##%###", "+44 20 #### ####", "0## #### ####", "+49 30 #######", "+33 1 ## ## ## ##",
    "0# ## ## ## ##",
    "+91 %#### #####", "+52 55 #### ####", "04## ### ###", "+61 4## ### ###", "+81-3-####-####",
    "(0##) ###-####", "+234 8## ### ####", "0###-######", "0####/######", "+48 ### ### ###",
    "%## ####",
    "00##-###-#######", "(%##) %##-#### x%##", "%##-%##-#### ext. %###", "%##-%##-#### ext %##",
)  # fmt: skip
_EXTENSIONS: Final = ("%####", "%###", "x%###", "%##", "#-%###", "%##-%###")
_MRNS: Final = ("########", "#######", "######", "00######", "MR######", "M#######", "##-##-##",
                "###-##-##",
                "?######", "H########", "A-#####", "E#########", "####-###",
                "MRN-######")  # fmt: skip
_ACCOUNTS: Final = ("#########", "##########", "####-####-##", "V#########", "HAR######",
                    "ACC-########",
                    "############", "#####-##", "??#######", "#### #### #### ####")  # fmt: skip
_ACCESSIONS: Final = ("S##-#####", "SP-##-####", "##-?-####", "CY##-####", "RAD########",
                      "XR-#######",
                      "H##########", "##S#####", "ACC########", "L####-#####",
                      "P##-###")  # fmt: skip
_SERIALS: Final = ("???######?", "SN#######", "##?###-####", "?#?#?#?#", "PJN#######?",
                   "#######-##",
                   "?????#####", "SN-####-??", "00#########", "???-##-####", "LV######",
                   "####?####")  # fmt: skip
_LICENSES: Final = ("?########", "?####-#####-#####", "########", "??######?", "?##-##-####",
                    "###-###-###",
                    "RN######", "MD-#####", "??#######", "A#######")  # fmt: skip
_PLATES: Final = (
    "???-####",
    "??? ####",
    "%???###",
    "??-####",
    "??##???",
    "??## ???",
    "?-??-####",
    "###-???",
)
_OTHERS: Final = (
    "#######", "######", "##########", "?#####", "??-#####", "???######", "####-####", "?##?##?",
    "##-#######",
    "#-####-####", "???-##-#####", "#####", "?-#####", "????-####", "##???####", "########-#",
    "#.###.###",
    "#### ###", "?#-#####-?", "W##########", "?##########", "###-###-###", "#####?", "??##########",
    "########-####-####-####-############", "??.######", "###/######", "?:######",
)  # fmt: skip
_HOSTS: Final = (
    "mail",
    "inbox",
    "post",
    "clinic",
    "health",
    "care",
    "web",
    "connect",
    "uni",
    "medgroup",
)
_ENDS: Final = (
    "com",
    "org",
    "net",
    "edu",
    "co.uk",
    "de",
    "fr",
    "ca",
    "health",
    "info",
    "gov",
    "us",
)


def _id(draw: Draw, forms: tuple[str, ...]) -> Text:
    value = draw.filled(draw.pick(forms))
    return (Piece(value.lower() if draw.chance(0.06) else value, Label.ID),)


def phone(draw: Draw) -> Text:
    """Return a phone or fax number of some country."""
    return (Piece(draw.filled(draw.pick(_PHONES)), Label.PHONE_FAX),)


def extension(draw: Draw) -> Text:
    """Return the number of a pager, or of a phone in the house."""
    return (Piece(draw.filled(draw.pick(_EXTENSIONS)), Label.PHONE_FAX),)


def _letters(draw: Draw) -> str:
    first, last = (re.sub(r"[^a-z]", "", fold(part(draw))) for part in (first_name, family))
    form = draw.pick(
        ("{f}.{l}", "{i}{l}", "{f}{l}", "{f}_{l}", "{l}{n}", "{f}{n}", "{i}.{l}{n}", "{f}-{l}")
    )
    return form.format(f=first, l=last, i=first[:1], n=draw.number(1, 99))


def user_name(draw: Draw) -> Text:
    """Return the name of an account on a computer."""
    return (Piece(_letters(draw), Label.ID),)


def _domain(draw: Draw) -> str:
    name = re.sub(r"[^a-z]", "", fold(family(draw)))
    middle = draw.pick(("", "", f"-{draw.pick(_HOSTS)}", draw.pick(_HOSTS)))
    return f"{name}{middle}.{draw.pick(_ENDS)}"


def email(draw: Draw) -> Text:
    """Return an electronic mail address."""
    return (Piece(f"{_letters(draw)}@{_domain(draw)}", Label.EMAIL),)


def url(draw: Draw) -> Text:
    """Return an address on the web."""
    start = draw.pick(("https://", "http://", "www.", "https://www.", "portal.", ""))
    end = draw.pick(
        (
            "",
            "",
            "/patients",
            "/u/" + _letters(draw),
            draw.filled("/r/?####"),
            "/visit?id=" + draw.filled("####"),
        )
    )
    return (Piece(f"{start}{_domain(draw)}{end}", Label.URL_IP),)


def network(draw: Draw) -> Text:
    """Return a network address."""
    parts = ".".join(str(draw.number(1, 254)) for _ in range(4))
    return (Piece(parts, Label.URL_IP),)


def mrn(draw: Draw) -> Text:
    """Return the number of a medical record."""
    return _id(draw, _MRNS)


def account(draw: Draw) -> Text:
    """Return the number of an account or a policy."""
    return _id(draw, _ACCOUNTS)


def accession(draw: Draw) -> Text:
    """Return the number of a specimen or an examination."""
    return _id(draw, _ACCESSIONS)


def serial(draw: Draw) -> Text:
    """Return the serial number of a device."""
    return _id(draw, _SERIALS)


def license_number(draw: Draw) -> Text:
    """Return the number of a driver's or a professional license."""
    return _id(draw, _LICENSES)


def plate(draw: Draw) -> Text:
    """Return a license plate."""
    return _id(draw, _PLATES)


def social_security(draw: Draw) -> Text:
    """Return a social security number, in full or its last digits."""
    if draw.chance(0.15):
        return (Piece("xxx-xx-"), Piece(draw.filled("####"), Label.ID))
    return _id(draw, ("%##-##-####", "%##-##-####", "%## ## ####", "%########"))


def identifier(draw: Draw) -> Text:
    """Return a number or code of some other kind."""
    return _id(draw, _OTHERS)


def bare_number(draw: Draw) -> Text:
    """Return a long number without a word that says what it is."""
    return _id(draw, ("#######", "########", "#########", "##########", "######-##", "?#######"))
