"""Unknown files: two tables of a made-up hospital, one of its staff, as CSV."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

PATIENTS = 120
FAMILIES = ("Zaltzman", "Quennell", "Vukovar", "Ostrander", "Brixton")
KINDS = ("walkin", "planned", "urgent")


def patients() -> list[list[str]]:
    """A header and a row for each of 120 patients."""
    header = ["person_id", "LastName", "ssn", "birthDate", "gender", "ZIP", "remark"]
    return [header, *(_patient(number) for number in range(PATIENTS))]


def _patient(number: int) -> list[str]:
    return [
        f"QX-{number:05d}",
        FAMILIES[number % 5] + chr(97 + number % 26),
        f"900-{10 + number % 80}-{1000 + number}",
        str(date(1940, 1, 1) + timedelta(days=97 * number)),
        "FEM" if number % 2 else "MAL",
        f"{2000 + number:05d}",
        f"Seen on the ward by the night nurse and sent home with advice on leaf {number}",
    ]


def visits() -> list[list[str]]:
    """A header and two rows for each patient."""
    rows = [["visit_id", "patient", "visit_day", "kind", "cost", "ward_ref"]]
    for number in range(2 * PATIENTS):
        day = date(2021, 3, 1) + timedelta(days=number)
        cost = f"{100 + number * 7 % 900}.5"
        who = f"QX-{number // 2:05d}"
        rows.append([f"VV{number:06d}", who, str(day), KINDS[number % 3], cost, f"~{number % 90}~"])
    return rows


def nurses() -> list[list[str]]:
    """A header and a row for each of some nurses, who name no patient."""
    names = [f"{given} {FAMILIES[0]}" for given in ("Maria", "James", "Linda", "Robert")]
    return [["staff_no", "full_name"], *([str(at), name] for at, name in enumerate(names))]


def write_csv(path: Path, rows: list[list[str]], delimiter: str = ",") -> None:
    """Write one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{delimiter.join(row)}\n" for row in rows), encoding="utf-8")


def write_hospital(folder: Path) -> Path:
    """Write all three."""
    for name, rows in (("patients", patients()), ("visits", visits()), ("nurses", nurses())):
        write_csv(folder / f"{name}.csv", rows)
    return folder
