"""The sites and the staff of the hospital."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.demo.hospital import identities
from gateway.demo.hospital.draws import Draws, Weighted
from gateway.demo.hospital.lists import records
from gateway.demo.hospital.rows import Facility, Staff

__all__ = ["Team", "make_facilities", "make_team"]

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
_MAIL_DOMAIN = "northlakehealth.example.org"
_CLINICIANS = {"physician", "nurse practitioner"}
_HIRED = Weighted.of(
    {
        "physician": 40, "nurse": 34, "nurse practitioner": 14, "therapist": 6,
        "social worker": 4, "pharmacist": 2,
    }
)  # fmt: skip


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
    jobs += [(role, "") for role in _JOBS if role not in _CLINICIANS]
    wanted = min(max(len(jobs) + 24, patients // _PATIENTS_PER_MEMBER), _LARGEST_TEAM)
    while len(jobs) < wanted:
        role = draws.weigh(_HIRED)
        jobs.append((role, draws.pick(_CLINICS) if role in _CLINICIANS else ""))
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
            if role not in _CLINICIANS
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
