from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gateway.errors import OperatorError
from gateway.governing.activated import ActivatedSets
from policies.load import load_policies
from tests.policies.declarations import write_policies


@pytest.fixture
def sets(tmp_path: Path) -> ActivatedSets:
    return ActivatedSets(tmp_path / "activated")


def test_what_is_kept_is_what_was_read(sets: ActivatedSets, tmp_path: Path) -> None:
    policies = load_policies(write_policies(tmp_path / "policies"))
    sets.keep(policies, (b"one", b"two"))
    (tmp_path / "policies" / "datasets" / "ward.yaml").write_text("nonsense")
    found = sets.load(policies.digest)

    assert found == policies
    assert found.files == policies.files
    assert set(sets.approvals(policies.digest)) == {b"one", b"two"}
    files = [path for path in (tmp_path / "activated").rglob("*") if path.is_file()]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)


def test_of_an_equal_set_approvals_are_added(sets: ActivatedSets, tmp_path: Path) -> None:
    policies = load_policies(write_policies(tmp_path / "policies"))
    sets.keep(policies, (b"one",))
    sets.keep(policies, (b"one", b"two"))

    assert set(sets.approvals(policies.digest)) == {b"one", b"two"}
    assert len(list((tmp_path / "activated").iterdir())) == 1


def test_a_damaged_copy_is_none_and_is_replaced(sets: ActivatedSets, tmp_path: Path) -> None:
    policies = load_policies(write_policies(tmp_path / "policies"))
    sets.keep(policies, (b"one",))
    sets.keep_approvals(policies.digest, (b"of a stop",))
    (copy,) = (tmp_path / "activated").iterdir()
    (copy / "projects" / "sugar.yaml").unlink()

    assert sets.find(policies.digest) is None
    with pytest.raises(OperatorError) as caught:
        sets.load(policies.digest)
    assert caught.value.code == "SYS-POLICY-GONE"
    sets.keep(policies, (b"two",))
    assert sets.load(policies.digest) == policies
    assert set(sets.approvals(policies.digest)) == {b"one", b"of a stop", b"two"}


def test_a_set_without_any_dataset_is_kept_too(sets: ActivatedSets, tmp_path: Path) -> None:
    (tmp_path / "policies" / "datasets").mkdir(parents=True)
    policies = load_policies(tmp_path / "policies")
    sets.keep(policies, ())

    assert sets.load(policies.digest) == policies


@pytest.mark.parametrize("digest", ["", "sha256:../../etc", "sha256:" + "A" * 64])
def test_nothing_but_a_digest_becomes_a_path(sets: ActivatedSets, digest: str) -> None:
    assert sets.find(digest) is None
    with pytest.raises(OperatorError):
        sets.approvals(digest)
