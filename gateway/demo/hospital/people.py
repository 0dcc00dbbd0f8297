"""The people and places of the hospital: sites, staff, patients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from gateway.demo.hospital import identities
from gateway.demo.hospital.draws import Draws, Weighted
from gateway.demo.hospital.lists import records
from gateway.demo.hospital.rows import SNAPSHOT_DATE, Facility, Patient, Staff

__all__ = ["RECORD_START", "Team", "make_facilities", "make_patient", "make_team"]

RECORD_START: Final = date(2016, 1, 1)
"""First day of the electronic record; nobody is registered before it."""

_MAIL_DOMAIN = "northlakehealth.example.org"
_ADULT_YEARS = 18
_MEDICARE_YEARS = 65

_AGES = Weighted.of(
    {(0, 4): 6, (5, 17): 11, (18, 34): 19, (35, 49): 18, (50, 64): 21, (65, 79): 17, (80, 99): 8}
)
_SEXES = Weighted.of({"F": 52.5, "M": 47.0, "X": 0.5})
_RACES = Weighted.of(
    {"white": 62, "black": 14, "asian": 9, "native": 4, "pacific": 1, "other": 6, None: 4}
)
_ETHNICITIES = Weighted.of({"not hispanic": 84, "hispanic": 12, None: 4})
_MARITAL = {
    "young": Weighted.of({"single": 66, "married": 28, "divorced": 5, None: 1}),
    "middle": Weighted.of(
        {"married": 58, "single": 18, "divorced": 18, "widowed": 4, "separated": 2}
    ),
    "old": Weighted.of({"married": 48, "widowed": 34, "divorced": 13, "single": 5}),
}
_PAYERS = {
    "child": Weighted.of({"commercial": 55, "medicaid": 42, "self-pay": 3}),
    "adult": Weighted.of({"commercial": 66, "medicaid": 20, "medicare": 4, "self-pay": 10}),
    "old": Weighted.of({"medicare": 88, "commercial": 8, "medicaid": 3, "self-pay": 1}),
}
_RELATIONS = Weighted.of(
    {
        "daughter": 22, "son": 20, "sister": 12, "brother": 10, "mother": 12, "father": 6,
        "friend": 8, "partner": 10,
    }
)  # fmt: skip
_SEX_OF_RELATION = {
    "daughter": "F", "son": "M", "sister": "F", "brother": "M", "mother": "F", "father": "M",
    "wife": "F", "husband": "M",
}  # fmt: skip

_JOBS = {
    "physician": ("MD", "MD", "MD", "DO"),
    "nurse practitioner": ("NP", "APRN"),
    "nurse": ("RN",),
    "social worker": ("LICSW", "MSW"),
    "therapist": ("PT", "OT"),
    "pharmacist": ("PharmD",),
}
_CLINICS = (
    "primary care", "internal medicine", "emergency", "surgery", "orthopedics", "cardiology",
    "nephrology", "endocrinology", "ophthalmology", "pulmonology", "psychiatry", "neurology",
    "oncology", "gastroenterology", "rheumatology", "infectious disease", "hematology",
    "obstetrics", "radiology",
)  # fmt: skip
_PATIENTS_PER_MEMBER = 45
_LARGEST_TEAM = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The staff, and who of them treats what.

    Attributes:
        members: Everybody, in order of their numbers.
        clinicians: Physicians and nurse practitioners by department; none is empty.
        others: Other staff by role; none is empty.
    """

    members: tuple[Staff, ...]
    clinicians: dict[str, tuple[Staff, ...]]
    others: dict[str, tuple[Staff, ...]]


def make_facilities(seed: int) -> tuple[Facility, ...]:
    """Make the sites of the hospital; their telephone numbers depend on the seed."""
    draws = Draws("facilities", seed)
    sites = []
    for row in records("facilities"):
        exchange = f"{row['phone_area']}-555-{draws.whole(13, 98)}"
        told = {name: row[name] for name in Facility._fields if name in row}
        sites.append(Facility(**told, phone=f"{exchange}00", fax=f"{exchange}19"))
    return tuple(sites)


def make_team(seed: int, patients: int) -> Team:
    """Make the staff; a larger hospital has more, up to 900."""
    draws = Draws("staff", seed)
    jobs = [("physician", clinic) for clinic in _CLINICS]
    jobs += [(role, "") for role in _JOBS if role not in {"physician", "nurse practitioner"}]
    wanted = min(max(len(jobs) + 24, patients // _PATIENTS_PER_MEMBER), _LARGEST_TEAM)
    while len(jobs) < wanted:
        role = draws.weigh(
            Weighted.of({"physician": 40, "nurse": 34, "nurse practitioner": 14, "therapist": 6,
                         "social worker": 4, "pharmacist": 2})
        )  # fmt: skip
        is_clinician = role in {"physician", "nurse practitioner"}
        jobs.append((role, draws.pick(_CLINICS) if is_clinician else ""))
    members = tuple(_member(draws, number, *job) for number, job in enumerate(jobs, start=1))
    return Team(
        members=members,
        clinicians={
            clinic: tuple(member for member in members if member.department == clinic)
            for clinic in _CLINICS
        },
        others={
            role: tuple(member for member in members if member.role == role)
            for role in _JOBS
            if role not in {"physician", "nurse practitioner"}
        },
    )


def _member(draws: Draws, number: int, role: str, department: str) -> Staff:
    given = identities.given_name(draws, draws.pick("FM"))
    family = identities.family_name(draws)
    return Staff(
        staff_id=f"S{number:04d}",
        given_name=given,
        family_name=family,
        role=role,
        credential=draws.pick(_JOBS[role]),
        department=department or "all",
        npi=identities.npi(draws),
        phone=identities.phone(draws, "MN"),
        email=identities.email(draws, given, family, _MAIL_DOMAIN),
    )


def make_patient(draws: Draws, number: int, seed: int) -> Patient:
    """Make one living patient; ``number`` counts from 0 and gives a medical record number."""
    sex = draws.weigh(_SEXES)
    given, family = identities.given_name(draws, sex), identities.family_name(draws)
    low, high = draws.weigh(_AGES)
    born = SNAPSHOT_DATE.toordinal() - int(draws.between(low, high + 1) * 365.25) - 1
    age = (SNAPSHOT_DATE.toordinal() - born) / 365.25
    married = _married(draws, age)
    town, state, zip3 = draws.weigh(identities.cities())
    relation = None if draws.chance(0.12) else _relation(draws, age, sex, married)
    contact = None if relation is None else _contact(draws, family, relation)
    start = max(RECORD_START.toordinal(), born)
    return Patient(
        patient_id=draws.uuid(),
        mrn=f"{(number * 7_368_787 + seed * 104_729 + 4_021_877) % 10_000_000:07d}",
        ssn=None if draws.chance(0.04) else identities.ssn(draws),
        given_name=given,
        family_name=family,
        maiden_name=identities.family_name(draws)
        if sex == "F" and married not in {"single", None} and draws.chance(0.7)
        else None,
        birth_date=date.fromordinal(born),
        death_date=None,
        vital_status="alive",
        sex=sex,
        race=draws.weigh(_RACES),
        ethnicity=draws.weigh(_ETHNICITIES),
        marital_status=married,
        street=identities.street(draws),
        city=town,
        state=state,
        zip=zip3 + draws.digits(2),
        phone=None if draws.chance(0.03) else identities.phone(draws, state),
        email=None if draws.chance(0.25) else identities.email(draws, given, family),
        payer=(payer := draws.weigh(_PAYERS[_payer_group(age)])),
        insurance_id=None if payer == "self-pay" else identities.insurance_id(draws),
        contact_name=contact,
        contact_relation=relation,
        contact_phone=None if contact is None else identities.phone(draws, state),
        income=_income(draws, age),
        registered_on=date.fromordinal(start + _wait(draws, start)),
    )


def _wait(draws: Draws, start: int) -> int:
    """Days until registration; a third were there from the first day on."""
    longest = SNAPSHOT_DATE.toordinal() - start
    return 0 if draws.chance(0.34) else int(longest * draws.fraction() ** 1.2)


def _income(draws: Draws, age: float) -> int | None:
    if age < _ADULT_YEARS or draws.chance(0.12):
        return None
    return int(draws.skewed(46_000, 0.6)) // 100 * 100


def _payer_group(age: float) -> str:
    if age < _ADULT_YEARS:
        return "child"
    return "old" if age >= _MEDICARE_YEARS else "adult"


def _married(draws: Draws, age: float) -> str | None:
    if age < _ADULT_YEARS:
        return "single"
    if age < 35:  # noqa: PLR2004  an age, in years
        return draws.weigh(_MARITAL["young"])
    return draws.weigh(_MARITAL["old" if age >= _MEDICARE_YEARS else "middle"])


def _relation(draws: Draws, age: float, sex: str, married: str | None) -> str:
    if age < _ADULT_YEARS:
        return draws.pick(("mother", "mother", "father"))
    if married == "married" and draws.chance(0.6):
        return "husband" if sex == "F" else "wife"
    return draws.weigh(_RELATIONS)


def _contact(draws: Draws, family: str, relation: str) -> str:
    given = identities.given_name(draws, _SEX_OF_RELATION.get(relation, draws.pick("FM")))
    same = relation not in {"friend", "partner"} and draws.chance(0.62)
    return f"{given} {family if same else identities.family_name(draws)}"
