"""How addresses, telephone numbers, mail addresses and record numbers are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.demo.hospital import identities
from gateway.demo.hospital.draws import Draws
from gateway.demo.hospital.lists import words
from gateway.demo.hospital.notes.pieces import Label, Piece, Pieces, said
from gateway.demo.hospital.notes.scene import Scene
from gateway.demo.hospital.rows import Facility

__all__ = ["SLOTS", "phone_forms"]

Slot = Callable[[Scene], Pieces]


def phone_forms(number: str) -> tuple[str, ...]:
    """Return the ways in which ``612-555-0143`` is written."""
    area, exchange, line = number.split("-")
    return (
        number,
        number,
        f"({area}) {exchange}-{line}",
        f"{area}.{exchange}.{line}",
        f"{area} {exchange} {line}",
        f"+1 {area} {exchange} {line}",
        f"{area}{exchange}{line}",
        f"{exchange}-{line}",
    )


def _phone(scene: Scene, number: str | None) -> Pieces:
    if number is None:
        return said("none on file")
    return (Piece(scene.draws.pick(phone_forms(number)), Label.PHONE_FAX),)


def _place(text: str) -> Pieces:
    return (Piece(text, Label.LOCATION),)


def _street_name(scene: Scene) -> Pieces:
    kind = scene.draws.pick(("Street", "Avenue", "Road", "St", "Ave"))
    return _place(f"{scene.draws.pick(words('streets'))} {kind}")


def _town(scene: Scene) -> Pieces:
    return _place(scene.draws.weigh(identities.cities())[0])


def _site(site: Facility) -> Pieces:
    return (Piece(site.name, Label.HOSPITAL),)


def _other_site(scene: Scene) -> Pieces:
    site = scene.other_site
    return (Piece(scene.draws.pick((site.name, site.name, site.short_name)), Label.HOSPITAL),)


def _identifier(text: str | None, missing: str) -> Pieces:
    return said(missing) if text is None else (Piece(text, Label.ID),)


def _ssn(scene: Scene) -> Pieces:
    number = scene.patient.ssn
    if number is not None and scene.draws.chance(0.15):
        number = number.replace("-", "")
    return _identifier(number, "not on file")


def _mrn(scene: Scene) -> Pieces:
    number = scene.patient.mrn
    forms = (number, number, number, f"{number[:3]}-{number[3:]}")
    return _identifier(scene.draws.pick(forms), "")


def _made_up(form: Callable[[Draws], str]) -> Slot:
    return lambda scene: _identifier(form(scene.draws), "")


def _mail(scene: Scene) -> Pieces:
    address = scene.patient.email
    return said("no e-mail") if address is None else (Piece(address, Label.EMAIL),)


def _url(scene: Scene) -> Pieces:
    form = scene.draws.pick(
        ("https://portal.northlakehealth.example.org/m/{}", "www.northlakehealth.example.org/r/{}")
    )
    return (Piece(form.format(scene.draws.digits(6)), Label.URL_IP),)


def _ip(scene: Scene) -> Pieces:
    """Return an address of TEST-NET-3 (RFC 5737), which nobody has."""
    return (Piece(f"203.0.113.{scene.draws.whole(1, 254)}", Label.URL_IP),)


def _letters(draws: Draws, count: int) -> str:
    return "".join(draws.pick("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(count))


SLOTS: Final[dict[str, Slot]] = {
    "street": lambda scene: _place(scene.patient.street),
    "city": lambda scene: _place(scene.patient.city),
    "state": lambda scene: said(scene.patient.state),
    "zip": lambda scene: _place(scene.patient.zip),
    "streetname": _street_name,
    "town": _town,
    "site.name": lambda scene: _site(scene.site),
    "site.short": lambda scene: (Piece(scene.site.short_name, Label.HOSPITAL),),
    "site.other": _other_site,
    "site.street": lambda scene: _place(scene.site.street),
    "site.city": lambda scene: _place(scene.site.city),
    "site.state": lambda scene: said(scene.site.state),
    "site.zip": lambda scene: _place(scene.site.zip),
    "phone.home": lambda scene: _phone(scene, scene.patient.phone),
    "phone.contact": lambda scene: _phone(scene, scene.contact.phone),
    "phone.relative": lambda scene: _phone(scene, scene.relative.phone),
    "phone.site": lambda scene: _phone(scene, scene.site.phone),
    "phone.pager": lambda scene: _phone(scene, scene.cast.author.phone),
    "fax.site": lambda scene: _phone(scene, scene.site.fax),
    "email": _mail,
    "author.email": lambda scene: (Piece(scene.cast.author.email, Label.EMAIL),),
    "url": _url,
    "ip": _ip,
    "mrn": _mrn,
    "ssn": _ssn,
    "npi": lambda scene: _identifier(scene.cast.author.npi, ""),
    "insurance": lambda scene: _identifier(scene.patient.insurance_id, "self-pay"),
    "accession": _made_up(lambda draws: f"{draws.pick(('CT', 'MR', 'XR'))}-{draws.digits(8)}"),
    "account": _made_up(lambda draws: draws.digits(9)),
    "specimen": _made_up(lambda draws: f"S{draws.whole(16, 26)}-{draws.digits(5)}"),
    "device": _made_up(lambda draws: f"{_letters(draws, 3)}{draws.digits(6)}{_letters(draws, 1)}"),
    "badge": _made_up(lambda draws: draws.digits(5)),
    "license": _made_up(lambda draws: f"{_letters(draws, 1)}{draws.digits(12)}"),
    "plate": _made_up(lambda draws: f"{_letters(draws, 3)}-{draws.digits(3)}"),
}
"""What a template may say about places and numbers."""
