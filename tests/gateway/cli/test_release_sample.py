"""A release of the hospital visits of 71,518 real patients meets what is declared, counted anew."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import policies
from gateway.intake import ingest_dataset
from gateway.settings import load_settings
from tests.gateway.cli.conftest import Run
from tests.gateway.deployments import make_empty

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.unwatched  # what it runs must be shown without these data too
SAMPLES = Path(os.environ.get("GATEWAY_SAMPLE_DATA", ROOT.parent / "shared" / "data"))
EXAMPLE = Path(policies.__path__[0]) / "examples" / "diabetes-130us"
RELEASES = """
  releases:
    allowed: allowed
    quasi_identifiers: [encounters.age, encounters.gender, encounters.time_in_hospital]
    k_anonymity: {k: 11, suppress_max: "0.05"}
    t_closeness: {column: encounters.race, t: "0.2"}
    max_rows: 200000
    standard: hipaa_safe_harbor
"""
LEAVES = ("gender", "age", "time_in_hospital", "race")
QUASI = ("gender", "age", "time_in_hospital")


def make_site(folder: Path) -> Path:
    """The example's declarations with an open record door, over the published data."""
    site = make_empty(folder)
    shutil.rmtree(site / "policies")
    shutil.copytree(EXAMPLE, site / "policies")
    dataset = site / "policies" / "datasets" / "diabetes-130us.yaml"
    text = dataset.read_text("utf-8")
    for name in LEAVES:
        text, found = re.subn(
            rf"(        {name}:\n)", r"\1          release: keep\n", text, count=1
        )
        assert found == 1
    dataset.write_text(text.rstrip("\n") + RELEASES, "utf-8")
    project = site / "policies" / "projects" / "sample.yaml"
    text = project.read_text("utf-8")
    project.write_text(text.replace("- id: diabetes-130us", "- id: diabetes-130us\n"
                                    "      releases: allowed"), "utf-8")  # fmt: skip
    ingest_dataset(load_settings(site), "diabetes-130us", SAMPLES)
    return site


@pytest.mark.skipif(
    not (SAMPLES / "diabetes_130us").is_dir(), reason="no sample data; set GATEWAY_SAMPLE_DATA"
)
def test_a_release_of_real_visits_meets_its_criteria(run: Run, tmp_path: Path) -> None:
    site, plan = make_site(tmp_path), tmp_path / "plan.yaml"
    what = ("--project", "diabetes-sample", "--dataset", "diabetes-130us", "--table", "encounters")
    plan.write_text(run("release", "plan", site, *what).out, "utf-8")
    made = run("release", "request", site, *what, "--plan", plan, "--as", "sample|researcher",
               "--purpose", "epidemiology", "--format", "parquet")  # fmt: skip
    assert made.code == 0, made.err
    (folder,) = (site / "releases").iterdir()
    rows = pq.read_table(folder / "records.parquet").to_pylist()
    released = Counter(tuple(row[name] for name in QUASI) for row in rows)
    classes: dict[int, dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    whole: dict[str, Counter[int]] = defaultdict(Counter)
    for row in pq.read_table(folder / "classes.parquet").to_pylist():
        whole[row["unit"]][row["told"]] += 1
        if row["class"] is not None:
            classes[row["class"]][row["unit"]][row["told"]] += 1
    table = shares(whole)
    stored = 101_766

    assert min(map(len, classes.values())) >= 11
    assert sorted(released.values()) == sorted(
        sum(one.total() for one in units.values()) for units in classes.values()
    )
    for units in classes.values():
        here = shares(units)
        assert sum(abs(here[race] - share) for race, share in table.items()) / 2 <= 0.2 + 1e-9
    assert 0.95 * stored <= len(rows) <= stored
    assert set(rows[0]) == {*LEAVES, "row"}
    assert len({row["row"] for row in rows}) == len(rows)


def shares(units: Mapping[str, Counter[int]]) -> dict[int, float]:
    """Give each unit one vote, shared among its rows."""
    found: dict[int, float] = defaultdict(float)
    for values in units.values():
        for value, many in values.items():
            found[value] += many / values.total() / len(units)
    return found
