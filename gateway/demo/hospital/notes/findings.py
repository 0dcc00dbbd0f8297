"""What a note says about illness, drugs and measured values, in line with the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.demo.hospital.notes.pieces import Label, Piece, Pieces, said
from gateway.demo.hospital.notes.scene import Scene
from gateway.demo.hospital.reference import condition

__all__ = ["SLOTS"]

_OLDEST_TOLD_YEARS = 89
"""Higher ages identify: 45 CFR 164.514(b)(2)(i)(C)."""

_PROPER = ("COVID", "Parkinson", "Alzheimer", "Crohn", "Huntington", "Non-ST")
_SHORTHAND = {
    "I10": "HTN", "E78.5": "HLD", "E11.9": "T2DM", "E10.9": "T1DM", "I50.9": "CHF",
    "I25.10": "CAD", "I48.91": "AFib", "N18.3": "CKD 3", "N18.6": "ESRD on HD", "J44.9": "COPD",
    "G47.33": "OSA", "K21.9": "GERD", "F32.9": "MDD", "F41.1": "GAD", "M19.90": "OA",
    "M06.9": "RA", "I63.9": "prior CVA", "E03.9": "hypothyroidism", "D50.9": "iron deficiency",
    "G20": "Parkinson's", "G30.9": "Alzheimer's dementia", "K50.90": "Crohn's", "G35": "MS",
}  # fmt: skip
_SPOKEN = {
    "E11.9": "type 2 diabetes", "E10.9": "type 1 diabetes", "Z34.90": "prenatal care",
    "O80": "labor at term", "I50.9": "worsening heart failure", "J44.9": "a flare of COPD",
    "J06.9": "a cold", "J10.1": "flu", "M54.50": "back pain", "S52.501A": "a broken wrist",
    "S72.001A": "a hip fracture", "S93.401A": "a twisted ankle", "I21.4": "an NSTEMI",
    "N39.0": "a UTI", "K35.80": "appendicitis", "K80.20": "gallstones", "J45.909": "asthma",
    "K21.9": "reflux", "I10": "high blood pressure", "B20": "HIV care",
}  # fmt: skip
"""How clinicians say it, where they do not say what the code list says."""

_LAB_NAMES = {
    "4548-4": "A1c", "2345-7": "glucose", "2160-0": "Cr", "98979-8": "eGFR", "2823-3": "K",
    "2951-2": "Na", "1742-6": "ALT", "718-7": "Hgb", "6690-2": "WBC", "777-3": "Plt",
    "13457-7": "LDL", "2085-9": "HDL", "2571-8": "TG", "3016-3": "TSH", "10230-1": "LVEF",
    "6301-6": "INR", "2276-4": "ferritin", "1988-5": "CRP", "2857-1": "PSA",
}  # fmt: skip
_DOSES = (
    "1 tab by mouth daily", "twice daily with meals", "at bedtime", "as directed",
    "every 12 hours", "1 daily before breakfast",
)  # fmt: skip
_COMMON_DRUGS = ("Acetaminophen 500 mg tablet", "Vitamin D 1000 unit tablet", "Cetirizine 10 mg")
_DISPOSITIONS = {
    "home": "home", "home health": "home with home health", "skilled nursing": "skilled nursing",
    "rehabilitation": "acute rehabilitation", "left": "home against advice",
}  # fmt: skip
_PRONOUNS = {
    "F": {"he": "she", "his": "her", "him": "her"},
    "M": {"he": "he", "his": "his", "him": "him"},
    "X": {"he": "the patient", "his": "their", "him": "them"},
}


def _lowered(description: str) -> str:
    """Write a description within a sentence; names and acronyms stay as they are."""
    if description.startswith(_PROPER):
        return description
    return description[0].lower() + description[1:]


def _age(scene: Scene) -> Pieces:
    """Return the age; 90 and more identifies, and only the number does."""
    years = int(scene.age)
    if years > _OLDEST_TOLD_YEARS:
        ending = scene.draws.pick(("-year-old", " yo", "yo", " year old"))
        return (Piece(str(years), Label.AGE), Piece(ending))
    if years < 2:  # noqa: PLR2004  babies are counted in months
        return said(f"{max(int(scene.age * 12), 1)}-month-old")
    return said(
        scene.draws.pick((f"{years}-year-old", f"{years} yo", f"{years}yo", f"{years} y/o"))
    )


def _person(scene: Scene) -> Pieces:
    words = {
        "F": ("girl",) if scene.is_child else ("woman", "female", "lady"),
        "M": ("boy",) if scene.is_child else ("man", "male", "gentleman"),
        "X": ("child",) if scene.is_child else ("person",),
    }
    return said(scene.draws.pick(words[scene.patient.sex]))


def _pronoun(word: str) -> Callable[[Scene], Pieces]:
    return lambda scene: said(_PRONOUNS[scene.patient.sex][word])


def _reason(scene: Scene) -> Pieces:
    code = scene.chart.reason
    if code is None:
        return said("a routine check-up")
    return said(_SPOKEN.get(code) or _lowered(condition(code).description))


def _problems(scene: Scene) -> Pieces:
    codes = scene.chart.problems[:6]
    if not codes:
        return said("no chronic illness")
    short = scene.draws.chance(0.55)
    names = (
        _SHORTHAND[code] if short and code in _SHORTHAND else _lowered(condition(code).description)
        for code in codes
    )
    return said(", ".join(names))


def _drugs(scene: Scene) -> tuple[str, ...]:
    return scene.chart.medications[:7] or (scene.draws.pick(_COMMON_DRUGS),)


def _medications(scene: Scene) -> Pieces:
    return said(", ".join(_lowered(drug) for drug in _drugs(scene)))


def _medication(scene: Scene) -> Pieces:
    return said(_lowered(scene.draws.pick(_drugs(scene))))


def _medication_list(scene: Scene) -> Pieces:
    lines = (
        f"{number}. {drug}, {scene.draws.pick(_DOSES)}"
        for number, drug in enumerate(_drugs(scene), start=1)
    )
    return said("\n".join(lines))


def _measured(scene: Scene) -> dict[str, float | int]:
    return {one.code: one.value for one in scene.chart.observations if one.value is not None}


def _pressure(scene: Scene) -> Pieces:
    found, draws = _measured(scene), scene.draws
    upper, lower = found.get("8480-6", draws.whole(104, 152)), found.get("8462-4")
    return said(f"{upper}/{lower or draws.whole(58, 92)}")


def _vitals(scene: Scene) -> Pieces:
    found, draws = _measured(scene), scene.draws
    temperature = found.get("8310-5", round(draws.between(36.3, 37.4), 1))
    values = {
        "BP": _pressure(scene)[0].text,
        draws.pick(("HR", "P", "pulse")): found.get("8867-4", draws.whole(58, 104)),
        "T": draws.pick((f"{temperature}", f"{temperature} C")),
        "RR": draws.whole(12, 22),
        "SpO2": f"{found.get('59408-5', draws.whole(93, 99))} %",
    }
    return said(", ".join(f"{name} {value}" for name, value in values.items()) + ".")


def _labs(scene: Scene) -> Pieces:
    draws = scene.draws
    values = {
        _LAB_NAMES[code]: value for code, value in _measured(scene).items() if code in _LAB_NAMES
    } or {
        "WBC": round(draws.between(4.2, 11.4), 1),
        "Hgb": round(draws.between(10.8, 15.6), 1),
        "Plt": draws.whole(148, 390),
        "Na": draws.whole(134, 143),
        "K": round(draws.between(3.5, 5.0), 1),
    }
    return said(", ".join(f"{name} {value}" for name, value in values.items()) + ".")


SLOTS: Final[dict[str, Callable[[Scene], Pieces]]] = {
    "age": _age,
    "person": _person,
    "sex": lambda scene: said(scene.patient.sex),
    "he": _pronoun("he"),
    "his": _pronoun("his"),
    "him": _pronoun("him"),
    "reason": _reason,
    "problems": _problems,
    "department": lambda scene: said(scene.encounter.department),
    "disposition": lambda scene: said(_DISPOSITIONS.get(scene.encounter.disposition, "home")),
    "meds": _medications,
    "medication": _medication,
    "medlist": _medication_list,
    "bp": _pressure,
    "vitals": _vitals,
    "labs": _labs,
}
"""What a template may say about illness."""
