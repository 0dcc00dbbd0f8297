"""Practice data: valid under the declaration, joinable, reproducible, from the policy alone."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import query.practice as module
from policies.columns import Column
from policies.datasets import DatasetPolicy, Ownership
from policies.layout import is_opaque_key, resolution, stored_length
from policies.load import load_policies
from policies.query_use import ValueType
from query.practice import MAX_UNITS, PracticeTable, PracticeValue, practice_tables
from tests.architecture.sources import ROOT
from tests.factories import make_dataset

EXAMPLES = sorted((ROOT / "policies" / "examples").iterdir())
DIGEST = "sha256:" + "1" * 64
UNITS = 40


def example(folder: Path) -> list[DatasetPolicy]:
    return list(load_policies(folder).datasets.values())


DATASETS = [make_dataset(), *(one for folder in EXAMPLES for one in example(folder))]


@pytest.fixture(params=DATASETS, ids=lambda one: one.id)
def dataset(request: pytest.FixtureRequest) -> DatasetPolicy:
    made: DatasetPolicy = request.param
    return made


def tables_of(dataset: DatasetPolicy) -> dict[str, PracticeTable]:
    return {table.name: table for table in practice_tables(dataset, DIGEST, UNITS)}


def column_of(table: PracticeTable, name: str) -> list[PracticeValue]:
    place = list(table.columns).index(name)
    return [row[place] for row in table.rows]


def allowed(value: PracticeValue, column: Column) -> bool:
    use = column.use
    if is_opaque_key(column):
        return isinstance(value, int) and 0 <= value < 2**62
    if value is None:
        return use is not None and use.nulls != "reject"
    if use is not None and use.categories:
        return value in use.categories
    kinds: dict[ValueType, Any] = {
        ValueType.STRING: str,
        ValueType.INTEGER: int,
        ValueType.DECIMAL: Decimal,
        ValueType.BOOLEAN: bool,
        ValueType.DATE: date,
        ValueType.TIMESTAMP: datetime,
    }
    length = stored_length(column)
    if isinstance(value, str) and length is not None and len(value) > length:
        return False
    return isinstance(value, kinds[column.type]) and (
        use is None or use.bounds is None or inside(value, column)
    )


def inside(value: PracticeValue, column: Column) -> bool:
    assert column.use is not None
    assert column.use.bounds is not None
    low, high = column.use.bounds
    if isinstance(value, datetime):
        value = value.date()
    whole = not isinstance(value, Decimal) or value % resolution(column) == 0
    return bool(low <= value <= high and whole)  # type: ignore[operator]  # both of one type


def test_examples_were_found() -> None:
    assert len(DATASETS) >= 5


def test_every_stored_table_has_rows_with_the_columns_of_the_catalog(
    dataset: DatasetPolicy,
) -> None:
    tables = tables_of(dataset)

    assert list(tables) == [
        name for name, table in dataset.tables.items() if table.ownership is not Ownership.DIRECTORY
    ]
    for table in tables.values():
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_every_value_is_one_that_the_policy_allows(dataset: DatasetPolicy) -> None:
    for table in tables_of(dataset).values():
        for row in table.rows:
            wrong = [
                name
                for (name, column), value in zip(table.columns.items(), row, strict=True)
                if not allowed(value, column)
                and not (value is None and name in dataset.tables[table.name].foreign_keys)
            ]
            assert not wrong, table.name


def test_no_unit_has_more_rows_than_declared_and_all_are_in_the_table_of_units(
    dataset: DatasetPolicy,
) -> None:
    for name, table in tables_of(dataset).items():
        declared = dataset.tables[name]
        if declared.unit_column is None:
            continue
        counts = Counter(column_of(table, declared.unit_column))
        bound = declared.max_rows_per_unit or max(
            1, declared.contribution.max_groups * declared.contribution.max_rows_per_group
        )
        assert max(counts.values()) <= bound
        if name == dataset.spec.privacy_unit.table:
            assert set(counts) == set(range(UNITS))


def test_keys_are_unique_and_foreign_keys_find_a_row_of_the_same_unit(
    dataset: DatasetPolicy,
) -> None:
    tables = tables_of(dataset)
    for name, table in tables.items():
        declared = dataset.tables[name]
        if declared.key is not None and declared.key in table.columns:
            keys = column_of(table, declared.key)
            assert len(set(keys)) == len(keys)
        for column, target in declared.foreign_keys.items():
            other, _, referred = target.partition(".")
            if column not in table.columns or other not in tables:
                continue
            assert joined(dataset, tables, (name, column), (other, referred)) == 0


def joined(
    dataset: DatasetPolicy,
    tables: dict[str, PracticeTable],
    source: tuple[str, str],
    target: tuple[str, str],
) -> int:
    """Rows whose reference, if they have one, finds nothing of the same unit."""

    def rows(name: str, column: str) -> list[tuple[PracticeValue, PracticeValue]]:
        unit = dataset.tables[name].unit_column
        both = unit is not None and dataset.tables[target[0]].unit_column is not None
        values = column_of(tables[name], column)
        units = column_of(tables[name], str(unit)) if both else [0] * len(values)
        return list(zip(units, values, strict=True))

    there = set(rows(*target))
    return sum(row not in there and row[1] is not None for row in rows(*source))


def test_equal_policies_give_equal_tables_and_another_digest_others() -> None:
    dataset = make_dataset()

    assert practice_tables(dataset, DIGEST, 5) == practice_tables(dataset, DIGEST, 5)
    assert practice_tables(dataset, DIGEST, 5) != practice_tables(dataset, "sha256:2", 5)


def test_the_values_are_the_same_on_every_machine() -> None:
    (patients, visits) = practice_tables(make_dataset(), DIGEST, 3)

    assert patients.rows == ((0, "F", 80), (1, "F", 48), (2, "F", 58))
    assert list(visits.columns)[:2] == ["visit_id", "patient_id"]


def test_more_units_leave_the_rows_of_others_alone() -> None:
    few, many = (practice_tables(make_dataset(), DIGEST, units)[1].rows for units in (10, 20))

    assert many[: len(few)] == few


@pytest.mark.parametrize("units", [0, MAX_UNITS + 1])
def test_a_number_of_units_outside_its_range_is_an_error(units: int) -> None:
    with pytest.raises(ValueError, match="range"):
        practice_tables(make_dataset(), DIGEST, units)


def test_public_tables_list_their_categories_and_cycles_end_in_null() -> None:
    tables = {
        "codes": {
            "ownership": "public",
            "key": "code",
            "columns": {
                "code": {"role": "attribute", "dp": {"categories": ["a", "b", "c"]}},
                "rank": {"role": "attribute", "type": "integer", "dp": {"bounds": [1, 2]}},
            },
        },
        "levels": {
            "ownership": "public",
            "key": "level",
            "columns": {
                "level": {"role": "attribute", "type": "integer", "dp": {"bounds": [1, 99]}},
            },
        },
        "towns": {
            "ownership": "public",
            "key": "town",
            "columns": {
                "town": {"role": "attribute", "dp": {}},
                "founded": {"role": "attribute", "type": "date", "dp": {}},
                "walled": {"role": "attribute", "type": "boolean", "dp": {}},
                "height": {"role": "attribute", "type": "decimal", "dp": {}},
            },
        },
        "staff": {
            "ownership": "directory",
            "columns": {"staff_id": {"role": "key"}, "name": {"role": "direct_identifier"}},
        },
        "notes": {
            "foreign_keys": {
                "code": "codes.code",
                "reply": "letters.letter_id",
                "before": "notes.note_id",
                "author": "staff.staff_id",
            },
            "key": "note_id",
            "contribution": {"max_groups": 2, "max_rows_per_group": 2},
            "columns": {
                "note_id": {"role": "key"},
                "patient_id": {"role": "privacy_unit"},
                "code": {"role": "attribute", "dp": {"categories": ["a", "b", "c"]}},
                "reply": {"role": "key"},
                "before": {"role": "key"},
                "author": {"role": "key"},
            },
        },
        "letters": {
            "foreign_keys": {"note": "notes.note_id"},
            "key": "letter_id",
            "columns": {
                "letter_id": {"role": "key"},
                "patient_id": {"role": "privacy_unit"},
                "note": {"role": "key"},
            },
        },
    }
    made = tables_of(make_dataset(tables=tables))
    notes, letters = made["notes"], made["letters"]

    assert column_of(made["codes"], "code") == ["a", "b", "c"]
    assert column_of(made["levels"], "level") == list(range(1, 21))
    assert column_of(made["towns"], "town")[:2] == ["made-up-0", "made-up-1"]
    assert set(column_of(notes, "code")) == {"a", "b", "c"}
    assert {None} < set(column_of(notes, "before"))
    assert None not in column_of(notes, "author")
    there = set(column_of(notes, "note_id")) | {None}
    assert set(column_of(letters, "note")) <= there
    assert None in column_of(letters, "note") or None in column_of(notes, "reply")
    assert "staff" not in made


def test_nothing_private_can_be_read() -> None:
    """The module imports declarations alone: no engine, no store, no ledger, no file."""
    sources = {
        line.split()[1].partition(".")[0]
        for line in Path(str(module.__file__)).read_text(encoding="utf-8").splitlines()
        if line.startswith(("import ", "from "))
    }

    assert sources <= {
        *("__future__", "collections", "dataclasses", "datetime", "decimal", "hashlib"),
        *("policies", "typing"),
    }
