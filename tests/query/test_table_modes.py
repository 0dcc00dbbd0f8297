"""The words that a catalog has for how plain counts of a table are bounded."""

from __future__ import annotations

from query.table_modes import CountMode, count_modes
from tests.factories import VISITS
from tests.query.test_stored import CAPPED, WARD, ward
from tests.wards import make_ward


def test_a_total_and_each_profile_is_planned() -> None:
    total, by_class = count_modes(WARD, "visits")

    assert total == CountMode(
        groups=(),
        mode="groups chosen and rows scaled when asked",
        max_groups=1,
        max_rows_per_group=3,
    )
    assert by_class == CountMode(
        groups=("class",), mode="release profile", max_groups=2, max_rows_per_group=3
    )


def test_a_bound_on_all_rows_shows() -> None:
    assert [one.mode for one in count_modes(CAPPED, "visits")] == ["first rows per unit"]


def test_one_row_of_each_unit_is_said() -> None:
    assert [one.mode for one in count_modes(WARD, "patients")] == ["one row per unit"]


def test_proved_bounds_cut_nothing() -> None:
    wide = make_ward(max_groups=20, max_rows_per_group=20)

    assert [one.mode for one in count_modes(wide, "stays")] == ["nothing has to be cut"]


def test_a_profile_without_a_public_domain_is_left_out() -> None:
    moment = {
        "role": "attribute",
        "type": "timestamp",
        "dp": {"bounds": ["2024-01-01", "2024-12-31"], "outside": "clamp", "group_by": True},
    }
    by_moment = ward(
        columns=VISITS | {"at": moment},
        release_profiles={"moments": {"groups": ["at"], "max_groups": 2}},
    )

    assert [one.groups for one in count_modes(by_moment, "visits")] == [()]
