from __future__ import annotations

from pathlib import Path

import pytest

from policies.active import PolicySet
from policies.places import Places
from tests.policies.declarations import DATASET, PROJECT, load


def line(text: str, found: str) -> int:
    (number,) = (n for n, one in enumerate(text.splitlines(), 1) if found in one)
    return number


@pytest.mark.parametrize(
    ("kind", "pointer", "found"),
    [
        ("dataset", "/spec/tables/patients/columns/ssn/role", "ssn:"),
        ("dataset", "/spec/queries/max_cells", "max_cells"),
        ("dataset", "/spec/tables/patients/columns/age/dp/aggregates", "dp: {bounds: [0, 90]"),
        ("dataset", "/spec/queries/measure", "queries:"),  # not written: the nearest thing
        ("project", "/spec/members/1/until", "uni|bob"),
        ("project", "/spec/members/7", "members:"),
        ("project", "/spec/members/x", "members:"),
        ("project", "", "apiVersion"),
    ],
)
def test_a_pointer_leads_to_a_line(tmp_path: Path, kind: str, pointer: str, found: str) -> None:
    places = Places(load(tmp_path))
    policy, text = {"dataset": ("ward", DATASET), "project": ("sugar", PROJECT)}[kind]
    place = places.find(kind, policy, pointer)

    assert place is not None
    assert place.file == f"{kind}s/{policy}.yaml"
    assert place.position.line == line(text, found)
    assert str(place) == f"{place.file}:{place.position}"


def test_of_what_is_not_in_a_file_no_place_is_known(tmp_path: Path) -> None:
    assert Places(load(tmp_path)).find("dataset", "other", "/spec") is None
    assert Places(PolicySet()).find("dataset", "ward", "/spec") is None


def test_names_with_slashes_are_found(tmp_path: Path) -> None:
    text = DATASET.replace("calendar:", '"a/b~c":')
    place = Places(load(tmp_path, text)).find("dataset", "ward", "/spec/tables/a~1b~0c/ownership")

    assert place is not None
    assert place.position.line == line(text, "a/b~c") + 1
