"""What the tables say, as a reader of the files sees it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from statistics import mean, median

from gateway.demo.hospital import SNAPSHOT_DATE
from tests.gateway.demo.hospital.conftest import Hospital

PRIVATE = ("encounters", "conditions", "observations", "medications", "notes")


def with_condition(hospital: Hospital, code: str) -> set[str]:
    return {row["patient_id"] for row in hospital.table("conditions") if row["code"] == code}


def test_every_row_belongs_to_a_patient_and_to_an_encounter_of_that_patient(
    hospital: Hospital,
) -> None:
    patients = {row["patient_id"] for row in hospital.table("patients")}
    owner = {row["encounter_id"]: row["patient_id"] for row in hospital.table("encounters")}

    assert len(patients) == hospital.summary.rows["patients"]
    assert len(owner) == hospital.summary.rows["encounters"]
    for name in PRIVATE:
        for row in hospital.table(name):
            assert row["patient_id"] in patients
            if name != "conditions" or row["encounter_id"]:
                assert owner[row["encounter_id"]] == row["patient_id"]


def test_providers_authors_and_sites_exist(hospital: Hospital) -> None:
    staff = {row["staff_id"] for row in hospital.table("staff")}
    sites = {row["facility_id"] for row in hospital.table("facilities")}

    assert {row["provider_id"] for row in hospital.table("encounters")} <= staff
    assert {row["facility_id"] for row in hospital.table("encounters")} <= sites
    assert {row["staff_id"] for row in hospital.table("notes")} <= staff


def test_patients_are_seen_between_registration_and_death(hospital: Hospital) -> None:
    patients = {row["patient_id"]: row for row in hospital.table("patients")}

    for row in hospital.table("encounters"):
        patient = patients[row["patient_id"]]
        start, end = (datetime.fromisoformat(row[name]) for name in ("started_at", "ended_at"))
        last = patient["death_date"] or SNAPSHOT_DATE.isoformat()
        assert patient["birth_date"] <= patient["registered_on"] <= start.date().isoformat()
        assert start.date().isoformat() <= last
        assert start < end <= datetime.fromisoformat(last) + timedelta(days=1, hours=3)


def test_no_visit_begins_during_a_stay(hospital: Hospital) -> None:
    left: dict[str, str] = defaultdict(str)

    for row in hospital.table("encounters"):
        assert row["started_at"] > left[row["patient_id"]]
        left[row["patient_id"]] = row["ended_at"]


def test_the_readmission_flag_says_what_the_dates_say(hospital: Hospital) -> None:
    stays: dict[str, list[datetime]] = defaultdict(list)
    flags = Counter[str]()

    for row in hospital.table("encounters"):
        start = datetime.fromisoformat(row["started_at"])
        close = any(start - end <= timedelta(days=30) for end in stays[row["patient_id"]])
        expected = close and row["encounter_class"] == "inpatient"
        assert row["readmission"] == str(expected).lower()
        flags[row["readmission"]] += row["encounter_class"] == "inpatient"
        if row["encounter_class"] == "inpatient":
            stays[row["patient_id"]].append(datetime.fromisoformat(row["ended_at"]))
    assert 0.05 < flags["true"] / flags.total() < 0.25


def test_rows_per_patient_have_a_long_tail(hospital: Hospital) -> None:
    counts = Counter(row["patient_id"] for row in hospital.table("encounters"))
    per_patient = [counts[row["patient_id"]] for row in hospital.table("patients")]

    assert 4 <= median(per_patient) <= 9
    assert max(per_patient) >= 200
    assert max(per_patient) / median(per_patient) > 20
    assert per_patient.count(0) > 0


def test_some_diseases_are_rare_and_some_frequent(hospital: Hospital) -> None:
    patients: dict[str, set[str]] = defaultdict(set)
    for row in hospital.table("conditions"):
        patients[row["code"]].add(row["patient_id"])
    sizes = sorted(len(found) for found in patients.values())

    assert sizes[0] <= 3
    assert sizes[-1] >= 250
    assert 90 <= len(patients["E11.9"]) <= 240


def test_diabetes_comes_with_age_high_sugar_metformin_and_hypertension(hospital: Hospital) -> None:
    diabetic, hypertensive = with_condition(hospital, "E11.9"), with_condition(hospital, "I10")
    born = {row["patient_id"]: date.fromisoformat(row["birth_date"]).year
            for row in hospital.table("patients")}  # fmt: skip
    elderly = {patient for patient, year in born.items() if 1946 <= year <= 1971}
    sugar: dict[bool, list[float]] = {True: [], False: []}
    for row in hospital.table("observations"):
        if row["code"] == "2345-7" and row["value"]:
            sugar[row["patient_id"] in diabetic].append(float(row["value"]))
    metformin = {row["patient_id"] for row in hospital.table("medications")
                 if row["description"].startswith("Metformin")}  # fmt: skip

    assert mean(born[one] for one in diabetic) < mean(born.values()) - 12
    assert median(sugar[True]) > median(sugar[False]) + 30
    assert metformin <= diabetic
    assert len(metformin) > 0.6 * len(diabetic)
    share = len(elderly & diabetic & hypertensive) / len(elderly & diabetic)
    assert share > 1.2 * len(elderly & hypertensive - diabetic) / len(elderly - diabetic)


def test_heart_failure_weakens_the_heart_and_kidney_disease_raises_creatinine(
    hospital: Hospital,
) -> None:
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in hospital.table("observations"):
        if row["value"]:
            values[row["code"]][row["patient_id"]].append(float(row["value"]))
    kidney = with_condition(hospital, "N18.3")
    sick = [median(found) for who, found in values["2160-0"].items() if who in kidney]
    well = [median(found) for who, found in values["2160-0"].items() if who not in kidney]

    assert median(sick) > median(well) + 0.3
    assert median(median(found) for found in values["10230-1"].values()) < 50


def test_flu_comes_in_winter(hospital: Hospital) -> None:
    months = Counter(
        int(row["onset_date"][5:7])
        for row in hospital.table("conditions")
        if row["code"] == "J10.1"
    )

    winter, summer = (sum(months[one] for one in season) for season in ((12, 1, 2), (6, 7, 8)))
    assert winter > 2 * summer > 0


def test_only_women_are_pregnant(hospital: Hospital) -> None:
    sexes = {row["patient_id"]: row["sex"] for row in hospital.table("patients")}

    pregnant = {row["patient_id"] for row in hospital.table("conditions") if row["code"] == "O80"}
    assert pregnant
    assert {sexes[one] for one in pregnant} == {"F"}


def test_costs_have_a_long_tail_and_stays_cost_more_than_visits(hospital: Hospital) -> None:
    costs: dict[str, list[float]] = defaultdict(list)
    for row in hospital.table("encounters"):
        costs[row["encounter_class"]].append(float(row["total_cost"]))
    everything = [cost for found in costs.values() for cost in found]

    assert min(everything) > 0
    assert mean(everything) > 3 * median(everything)
    assert median(costs["inpatient"]) > 5 * median(costs["emergency"])


def test_values_are_missing_here_and_there(hospital: Hospital) -> None:
    patients, observations = hospital.table("patients"), hospital.table("observations")

    for name in ("ssn", "phone", "email", "race", "income", "insurance_id", "contact_name"):
        missing = sum(not row[name] for row in patients)
        assert 0 < missing < len(patients) / 2
    assert 0.005 < sum(not row["value"] for row in observations) / len(observations) < 0.02


def test_numbers_cannot_be_real_and_record_numbers_are_unique(hospital: Hospital) -> None:
    patients = hospital.table("patients")

    assert len({row["mrn"] for row in patients}) == len(patients)
    assert all(row["ssn"][0] == "9" and row["ssn"][4] < "5" for row in patients if row["ssn"])
    for row in (*patients, *hospital.table("staff"), *hospital.table("facilities")):
        assert row["phone"][4:7] in {"555", ""}


def test_the_dead_are_older_and_some_die_in_hospital(hospital: Hospital) -> None:
    patients = hospital.table("patients")
    dead = [row for row in patients if row["vital_status"] == "dead"]

    assert [row for row in patients if row["death_date"]] == dead
    assert 0.02 < len(dead) / len(patients) < 0.12
    years = {kind: median(int(row["birth_date"][:4]) for row in rows)
             for kind, rows in (("dead", dead), ("all", patients))}  # fmt: skip
    assert years["dead"] < years["all"] - 10
    assert "died" in {row["disposition"] for row in hospital.table("encounters")}
