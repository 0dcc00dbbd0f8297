"""Names, numbers and addresses that belong to nobody.

None can be a real person's: Social Security numbers start with 900 to 999 and have a group below
50, which the agencies never issue; telephone exchanges are 555; provider numbers start with 2,
which is reserved; mail domains are those of RFC 2606.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from gateway.demo.hospital.draws import Draws, Weighted
from gateway.demo.hospital.lists import records, words

__all__ = [
    "City",
    "cities",
    "email",
    "family_name",
    "given_name",
    "insurance_id",
    "npi",
    "phone",
    "plain",
    "ssn",
    "street",
]

_KINDS_OF_STREET = ("St", "Ave", "Rd", "Ln", "Dr", "Ct", "Blvd", "Way", "Street", "Avenue", "Road")
_DOMAINS = ("example.com", "example.org", "example.net")
_AREA_CODES = {
    "MN": ("612", "651", "763", "952", "218", "320", "507"),
    "WI": ("715", "608"),
    "IA": ("515", "641"),
    "ND": ("701",),
    "SD": ("605",),
}

City = tuple[str, str, str]
"""Name, two-letter state, first three digits of its ZIP codes."""


@cache
def cities() -> Weighted[City]:
    """Return the towns that patients come from, the nearest most often."""
    return Weighted.of(
        {
            (row["city"], row["state"], row["zip3"]): float(row["weight"])
            for row in records("cities")
        }
    )


def plain(text: str) -> str:
    """Return the text without accents, as systems without them store it."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def given_name(draws: Draws, sex: str) -> str:
    """Draw a given name; a sex other than F and M draws from both lists."""
    if sex not in {"F", "M"}:
        sex = draws.pick(("F", "M"))
    return draws.pick(words("given_female" if sex == "F" else "given_male"))


def family_name(draws: Draws) -> str:
    """Draw a family name, now and then a double one."""
    name = draws.pick(words("family"))
    if draws.chance(0.03) and "-" not in name and " " not in name:
        return f"{name}-{draws.pick(words('family'))}"
    return name


def street(draws: Draws) -> str:
    """Draw a street with its number, now and then with an apartment."""
    line = f"{draws.whole(1, 9800)} {draws.pick(words('streets'))} {draws.pick(_KINDS_OF_STREET)}"
    return f"{line} Apt {draws.whole(1, 40)}" if draws.chance(0.15) else line


def phone(draws: Draws, state: str) -> str:
    """Draw a telephone number such as ``612-555-0143``."""
    return f"{draws.pick(_AREA_CODES[state])}-555-{draws.whole(1300, 9999)}"


def email(draws: Draws, given: str, family: str, domain: str | None = None) -> str:
    """Draw a mail address made of a name."""
    first = "".join(filter(str.isalnum, plain(given).lower()))
    last = "".join(filter(str.isalnum, plain(family).lower()))
    form = draws.whole(0, 3)
    if domain is not None or form == 0:
        box = f"{first}.{last}"
    elif form == 1:
        box = f"{first[0]}{last}{draws.whole(1, 99)}"
    elif form == 2:  # noqa: PLR2004  the third of four forms
        box = f"{last}.{first}"
    else:
        box = f"{first}_{last}{draws.whole(40, 99)}"
    return f"{box}@{domain or draws.pick(_DOMAINS)}"


def ssn(draws: Draws) -> str:
    """Draw a Social Security number that cannot have been issued."""
    return f"9{draws.digits(2)}-{draws.whole(1, 49):02d}-{draws.whole(1, 9999):04d}"


def insurance_id(draws: Draws) -> str:
    """Draw a member number such as ``QXH402918845``."""
    letters = "".join(draws.pick("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(3))
    return letters + draws.digits(9)


def npi(draws: Draws) -> str:
    """Draw a provider number with a valid check digit, from the range not issued so far.

    Source: Luhn's formula over the number with the prefix 80840 (CMS, NPI check digit standard).
    """
    body = "2" + draws.digits(8)
    total = 0
    for place, digit in enumerate(reversed("80840" + body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004  sum of two digits
    return body + str(-total % 10)
