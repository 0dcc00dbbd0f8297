"""A small hospital's declarations as text and as values: valid, to be changed by the tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.decisions import Access, ColumnUse, QueryFacts
from policies.load import load_policies
from policies.privacy import Measure, PrivacyLoss
from policies.query_use import Aggregate

DATASET = """\
apiVersion: gateway.policy/v1
kind: DatasetPolicy
metadata:
  id: ward
  version: 1
  title: Ward
  owner: steward:one
  effective_from: 2026-01-01
  expires_at: 2027-12-31
spec:
  source: {format: csv, snapshot: "2026-01-01", lineage: ward-ehr}
  privacy_unit: {table: patients, column: id}
  tables:
    patients:
      key: id
      max_rows_per_unit: 1
      columns:
        id: {role: privacy_unit}
        ssn: {role: direct_identifier, identifies: id}
        sex: {role: quasi_identifier, dp: {categories: [F, M], group_by: true}}
        age:
          role: quasi_identifier
          type: integer
          derived_from: birth_date
          transform: {kind: age_at, reference_date: 2026-01-01}
          dp: {bounds: [0, 90], outside: clamp, group_by: true, aggregates: [mean, sum]}
        county: {role: quasi_identifier, dp: none}
    visits:
      foreign_keys: {patient: patients.id}
      max_rows_per_unit: 20
      columns:
        visit: {role: key}
        patient: {role: privacy_unit}
        code: {role: sensitive, dp: {categories_ref: refdata/codes.csv, group_by: true}}
        cost:
          role: attribute
          type: decimal
          dp: {bounds: [0, 500.5], resolution: 0.01, aggregates: [sum, mean]}
        note: {role: free_text, stored: true}
    staff:
      ownership: directory
      columns:
        name: {role: direct_identifier, identifies: full_name}
    calendar:
      ownership: public
      columns:
        day: {role: key, type: date, stored: true}
        season: {role: attribute, dp: {categories: [summer, winter]}}
  queries:
    purposes: [epidemiology, planning]
    aggregates: [count, count_distinct, sum, mean]
    max_group_columns: 2
    max_cells: 100
    suppress_below: 5
    max_loss_per_query: "0.5"
    default_loss: "0.1"
  budget: {pool: ward, epsilon: "10", per_project: "4"}
"""

PROJECT = """\
apiVersion: gateway.policy/v1
kind: ProjectPolicy
metadata:
  id: sugar
  version: 1
  title: Sugar
  owner: steward:one
  effective_from: 2026-02-01
  expires_at: 2027-06-30
spec:
  datasets:
    - id: ward
      tables: {patients: [sex, age], visits: [code, cost], staff: [name]}
  purposes: [epidemiology]
  members:
    - {user: "uni|ann", role: researcher, until: 2027-03-31}
    - {user: "uni|bob", role: principal_investigator, until: 2026-03-31}
  budget: {epsilon: "2", per_researcher: "1"}
"""

CODES = "code,name\nE11,diabetes\nI10,hypertension\n"


def write_policies(
    root: Path, dataset: str = DATASET, project: str = PROJECT, codes: str = CODES
) -> Path:
    """Write a folder of policies and return it."""
    for folder in ("datasets", "projects", "refdata"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "datasets" / "ward.yaml").write_text(dataset, encoding="utf-8")
    (root / "projects" / "sugar.yaml").write_text(project, encoding="utf-8")
    (root / "refdata" / "codes.csv").write_text(codes, encoding="utf-8")
    return root


def changed(text: str, old: str, new: str) -> str:
    """Replace the one place where ``old`` stands."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


def load_ward(root: Path) -> DatasetPolicy:
    """Load what lies in the folder, for its dataset."""
    return load_policies(root).datasets["ward"]


def load(root: Path, dataset: str = DATASET, project: str = PROJECT) -> PolicySet:
    """Write a folder of policies and load it."""
    return load_policies(write_policies(root, dataset, project))


def make_access(
    *,
    principal: str = "uni|ann",
    project: str = "sugar",
    dataset: str = "ward",
    purpose: str = "epidemiology",
    day: str = "2026-06-01",
) -> Access:
    """Ask as a member in good standing."""
    return Access(
        principal=principal,
        project=project,
        dataset=dataset,
        purpose=purpose,
        time=datetime.fromisoformat(day).replace(tzinfo=UTC),
    )


def make_facts(
    *uses: tuple[str, str, str],
    tables: tuple[str, ...] = ("patients",),
    aggregates: tuple[Aggregate, ...] = (Aggregate.COUNT,),
    shape: tuple[int, int] = (0, 1),
    loss: PrivacyLoss | None = None,
) -> QueryFacts:
    """Describe a counting query; ``shape`` is the number of group keys and of cells."""
    price = PrivacyLoss(measure=Measure.PURE, amount=100_000)
    return QueryFacts(
        tables=tables,
        uses=tuple(sorted(ColumnUse(*use) for use in uses)),
        aggregates=frozenset(aggregates),
        group_columns=shape[0],
        cells=shape[1],
        loss=price if loss is None else loss,
    )
