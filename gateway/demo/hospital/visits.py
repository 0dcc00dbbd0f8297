"""When patients come to the hospital, why, for how long and at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.demo.hospital.draws import Draws, Weighted
from gateway.demo.hospital.health import Life
from gateway.demo.hospital.programs import Plan, program_visits
from gateway.demo.hospital.reference import Condition, Kind, acute_table, condition
from gateway.demo.hospital.rows import Encounter, Facility
from gateway.demo.hospital.staff import Team

__all__ = ["visits_of"]

_MOST_VISITS = 420
_CLASSES = {
    "chronic": Weighted.of({"ambulatory": 52, "outpatient": 30, "virtual": 14, "emergency": 4}),
    "acute": Weighted.of({"ambulatory": 46, "urgent care": 22, "emergency": 22, "virtual": 10}),
    "none": Weighted.of({"wellness": 84, "virtual": 16}),
}
_COSTS = {
    "ambulatory": (165.0, 0.5), "outpatient": (290.0, 0.6), "virtual": (78.0, 0.3),
    "emergency": (1150.0, 0.75), "urgent care": (210.0, 0.5), "wellness": (145.0, 0.35),
    "dialysis": (340.0, 0.15), "infusion": (4100.0, 0.6), "inpatient": (5200.0, 0.7),
}  # fmt: skip
"""Median cost in dollars and spread of its logarithm, by class."""

_DAY_COST = 1900.0
_SEASONS = {
    "winter": (1.0, 0.95, 0.75, 0.5, 0.35, 0.25, 0.2, 0.2, 0.3, 0.45, 0.65, 0.9),
    "summer": (0.4, 0.4, 0.5, 0.6, 0.8, 1.0, 1.0, 1.0, 0.8, 0.6, 0.45, 0.4),
    "none": (0.95, 0.95, 1.0, 1.0, 1.0, 0.95, 0.85, 0.9, 1.0, 1.0, 0.95, 0.8),
}
_DISPOSITIONS = Weighted.of(
    {"home": 70, "home health": 13, "skilled nursing": 10, "rehabilitation": 5, "left": 2}
)
_HOURS = Weighted.of({hour: 10 if hour in range(9, 16) else 4 for hour in range(8, 18)})
_READMISSION_DAYS = 30


def visits_of(
    draws: Draws, life: Life, team: Team, sites: tuple[Facility, ...]
) -> tuple[Encounter, ...]:
    """Return a patient's encounters in order of time; none begins during a hospital stay."""
    plans = [*_routine(draws, life), *program_visits(draws, life), *_last_stay(draws, life)]
    plans += [again for plan in plans for again in _readmissions(draws, life, plan)]
    maker = _Maker(draws=draws, life=life, team=team, sites=sites)
    found: list[Encounter] = []
    for plan in sorted(plans, key=lambda one: one.day)[:_MOST_VISITS]:
        made = maker.encounter(plan, found)
        if not found or made.started_at > found[-1].ended_at:
            found.append(made)
    return tuple(found)


def _routine(draws: Draws, life: Life) -> list[Plan]:
    """Plan the ordinary visits: more of them with age and illness, and some people just do."""
    years = (life.last - life.first) / 365.25
    age = life.age_on(life.last)
    yearly = 0.45 + 0.24 * len(life.held) + max(0.0, age - 60) * 0.015 + (1.5 if age < 2 else 0)  # noqa: PLR2004  infants
    count = int(min(yearly * draws.skewed(0.85, 0.6) * years, _MOST_VISITS) + draws.fraction())
    return [_ordinary(draws, life) for _ in range(count)]


def _ordinary(draws: Draws, life: Life) -> Plan:
    day = draws.whole(life.first, life.last)
    held = life.held_on(day)
    reason: Condition | None = None
    if held and draws.chance(0.62):
        reason = draws.pick(held).condition
    elif draws.chance(0.62):
        sex = life.patient.sex if life.patient.sex in {"F", "M"} else "any"
        reason = draws.weigh(acute_table(int(life.age_on(day) // 10), sex))
    if reason is None or reason.kind is not Kind.CHRONIC:
        day = _in_season(draws, day, life, reason.season if reason else "none")
    if reason and draws.chance(reason.admitted):
        return Plan(day=day, encounter_class="inpatient", reason=reason)
    kind = draws.weigh(_CLASSES[reason.kind.value if reason else "none"])
    return Plan(day=_workday(draws, day, kind, life.last), encounter_class=kind, reason=reason)


def _in_season(draws: Draws, day: int, life: Life, season: str) -> int:
    """Move a day within half a year until its month suits the season, three times at most."""
    for _ in range(3):
        if draws.chance(_SEASONS[season][datetime.fromordinal(day).month - 1]):
            break
        day = min(max(day + draws.whole(-182, 182), life.first), life.last)
    return day


def _workday(draws: Draws, day: int, encounter_class: str, last: int) -> int:
    """Move what happens by appointment from a weekend to the Monday after it, mostly."""
    weekday = (day - 1) % 7
    by_appointment = encounter_class not in {"emergency", "urgent care"}
    if by_appointment and weekday > 4 and draws.chance(0.93):  # noqa: PLR2004  Friday is 4
        return min(day + 7 - weekday, last)
    return day


def _last_stay(draws: Draws, life: Life) -> list[Plan]:
    """Bring about a third of the dying to the hospital; the stay lasts until the end."""
    if life.patient.death_date is None or not draws.chance(0.35):
        return []
    held = life.held_on(life.last)
    reason = draws.pick(held).condition if held else condition("A41.9")
    day = max(life.last - draws.run(0.8, 25), life.first)
    return [Plan(day=day, encounter_class="inpatient", reason=reason, is_last=True)]


def _readmissions(draws: Draws, life: Life, plan: Plan) -> list[Plan]:
    """Bring some of those who were admitted back within a month of going home."""
    if plan.encounter_class != "inpatient" or plan.reason is None or plan.is_birth or plan.is_last:
        return []
    heavy = plan.reason.code in {"I50.9", "J44.9", "K74.60", "A41.9", "D57.1"}
    day = plan.day + draws.whole(8, _READMISSION_DAYS)
    if day > life.last or not draws.chance(0.22 if heavy else 0.11):
        return []
    return [Plan(day=day, encounter_class="inpatient", reason=plan.reason)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    """Turns plans into encounters: who, where, how long, how much."""

    draws: Draws
    life: Life
    team: Team
    sites: tuple[Facility, ...]

    def encounter(self, plan: Plan, before: list[Encounter]) -> Encounter:
        draws, kind = self.draws, plan.encounter_class
        start = self._start(plan)
        days = self._days(plan)
        end = start + timedelta(days=days, minutes=draws.whole(12, 170))
        department = "emergency" if kind == "emergency" else _department(plan)
        return Encounter(
            encounter_id=draws.uuid(),
            patient_id=self.life.patient.patient_id,
            started_at=start,
            ended_at=end,
            encounter_class=_public_class(kind),
            department=department,
            facility_id=self._site(department, kind),
            provider_id=draws.pick(self.team.clinicians[department]).staff_id,
            reason_code=plan.reason.code if plan.reason else None,
            length_of_stay_days=days,
            readmission=_readmission(kind, start, before),
            disposition=self._disposition(kind, end),
            total_cost=round(draws.skewed(*_COSTS[kind]) + days * draws.skewed(_DAY_COST, 0.35), 2),
        )

    def _start(self, plan: Plan) -> datetime:
        draws = self.draws
        around_the_clock = plan.encounter_class in {"emergency", "inpatient"}
        hour = draws.whole(0, 23) if around_the_clock else draws.weigh(_HOURS)
        return datetime.fromordinal(plan.day) + timedelta(
            hours=hour,
            minutes=draws.whole(0, 11) * 5 if not around_the_clock else draws.whole(0, 59),
        )

    def _days(self, plan: Plan) -> int:
        if plan.encounter_class != "inpatient":
            return 0
        longest = max(self.life.last - plan.day, 0)
        if plan.is_last:
            return longest
        stay = 1 + (self.draws.run(0.45, 5) if plan.is_birth else self.draws.run(0.76, 60))
        return min(stay, longest)

    def _site(self, department: str, kind: str) -> str:
        special = _SITE_OF.get(kind) or _SITE_OF.get(department)
        if special is not None and kind not in {"inpatient", "emergency"}:
            return special
        wanted = "hospital" if kind in {"inpatient", "emergency", "outpatient"} else None
        return self.draws.pick(
            [site.facility_id for site in self.sites if wanted is None or site.kind == wanted]
        )

    def _disposition(self, kind: str, end: datetime) -> str:
        died = self.life.patient.death_date
        if died is not None and end.date() >= died:
            return "died"
        return self.draws.weigh(_DISPOSITIONS) if kind == "inpatient" else "home"


_SITE_OF = {
    "dialysis": "FAC07", "infusion": "FAC10", "cardiology": "FAC05", "psychiatry": "FAC06",
    "obstetrics": "FAC08", "oncology": "FAC10",
}  # fmt: skip


def _public_class(kind: str) -> str:
    return "outpatient" if kind in {"dialysis", "infusion"} else kind


def _department(plan: Plan) -> str:
    if plan.encounter_class == "urgent care":
        return "emergency"
    return plan.reason.department if plan.reason else "primary care"


def _readmission(kind: str, start: datetime, before: list[Encounter]) -> str:
    """Say whether an admission follows another within 30 days of discharge."""
    stays = (one for one in before if one.encounter_class == "inpatient")
    since = start - timedelta(days=_READMISSION_DAYS)
    return (
        "true" if kind == "inpatient" and any(one.ended_at >= since for one in stays) else "false"
    )
