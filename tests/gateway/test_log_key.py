"""A log has one key: who holds another of its name signs nothing that counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Signer, VerifierKey, parse_checkpoint
from gateway.audit.database import read_ledger
from gateway.audit.encoding import base64_text, canonical_json
from gateway.audit.entries import parse_entry
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure
from gateway.audit.tlog import Frontier, leaf_hash
from gateway.audit.verify import verify_log
from gateway.deployment import Deployment, checkpoint_path
from gateway.keyring import KeyRing
from gateway.ledger.schema import open_database
from gateway.settings import Settings, load_settings
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import make_full

__all__ = ["run"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(make_full(tmp_path))


@pytest.fixture
def thief(settings: Settings) -> Signer:
    """Another key of the same name, as one that signed before would be."""
    return Signer(origin=settings.id, key=Ed25519PrivateKey.generate())


def own_key(settings: Settings) -> VerifierKey:
    return KeyRing.open(settings.keys).signer(settings.id).verifier


def rotation(settings: Settings, former: Signer, follower: VerifierKey) -> bytes:
    """The entry by which drafts of this version let one key follow another."""
    with read_ledger(settings.ledger) as connection:
        index, leaf = connection.execute(
            "SELECT idx, leaf FROM entry ORDER BY idx DESC LIMIT 1"
        ).fetchone()
    stamp = parse_entry(leaf).stamp
    old, new = former.verifier.text(), follower.text()
    said = former.key.sign(f"clinical-gateway log key rotation v1\n{old}\n{new}\n".encode())
    return canonical_json({
        "seq": index + 1, "time": stamp.time, "behind_ms": 0, "boot": stamp.boot,
        "mono": stamp.mono, "v": stamp.v, "kind": "key.rotate", "actor": "operator",
        "former_vkey": old, "vkey": new, "endorsement": base64_text(said),
    })  # fmt: skip


def append(settings: Settings, leaf: bytes) -> None:
    assert isinstance(settings.ledger, Path)
    connection = open_database(settings.ledger)
    size = connection.execute("SELECT COUNT(*) FROM entry").fetchone()[0]
    connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (size, leaf, leaf_hash(leaf)))
    connection.commit()
    connection.close()


def sign_all(settings: Settings, signer: Signer) -> None:
    """Replace the last signed head by another key's, of the log as it is."""
    with read_ledger(settings.ledger) as connection:
        leaves = connection.execute("SELECT leaf FROM entry ORDER BY idx").fetchall()
    tree = Frontier().extended(leaf_hash(leaf) for (leaf,) in leaves)
    checkpoint_path(settings).write_text(signer.sign(tree.size, tree.root()))


def test_no_other_key_is_given_to_a_log(run: Run, settings: Settings) -> None:
    def state() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in settings.keys.iterdir() if path.is_file()}

    before = state()
    refused = run("audit", "rotate-key", settings.folder)

    assert refused.code == 1
    assert "SYS-KEYS-ROTATE" in refused.err
    assert "docs/operations.md" in refused.err
    assert state() == before
    assert run("audit", "vkey", settings.folder).out == f"{own_key(settings).text()}\n"


@pytest.mark.parametrize("forward", [True, False])
def test_an_entry_that_names_another_key_makes_it_no_key_of_the_log(
    settings: Settings, thief: Signer, *, forward: bool
) -> None:
    keys = KeyRing.open(settings.keys).signer(settings.id)
    former, follower = (keys, thief) if forward else (thief, keys)
    append(settings, rotation(settings, former, follower.verifier))
    sign_all(settings, thief)
    report = verify_log(
        settings.ledger, key=keys.verifier, checkpoint=checkpoint_path(settings)
    )  # fmt: skip

    assert {one.failure for one in report.findings} == {Failure.FORM, Failure.SIGNATURE}
    assert report.signed_size == 0


def test_a_ring_that_lists_another_key_does_not_open_its_log(
    settings: Settings, thief: Signer
) -> None:
    sign_all(settings, thief)
    (settings.keys / "log.former").write_text(f"{thief.verifier.text()}\n")

    with pytest.raises(LogError) as refused:
        Deployment.open(settings.folder, paced=False).close()
    assert refused.value.code == "SYS-LOG-HEAD"


def test_a_list_of_keys_is_not_taken_for_one(
    run: Run, settings: Settings, thief: Signer, tmp_path: Path
) -> None:
    keys = f"{own_key(settings).text()}\n{thief.verifier.text()}\n"
    head = checkpoint_path(settings)
    size = parse_checkpoint(head.read_text()).size
    proof = tmp_path / "proof"
    proof.write_text(thief.sign(size, b"x" * 32))

    for command in (
        ("verify", settings.folder, "--vkey", keys),
        ("check", proof, "--vkey", keys),
        ("grew", head, proof, "--vkey", keys),
    ):
        refused = run("audit", *command)
        assert refused.code == 1
        assert "LOG-KEY" in refused.err
