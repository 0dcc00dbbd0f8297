from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import pyarrow as pa
import pytest
from pydantic import ValidationError

from anonymizers.risk import Criteria
from anonymizers.tables.hierarchies import CategoryHierarchy, NoHierarchy, NumberHierarchy
from anonymizers.tables.plan import ColumnPlan, ColumnRole, TablePlan
from anonymizers.tables.release import TableRelease, release_table
from policies.errors import DeclarationError, SourceError
from tests.anonymizers.tables.ward import (
    KEYS,
    OTHER_KEYS,
    PATIENTS,
    name_of,
    plan,
    ward,
    ward_rows,
)

FIVE = Criteria(k=5, l=2, suppression=0.1)


@pytest.fixture(scope="module")
def release() -> TableRelease:
    return release_table(ward(), plan(criteria=FIVE), KEYS)


def people_by_class(table: pa.Table) -> dict[tuple[str, ...], set[str]]:
    """Count once more, row by row, without the package under test."""
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in table.to_pylist():
        found[row["born"], row["age"], row["zip"], row["sex"]].add(row["patient_id"])
    return found


def test_every_class_of_the_release_has_k_people_and_no_value_half_of_them(
    release: TableRelease,
) -> None:
    classes = people_by_class(release.table)
    values: dict[tuple[str, ...], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in release.table.to_pylist():
        of_class = values[row["born"], row["age"], row["zip"], row["sex"]]
        of_class[row["dx"]].add(row["patient_id"])

    assert min(map(len, classes.values())) == release.after.k >= 5
    commonest = {one: max(map(len, has.values())) for one, has in values.items()}
    assert all(2 * most <= len(classes[one]) for one, most in commonest.items())
    assert release.before.k == 1
    assert release.before.unique == 2 * PATIENTS
    assert release.after.suppressed == 2 * PATIENTS - release.table.num_rows


def test_nothing_of_a_direct_identifier_is_released(release: TableRelease) -> None:
    text = str(release.table.to_pylist()).casefold()

    assert set(release.table.column_names) == {
        "patient_id", "born", "age", "zip", "sex", "seen", "note", "dx",
    }  # fmt: skip
    for patient in range(PATIENTS):
        for part in (*name_of(patient).casefold().split(), f"p{patient:03}"):
            assert part not in text
    assert "03601" not in text


def test_free_text_is_searched_for_the_rows_own_person(release: TableRelease) -> None:
    assert release.notes == release.table.num_rows
    assert release.withheld == 0
    assert all("was seen on" in row["note"] for row in release.table.to_pylist())


def test_intervals_of_a_person_stay_in_the_table_and_between_table_and_notes(
    release: TableRelease,
) -> None:
    days = defaultdict(set)
    moved = set()
    originals = {row["seen"] for row in ward_rows()}
    for row in release.table.to_pylist():
        days[row["patient_id"]].add(date.fromisoformat(row["seen"]))
        noted = date.fromisoformat(row["note"].partition("was seen on ")[2][:10])
        moved.add((date.fromisoformat(row["seen"]) - noted).days)

    assert {(max(pair) - min(pair)).days for pair in days.values()} == {45}
    assert moved == {0, 45}
    assert {row["seen"] for row in release.table.to_pylist()} != originals


def test_the_same_keys_give_the_same_release_and_other_keys_another(
    release: TableRelease,
) -> None:
    again = release_table(ward(), plan(criteria=FIVE), KEYS)
    other = release_table(ward(), plan(criteria=FIVE), OTHER_KEYS)

    assert again.table.equals(release.table)
    ours, theirs = (set(one.table["patient_id"].to_pylist()) for one in (release, other))
    assert not ours & theirs
    assert other.table["seen"].to_pylist() != release.table["seen"].to_pylist()
    assert other.choice.node == release.choice.node


def test_the_order_of_the_source_does_not_show(release: TableRelease) -> None:
    table = ward()
    turned = table.take(list(reversed(range(table.num_rows))))

    assert release_table(turned, plan(criteria=FIVE), KEYS).table.equals(release.table)


def test_a_column_without_a_plan_stops_the_release() -> None:
    table = ward().append_column("more", pa.array(["x"] * 2 * PATIENTS))

    with pytest.raises(SourceError, match="SRC-HEADER"):
        release_table(table, plan(), KEYS)
    with pytest.raises(SourceError, match="SRC-HEADER"):
        release_table(ward().drop_columns(["dx"]), plan(), KEYS)


def test_a_table_that_cannot_be_released_is_not() -> None:
    with pytest.raises(DeclarationError, match="DEID-NO-RELEASE"):
        release_table(ward(), plan(criteria=Criteria(k=PATIENTS + 1)), KEYS)


def test_rows_without_a_unit_are_units_of_their_own() -> None:
    columns = {
        "zip": ColumnPlan(role=ColumnRole.QUASI_IDENTIFIER, hierarchy=NoHierarchy()),
        "note": ColumnPlan(role=ColumnRole.FREE_TEXT),
    }
    table = pa.table({"zip": ["a", "a", "b"], "note": ["Mr. John Roe is well.", None, "Fine."]})
    criteria = Criteria(k=2, suppression=0.5)
    release = release_table(table, TablePlan(columns=columns, criteria=criteria), KEYS)

    assert release.table.num_rows == 2
    assert "Roe" not in str(release.table.to_pylist())


def test_unreadable_values_are_blanked_and_counted() -> None:
    rows = ward_rows()
    for row in rows:
        row["seen"] = "in spring"
        row["sex"] = "F"
    release = release_table(pa.Table.from_pylist(rows), plan(criteria=FIVE), KEYS)

    assert release.unreadable == {"seen": release.table.num_rows}
    assert set(release.table["seen"].to_pylist()) == {None}


def test_unreadable_quasi_identifiers_are_counted_too() -> None:
    table = pa.table({"age": ["old"] * 3 + ["31"] * 3})
    columns = {"age": ColumnPlan(role=ColumnRole.QUASI_IDENTIFIER, hierarchy=NumberHierarchy())}
    release = release_table(table, TablePlan(columns=columns, criteria=Criteria(k=3)), KEYS)

    assert release.unreadable == {"age": 3}
    assert release.table["age"].to_pylist() == ["*"] * 3 + ["31"] * 3


def test_a_register_makes_the_journalist_worse_and_not_the_release() -> None:
    table = ward()
    register = pa.concat_tables([table.select(["born", "age", "zip", "sex"])] * 3)
    alone = release_table(table, plan(criteria=FIVE), KEYS)
    known = release_table(table, plan(criteria=FIVE), KEYS, population=register)

    assert known.table.equals(alone.table)
    assert known.after.attackers[1].average < alone.after.attackers[1].average


def test_numbers_as_sensitive_values_are_compared_in_order() -> None:
    table = pa.table({"sex": ["F"] * 4 + ["M"] * 4, "stay": ["1", "2", "9", "10"] * 2})
    columns = {
        "sex": ColumnPlan(role=ColumnRole.QUASI_IDENTIFIER, hierarchy=CategoryHierarchy()),
        "stay": ColumnPlan(role=ColumnRole.SENSITIVE, distance="ordered"),
    }
    plan_ = TablePlan(columns=columns, criteria=Criteria(k=2, l=4, t=0.0, suppression=0))

    release = release_table(table, plan_, KEYS)

    assert release.choice.node == (1,)
    assert release.after.diversity is not None
    assert release.after.diversity.distance == 0


def counted() -> TablePlan:
    """The ward's plan, with rows of one patient apart."""
    columns = {**plan().columns, "patient_id": ColumnPlan(role=ColumnRole.COUNTED_UNIT)}
    return TablePlan(columns=columns, criteria=FIVE)


def test_rows_of_a_counted_unit_have_nothing_in_common(release: TableRelease) -> None:
    """Neither a stand-in, nor a name in a note, nor a move of dates."""
    apart = release_table(ward(), counted(), KEYS)
    rows = apart.table.to_pylist()
    # Both notes of a patient say the same.
    notes, linked = (Counter(one.table["note"].to_pylist()) for one in (apart, release))
    seen = date.fromisoformat
    moves = {
        (seen(row["seen"]) - seen(row["note"].partition("was seen on ")[2][:10])).days
        for row in rows
    }

    assert set(linked.values()) == {2}
    assert set(notes.values()) == {1}
    assert moves == {0, 45}  # of one row alike
    assert "patient_id" not in rows[0]
    assert len({row["row"] for row in rows}) == len(rows)
    assert apart.after.k == release.after.k
    assert (apart.linked, release.linked) == (False, True)
    for patient in range(PATIENTS):
        assert f"P{patient:03}" not in str(rows)
        assert name_of(patient).split()[1] not in str(rows)


def test_stand_ins_of_rows_take_no_name_that_is_taken() -> None:
    table = pa.table({"who": ["a", "a", "b"], "row": ["x", "y", "z"]})
    columns = {
        "who": ColumnPlan(role=ColumnRole.COUNTED_UNIT),
        "row": ColumnPlan(role=ColumnRole.QUASI_IDENTIFIER, hierarchy=NoHierarchy()),
    }
    criteria = Criteria(k=2, suppression=0)
    release = release_table(table, TablePlan(columns=columns, criteria=criteria), KEYS)

    assert release.table.column_names == ["row", "row_"]
    assert release.table["row"].to_pylist() == ["*"] * 3


@pytest.mark.parametrize(
    "roles",
    [
        {"a": ColumnRole.PRIVACY_UNIT, "b": ColumnRole.COUNTED_UNIT,
         "q": ColumnRole.QUASI_IDENTIFIER},
        {"a": ColumnRole.COUNTED_UNIT, "b": ColumnRole.KEY, "q": ColumnRole.QUASI_IDENTIFIER},
        {"a": ColumnRole.PRIVACY_UNIT, "b": ColumnRole.PRIVACY_UNIT,
         "q": ColumnRole.QUASI_IDENTIFIER},
        {"a": ColumnRole.SENSITIVE, "b": ColumnRole.SENSITIVE, "q": ColumnRole.QUASI_IDENTIFIER},
        {"a": ColumnRole.DATE, "q": ColumnRole.QUASI_IDENTIFIER},
        {"a": ColumnRole.CODE},
    ],
)  # fmt: skip
def test_plans_that_contradict_themselves_are_refused(roles: dict[str, ColumnRole]) -> None:
    with pytest.raises(ValidationError):
        TablePlan(columns={name: ColumnPlan(role=role) for name, role in roles.items()})
    with pytest.raises(ValidationError):
        TablePlan(
            columns={"q": ColumnPlan(role=ColumnRole.QUASI_IDENTIFIER)}, criteria=Criteria(l=2)
        )


@pytest.mark.parametrize(
    ("hidden", "kept"), [(["a", None], 0), (["a", "b"], 10), ([None, None], 0)]
)
def test_what_is_not_known_hides_nothing(hidden: list[str | None], kept: int) -> None:
    source = pa.table({"sex": ["F"] * 10 + ["M"] * 10, "dx": [*hidden * 5, *["a", "b"] * 5]})
    columns = {
        "sex": ColumnPlan(role=ColumnRole.QUASI_IDENTIFIER, hierarchy=NoHierarchy()),
        "dx": ColumnPlan(role=ColumnRole.SENSITIVE),
    }
    # At the coarsest step all would stand together, so a half that is left out was not diverse.
    criteria = Criteria(k=5, l=2, suppression=0.5)
    chosen = TablePlan(columns=columns, criteria=criteria)
    release = release_table(source, chosen, KEYS)
    women = [row for row in release.table.to_pylist() if row["sex"] == "F"]

    assert release.after.diversity is not None
    assert release.after.diversity.l == 2
    assert len(women) == kept


def test_a_value_that_all_of_a_class_have_does_not_leave_beside_others() -> None:
    """Ten women have HIV, and one has HIV and the flu: l = 2 of their values is of no woman."""
    rows = [(f"p{n}", "F", "hiv") for n in range(11)] + [("p10", "F", "flu")]
    rows += [(f"q{n}", "M", ("flu", "copd")[n % 2]) for n in range(12)]
    source = pa.table(dict(zip(("who", "sex", "dx"), zip(*rows, strict=True), strict=True)))
    columns = {
        "who": ColumnPlan(role=ColumnRole.PRIVACY_UNIT),
        "sex": ColumnPlan(role=ColumnRole.QUASI_IDENTIFIER, hierarchy=NoHierarchy()),
        "dx": ColumnPlan(role=ColumnRole.SENSITIVE),
    }
    criteria = Criteria(k=11, l=2, suppression=0.5)
    release = release_table(source, TablePlan(columns=columns, criteria=criteria), KEYS)

    assert release.after.diversity is not None
    assert release.after.diversity.l == 2
    assert set(release.table["sex"].to_pylist()) == {"M"}


def test_where_no_diversity_is_asked_what_is_not_known_may_leave() -> None:
    source = pa.table({"sex": ["F"] * 10, "dx": pa.array([None] * 10, pa.string())})
    columns = {
        "sex": ColumnPlan(role=ColumnRole.QUASI_IDENTIFIER, hierarchy=NoHierarchy()),
        "dx": ColumnPlan(role=ColumnRole.SENSITIVE),
    }
    release = release_table(source, TablePlan(columns=columns, criteria=Criteria(k=5)), KEYS)

    assert release.after.rows == 10
