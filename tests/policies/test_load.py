from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from policies.errors import CombinedDeclarationError, DeclarationError
from policies.folders import PolicyFolder
from policies.load import load_policies
from tests.policies.declarations import (
    CODES,
    DATASET,
    PROJECT,
    changed,
    load,
    load_ward,
    write_policies,
)

SEX = "sex: {role: quasi_identifier, dp: {categories: [F, M], group_by: true}}"

# What is changed, into what, and what is told: code, where (a text that stands there), remedy.
WRONG_DATASETS = [
    (
        "  budget: {",
        "  budgets: {",
        [("KEY-MISSING", "spec:", "add it"), ("KEY-UNKNOWN", "budgets", "write budget")],
    ),
    (SEX, "sex: {role: attribute, xyz: 1}", [("KEY-UNKNOWN", "xyz", None)]),
    (SEX, "sex: {}", [("KEY-MISSING", "sex: {}", "add it")]),
    (SEX, "sex:", [("KEY-INVALID", "sex:", "")]),
    (SEX, "sex: {role: atribute}", [("KEY-INVALID", "atribute", "write attribute")]),
    (SEX, "sex: {role: 7}", [("KEY-INVALID", "7}", "")]),
    (
        SEX,
        "sex: {role: attribute, dp: {categories: [F], groupby: true}}",
        [("KEY-UNKNOWN", "groupby", "write group_by")],
    ),
    (
        SEX,
        "sex: {role: attribute, dp: {categories: [F, F]}}",
        [("DP-CATEGORIES-REPEAT", "{categories: [F, F]", "")],
    ),
    (SEX, "sex: {role: attribute, dp: {categories: [F, 1]}}", [("KEY-INVALID", "1]}}", "")]),
    (SEX, "sex: {role: attribute, dp: {categories: F}}", [("KEY-INVALID", "F}}", "")]),
    (SEX, "sex: {role: attribute, dp: nome}", [("KEY-INVALID", "nome", "write none")]),
    (SEX, "sex: {role: attribute, dp: 5}", [("KEY-INVALID", "5}", "")]),
    (SEX, "sex: {role: attribute, dp: {group_by: yes}}", [("KEY-INVALID", "yes", "")]),
    (SEX, "sex: {role: attribute, transform: kep}", [("KEY-INVALID", "kep", "write keep")]),
    (
        SEX,
        "sex: {role: attribute, transform: {kind: bandz}}",
        [("KEY-INVALID", "{kind: bandz", "write bands")],
    ),
    (SEX, "sex: {role: attribute, transform: {edges: [1]}}", [("KEY-INVALID", "{edges", "")]),
    (
        SEX,
        "sex: {role: attribute, transform: {kind: bands, edges: [1]}}",
        [("KEY-INVALID", "[1]", "")],
    ),
    (
        SEX,
        "sex: {role: attribute, transform: {kind: bands, edges: [2, 1]}}",
        [("DP-BOUNDS-ORDER", "{kind: bands", "")],
    ),
    (
        SEX,
        "sex: {role: attribute, transform: {kind: zip3, edge: 1}}",
        [("KEY-UNKNOWN", "edge", "allowed here: kind, restricted, otherwise")],
    ),
    (
        SEX,
        "sex: {role: attribute, transform: {kind: recode, values: {a: 1}}}",
        [("KEY-INVALID", "1}}}", "")],
    ),
    (
        SEX,
        "sex: {role: direct_identifier, transform: keep}",
        [("COL-DIRECT-STORED", "{role: direct_identifier, transform: keep", "")],
    ),
    (
        SEX,
        "sex: {role: attribute, dp: {zz: 1}, transform: {zz: 1}}",
        [("KEY-UNKNOWN", "zz: 1}, t", None), ("KEY-INVALID", "{zz: 1}}", "")],
    ),
    ("outside: clamp", "outside: clip", [("KEY-INVALID", "clip", "write clamp")]),
    ("bounds: [0, 90]", "bounds: [90, 0]", [("DP-BOUNDS-ORDER", "{bounds: [90", "")]),
    ("bounds: [0, 90]", 'bounds: ["2026-01-01", x]', [("KEY-INVALID", "x]", "")]),
    ("bounds: [0, 90]", "bounds: [true, 90]", [("KEY-INVALID", "true, 90", "")]),
    ("bounds: [0, 90]", "bounds: [0]", [("KEY-INVALID", "[0]", "")]),
    ("bounds: [0, 90]", "bounds: [0, 1, 2]", [("KEY-INVALID", "[0, 1, 2]", "")]),
    ("reference_date: 2026-01-01", "reference_date: 2026", [("KEY-INVALID", "2026}", "")]),
    (
        "reference_date: 2026-01-01",
        "reference_date: 2026-02-30",
        [("KEY-INVALID", "2026-02-30", "")],
    ),
    ('epsilon: "10"', "epsilon: 10", [("BUD-DECIMAL", "10, per", "")]),
    ('epsilon: "10"', 'epsilon: "-1"', [("KEY-INVALID", '"-1"', "")]),
    ('epsilon: "10"', 'epsilon: "3"', [("BUD-CHILD-EXCEEDS-PARENT", "{pool: ward", "")]),
    ("version: 1", "version: one", [("KEY-INVALID", "one", "")]),
    ("version: 1", "version: 1.5", [("KEY-INVALID", "1.5", "")]),
    ("version: 1", "version: 0", [("KEY-INVALID", "0\n", "")]),
    ("id: ward\n", "id: Ward\n", [("KEY-INVALID", "Ward\n  v", "")]),
    ("expires_at: 2027-12-31", "expires_at: 2025-12-31", [("META-DATES", "2025-12-31\nspec", "")]),
    ("max_group_columns: 2", "max_group_columns: 9", [("KEY-INVALID", "9\n", "")]),
    (
        "kind: DatasetPolicy",
        "kind: ProjectPolicy",
        [("KEY-INVALID", "ProjectPolicy", "write DatasetPolicy")],
    ),
    ("patients.id}", "patients.idd}", [("COL-GONE", "patients.idd}", "")]),
]


def places(error: DeclarationError) -> list[str]:
    return [f"{problem.code} {problem.position}" for problem in error.problems]


def problems(root: Path, dataset: str = DATASET, project: str = PROJECT) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        load(root, dataset, project)
    assert all("\n" not in str(problem) for problem in caught.value.problems)
    return [problem.code for problem in caught.value.problems]


def test_loads_datasets_projects_and_lists(tmp_path: Path) -> None:
    active = load(tmp_path)

    codes = active.datasets["ward"].tables["visits"].columns["code"].use
    assert codes is not None
    assert codes.categories == ("E11", "I10")
    assert codes.categories_ref is None
    assert active.projects["sugar"].grant("ward") is not None
    assert list(active.datasets["ward"].tables["patients"].columns)[:3] == ["id", "ssn", "sex"]


@pytest.mark.parametrize(("old", "new", "expected"), WRONG_DATASETS)
def test_tells_what_is_wrong_where_and_what_to_do(
    tmp_path: Path, old: str, new: str, expected: list[tuple[str, str, str | None]]
) -> None:
    text = changed(DATASET, old, new)
    write_policies(tmp_path, text)

    with pytest.raises(DeclarationError) as caught:
        load_ward(tmp_path)

    told = caught.value.problems
    assert [problem.code for problem in told] == [code for code, _, _ in expected]
    for problem, (_, needle, remedy) in zip(told, expected, strict=True):
        assert problem.position is not None
        line = text.splitlines(keepends=True)[problem.position.line - 1 :]
        assert "".join(line)[problem.position.column - 1 :].startswith(needle), problem
        assert remedy is None or problem.remedy == remedy
        assert "another value" not in str(problem)


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("- id: ward", "- id: wart", ["PRJ-UNKNOWN"]),
        ("visits: [code, cost]", "visit: [code]", ["PRJ-UNKNOWN"]),
        ("[code, cost]", "[code, costs, price]", ["PRJ-UNKNOWN", "PRJ-UNKNOWN"]),
        ("purposes: [epidemiology]", "purposes: [marketing]", ["PRJ-PURPOSE-NOT-IN-DATASET"]),
        ("expires_at: 2027-06-30", "expires_at: 2028-01-01", ["PRJ-OUTLIVES-DATASET"]),
        ('epsilon: "2"', 'epsilon: "11"', ["BUD-CHILD-EXCEEDS-PARENT"]),
        ('per_researcher: "1"', 'per_researcher: "3"', ["BUD-CHILD-EXCEEDS-PARENT"]),
        ('"uni|bob"', '"uni|ann"', ["PRJ-MEMBER-TWICE"]),
        ("  purposes:", "    - {id: ward, tables: {}}\n  purposes:", ["PRJ-GRANT-TWICE"]),
        ("  members:", "  member:", ["KEY-MISSING", "KEY-UNKNOWN"]),
        (" role: researcher,", " rol: 1, role: researcher,", ["KEY-UNKNOWN"]),
    ],
)
def test_refuses_a_project_that_contradicts_its_datasets(
    tmp_path: Path, old: str, new: str, codes: list[str]
) -> None:
    assert problems(tmp_path, project=changed(PROJECT, old, new)) == codes


def test_points_at_the_column_that_a_grant_misnames(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError) as caught:
        load(tmp_path, project=changed(PROJECT, "[code, cost]", "[code, costs]"))

    assert places(caught.value) == ["PRJ-UNKNOWN 13:53"]
    assert caught.value.remedy == "columns: visit, patient, code, cost, note"


def test_refuses_an_id_that_is_used_twice(tmp_path: Path) -> None:
    write_policies(tmp_path)
    (tmp_path / "datasets" / "xward.yaml").write_text(DATASET, encoding="utf-8")
    (tmp_path / "projects" / "xsugar.yaml").write_text(PROJECT, encoding="utf-8")

    with pytest.raises(DeclarationError) as caught:
        load_policies(tmp_path)

    assert places(caught.value) == ["META-ID-TWICE 4:7", "META-ID-TWICE 4:7"]


@pytest.mark.parametrize(
    ("pool", "code"),
    [
        ('{pool: other, epsilon: "10"}', "BUD-LINEAGE-SPLIT"),
        ('{pool: ward, epsilon: "11"}', "BUD-POOL-DISAGREES"),
        ('{pool: ward, epsilon: "10", delta: "1e-9"}', "BUD-POOL-DISAGREES"),
    ],
)
def test_refuses_two_datasets_of_one_lineage_with_two_budgets(
    tmp_path: Path, pool: str, code: str
) -> None:
    write_policies(tmp_path)
    second = changed(DATASET, "id: ward\n", "id: ward-2\n")
    second = changed(second, '{pool: ward, epsilon: "10", per_project: "4"}', pool)
    (tmp_path / "datasets" / "second.yaml").write_text(second, encoding="utf-8")

    with pytest.raises(DeclarationError) as caught:
        load_policies(tmp_path)

    assert caught.value.code == code


def test_reads_two_datasets_that_share_a_pool(tmp_path: Path) -> None:
    write_policies(tmp_path)
    second = changed(DATASET, "id: ward\n", "id: ward-2\n")
    (tmp_path / "datasets" / "second.yaml").write_text(second, encoding="utf-8")

    assert set(load_policies(tmp_path).datasets) == {"ward", "ward-2"}


def test_tells_the_problems_of_all_files_together(tmp_path: Path) -> None:
    dataset = changed(DATASET, "version: 1", "version: 0")
    project = changed(PROJECT, "version: 1", "version: 0")
    write_policies(tmp_path, dataset, project, codes="code\nA\nA\n")

    with pytest.raises(CombinedDeclarationError) as caught:
        load_policies(tmp_path)

    assert len(caught.value.problems) == 3
    assert len(str(caught.value).splitlines()) == 3
    assert [problem.code for problem in caught.value.problems] == [
        "KEY-INVALID",
        "KEY-INVALID",
        "REF-REPEAT",
    ]


@pytest.mark.parametrize(
    ("codes", "code", "line"),
    [
        (b"code\nA\nB\nA\n", "REF-REPEAT", 4),
        (b"code\nA\n \n", "REF-EMPTY", 3),
        (b"code\n,x\n", "REF-EMPTY", 2),
        (b"code\n", "REF-EMPTY", 1),
        (b"", "REF-EMPTY", 1),
        (b'code\nA\n"B\n', "REF-CSV", 3),
        (b"code\n\xff\n", "REF-UTF8", None),
    ],
)
def test_refuses_a_list_that_is_none(
    tmp_path: Path, codes: bytes, code: str, line: int | None
) -> None:
    write_policies(tmp_path)
    (tmp_path / "refdata" / "codes.csv").write_bytes(codes)

    with pytest.raises(DeclarationError) as caught:
        load_policies(tmp_path)

    assert caught.value.code == code
    assert caught.value.file.endswith("codes.csv")
    assert (caught.value.position and caught.value.position.line) == line


def test_reads_the_first_column_of_a_list_whatever_its_quotes_and_line_ends(tmp_path: Path) -> None:
    write_policies(tmp_path)
    raw = '\ufeffcode,name\r\n"a, b",x\r\n\r\nc\r\n'.encode()
    (tmp_path / "refdata" / "codes.csv").write_bytes(raw)

    use = load_policies(tmp_path).datasets["ward"].tables["visits"].columns["code"].use

    assert use is not None
    assert use.categories == ("a, b", "c")


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("refdata/none.csv", "FILE-MISSING"),
        ("../codes.csv", "FILE-OUTSIDE"),
        ("/etc/hosts.csv", "FILE-OUTSIDE"),
        ("refdata\\codes.csv", "FILE-OUTSIDE"),
        ("refdata/link.csv", "FILE-OUTSIDE"),
        ("refdata/loop.csv", "FILE-UNREADABLE"),
        ("refdata", "FILE-NAME"),
        ("refdata/folder.csv", "FILE-UNREADABLE"),
    ],
)
def test_follows_a_reference_only_to_a_list_inside_the_folder(
    tmp_path: Path, reference: str, code: str
) -> None:
    root = tmp_path / "policies"
    write_policies(root, changed(DATASET, "refdata/codes.csv", reference))
    (tmp_path / "codes.csv").write_text(CODES)
    match reference.rpartition("/")[2]:
        case "link.csv":
            (root / reference).symlink_to(tmp_path / "codes.csv")
        case "loop.csv":
            (root / reference).symlink_to(root / reference)
        case "folder.csv":
            (root / reference).mkdir()

    with pytest.raises(DeclarationError) as caught:
        load_ward(root)

    assert caught.value.code == code


def test_leaves_categories_beside_a_reference_to_the_check_of_both(tmp_path: Path) -> None:
    both = changed(
        DATASET,
        "{categories_ref: refdata/codes.csv,",
        "{categories: [A], categories_ref: refdata/codes.csv,",
    )
    assert problems(tmp_path, both) == ["DP-CATEGORIES-TWICE"]


@pytest.mark.parametrize(
    "text",
    [
        "spec: 1\n",
        "spec: {tables: 1}\n",
        "spec: {tables: {a: 1, b: {columns: {c: 1, d: {dp: 1}}}}}\n",
    ],
)
def test_a_tree_of_another_shape_is_told_as_such(tmp_path: Path, text: str) -> None:
    assert "KEY-INVALID" in problems(tmp_path, dataset=text)


@pytest.mark.parametrize("name", ["ward.yml", "ward yaml.yaml", "notes.txt"])
def test_refuses_a_file_that_would_be_passed_over(tmp_path: Path, name: str) -> None:
    write_policies(tmp_path)
    (tmp_path / "datasets" / name).write_text("")

    with pytest.raises(DeclarationError) as caught:
        load_policies(tmp_path)

    assert caught.value.code == "FILE-NAME"


def test_passes_over_hidden_files_and_readmes(tmp_path: Path) -> None:
    write_policies(tmp_path)
    (tmp_path / "datasets" / ".swp").write_text("")
    (tmp_path / "datasets" / "README.md").write_text("")

    assert load_policies(tmp_path).datasets


@pytest.mark.parametrize("folder", ["datasets", "refdata"])
def test_refuses_a_file_that_is_too_large(tmp_path: Path, folder: str) -> None:
    write_policies(tmp_path)
    name, size, code = {
        "datasets": ("ward.yaml", 2**18 + 1, "YAML-SIZE"),
        "refdata": ("codes.csv", 2**22 + 1, "REF-SIZE"),
    }[folder]
    (tmp_path / folder / name).write_bytes(b"#" * size)

    with pytest.raises(DeclarationError) as caught:
        load_policies(tmp_path)

    assert caught.value.code == code


def test_refuses_a_folder_without_datasets(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError) as caught:
        load_policies(tmp_path)

    assert caught.value.code == "FILE-MISSING"


def test_refuses_a_folder_that_is_a_file(tmp_path: Path) -> None:
    write_policies(tmp_path)
    (tmp_path / "projects" / "sugar.yaml").unlink()
    (tmp_path / "projects").rmdir()
    (tmp_path / "projects").write_text("")

    with pytest.raises(DeclarationError) as caught:
        load_policies(tmp_path)

    assert caught.value.code == "FILE-UNREADABLE"


def test_a_folder_without_projects_grants_nothing(tmp_path: Path) -> None:
    write_policies(tmp_path)
    (tmp_path / "projects" / "sugar.yaml").unlink()
    (tmp_path / "projects").rmdir()

    assert not load_policies(tmp_path).projects


def test_the_digest_is_what_sha256sum_gives(tmp_path: Path) -> None:
    active = load(tmp_path)

    lines = "".join(
        f"{hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("datasets/ward.yaml", "projects/sugar.yaml", "refdata/codes.csv")
    )
    assert active.digest == "sha256:" + hashlib.sha256(lines.encode()).hexdigest()


@pytest.mark.parametrize("name", ["datasets/ward.yaml", "projects/sugar.yaml", "refdata/codes.csv"])
def test_any_change_of_any_file_changes_the_digest(tmp_path: Path, name: str) -> None:
    before = load(tmp_path).digest
    path = tmp_path / name
    path.write_bytes(path.read_bytes() + b"\n")

    assert load_policies(tmp_path).digest != before


def test_a_list_that_nobody_refers_to_is_in_the_digest(tmp_path: Path) -> None:
    before = load(tmp_path).digest
    (tmp_path / "refdata" / "more.csv").write_text("code\nA\n")

    assert load_policies(tmp_path).digest != before


def test_the_loaded_set_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        del load(tmp_path).projects["sugar"]  # type: ignore[attr-defined]  # that is the point


def test_a_file_that_links_to_itself_is_told(tmp_path: Path) -> None:
    write_policies(tmp_path)
    (tmp_path / "datasets" / "loop.yaml").symlink_to(tmp_path / "datasets" / "loop.yaml")

    with pytest.raises(DeclarationError) as caught:
        load_policies(tmp_path)

    assert caught.value.code == "FILE-UNREADABLE"


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError) as caught:
        PolicyFolder(root=tmp_path / "none").gateway()

    assert caught.value.code == "FILE-UNREADABLE"
