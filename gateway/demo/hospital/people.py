"""The patients of the hospital, as the registration desk knows them."""

from __future__ import annotations

from datetime import date
from typing import Final

from gateway.demo.hospital import identities
from gateway.demo.hospital.draws import Draws, Weighted
from gateway.demo.hospital.rows import SNAPSHOT_DATE, Patient

__all__ = ["RECORD_START", "make_patient"]

RECORD_START: Final = date(2016, 1, 1)
"""First day of the electronic record; nobody is registered before it."""

_ADULT_YEARS = 18
_MEDICARE_YEARS = 65

_AGES = Weighted.of(
    {(0, 4): 6, (5, 17): 11, (18, 34): 19, (35, 49): 18, (50, 64): 21, (65, 79): 17, (80, 99): 8}
)
_SEXES = Weighted.of({"F": 52.5, "M": 47.0, "X": 0.5})
_RACES: Weighted[str | None] = Weighted.of(
    {"white": 62, "black": 14, "asian": 9, "native": 4, "pacific": 1, "other": 6, None: 4}
)
_ETHNICITIES: Weighted[str | None] = Weighted.of({"not hispanic": 84, "hispanic": 12, None: 4})
_MARITAL: dict[str, Weighted[str | None]] = {
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


def make_patient(draws: Draws, number: int, seed: int) -> Patient:
    """Make one living patient; ``number`` counts from 0 and gives a medical record number."""
    sex = draws.weigh(_SEXES)
    given, family = identities.given_name(draws, sex), identities.family_name(draws)
    low, high = draws.weigh(_AGES)
    born = SNAPSHOT_DATE.toordinal() - int(draws.between(low, high + 1) * 365.25) - 1
    age = (SNAPSHOT_DATE.toordinal() - born) / 365.25
    town, state, zip3 = draws.weigh(identities.cities())
    start = max(RECORD_START.toordinal(), born)
    payer = draws.weigh(_PAYERS[_payer_group(age)])
    patient = Patient(
        patient_id=draws.uuid(),
        mrn=f"{(number * 7_368_787 + seed * 104_729 + 4_021_877) % 10_000_000:07d}",
        ssn=None if draws.chance(0.04) else identities.ssn(draws),
        given_name=given,
        family_name=family,
        maiden_name=None,
        birth_date=date.fromordinal(born),
        death_date=None,
        vital_status="alive",
        sex=sex,
        race=draws.weigh(_RACES),
        ethnicity=draws.weigh(_ETHNICITIES),
        marital_status=_marital_status(draws, age),
        street=identities.street(draws),
        city=town,
        state=state,
        zip=zip3 + draws.digits(2),
        phone=None if draws.chance(0.03) else identities.phone(draws, state),
        email=None if draws.chance(0.25) else identities.email(draws, given, family),
        payer=payer,
        insurance_id=None if payer == "self-pay" else identities.insurance_id(draws),
        contact_name=None,
        contact_relation=None,
        contact_phone=None,
        income=_income(draws, age),
        registered_on=date.fromordinal(start + _wait(draws, start)),
    )
    return _with_family(draws, patient, age)


def _with_family(draws: Draws, patient: Patient, age: float) -> Patient:
    """Add what family brings: an earlier name, and somebody to call."""
    was_married = patient.marital_status not in {"single", None}
    if patient.sex == "F" and was_married and draws.chance(0.7):
        patient = patient._replace(maiden_name=identities.family_name(draws))
    if draws.chance(0.12):
        return patient
    relation = _relation(draws, age, patient.sex, patient.marital_status)
    return patient._replace(
        contact_name=_contact(draws, patient.family_name, relation),
        contact_relation=relation,
        contact_phone=identities.phone(draws, patient.state),
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


def _marital_status(draws: Draws, age: float) -> str | None:
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
