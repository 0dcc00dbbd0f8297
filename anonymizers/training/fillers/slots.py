"""The slots that templates may name, and what fills each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from anonymizers.spans import Label
from anonymizers.training.draw import Draw
from anonymizers.training.fillers import clinical, codes, names, places, prose, terse, times
from anonymizers.training.pieces import Piece, Text

__all__ = ["SLOTS", "Filler"]

Filler: TypeAlias = Callable[[Draw], Text]


def _name(part: Callable[[Draw], str]) -> Filler:
    def fill(draw: Draw) -> Text:
        return (Piece(part(draw), Label.NAME),)

    return fill


def _lines(filler: Filler, *, mark: str) -> Filler:
    def fill(draw: Draw) -> Text:
        rows: list[Piece] = []
        for number in range(draw.number(2, 5)):
            start = f"{number + 1}. " if mark == "1" else mark
            rows += [Piece(("\n" if number else "") + start), *filler(draw)]
        return tuple(rows)

    return fill


SLOTS: Final[Mapping[str, Filler]] = {
    # people
    "full": names.full_name,
    "inverted": names.inverted,
    "name": names.any_name,
    "first": _name(names.first_name),
    "last": _name(names.family),
    "doubtful": _name(names.doubtful),
    "initials": names.initials,
    # places
    "street": places.street,
    "city": places.city,
    "county": places.county,
    "state": places.state,
    "country": places.country,
    "zip": places.zip_code,
    "postcode": places.postal_code,
    "address": places.address,
    "abroad": places.foreign_address,
    "facility": places.facility,
    "bare": places.facility_bare,
    # times
    "date": times.day,
    "daymonth": times.day_month,
    "dob": times.birth_date,
    "monthyear": times.month_year,
    "month": times.month,
    "holiday": times.holiday,
    "year": times.year,
    "ago": times.relative,
    "clock": times.clock,
    "age": times.age,
    "age90": times.age_great,
    # contacts and numbers
    "phone": codes.phone,
    "ext": codes.extension,
    "email": codes.email,
    "url": codes.url,
    "ip": codes.network,
    "user": codes.user_name,
    "mrn": codes.mrn,
    "acct": codes.account,
    "accession": codes.accession,
    "serial": codes.serial,
    "license": codes.license_number,
    "plate": codes.plate,
    "ssn": codes.social_security,
    "id": codes.identifier,
    "number": codes.bare_number,
    # what identifies nobody, and professions
    "job": clinical.job,
    "drug": clinical.drug,
    "dose": clinical.dose,
    "med": clinical.drug_line,
    "meds": _lines(clinical.drug_line, mark="1"),
    "medlist": _lines(clinical.drug_line, mark="- "),
    "vitals": clinical.vitals,
    "lab": clinical.lab,
    "labs": _lines(clinical.lab, mark=""),
    "score": clinical.score,
    "code": clinical.code,
    "lot": clinical.lot,
    "measure": clinical.measure,
    "term": clinical.term,
    "device": clinical.listed("devices"),
    "eponym": clinical.eponym,
    "abbr": clinical.abbreviation,
    "heading": clinical.listed("headings"),
    "condition": clinical.condition,
    "procedure": clinical.listed("procedures"),
    "word": clinical.listed("words"),
    "prose": prose.prose,
    "fragment": terse.fragment,
    "keyed": terse.keyed_line,
    "telegram": terse.telegram,
}
"""By the name that stands in braces."""
