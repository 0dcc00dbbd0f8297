from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.audit.checkpoint import Signer
from gateway.audit.cosignature import ED25519, ML_DSA_44, Cosigner
from gateway.audit.errors import LogError
from gateway.audit.growth import AddCheckpoint, parse_add_checkpoint
from gateway.audit.tlog import EMPTY_ROOT, leaf_hash, root_hash
from gateway.witness.cosigning import Witness
from gateway.witness.heads import Heads
from gateway.witness.server import create_witness_app
from tests.gateway.ledger.worlds import SIGNER
from tests.limits import PATIENCE
from tests.merkle import consistency_proof

LEAVES = [leaf_hash(b"%d" % number) for number in range(40)]
COSIGNERS = [
    Cosigner(name="board.example", kind=kind, seed=b"b" * 32) for kind in (ED25519, ML_DSA_44)
]
NOW = 1_800_000_000


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return make_witness(tmp_path)


def make_witness(folder: Path) -> Witness:
    return Witness([SIGNER.verifier], COSIGNERS, Heads(folder / "heads.sqlite"), lambda: NOW)


def head(size: int, signer: Signer = SIGNER) -> str:
    return signer.sign(size, root_hash(LEAVES[:size]))


def body(old: int, size: int) -> bytes:
    proof = consistency_proof(LEAVES[:size], old) if 0 < old < size else ()
    return AddCheckpoint(old=old, proof=proof, note=head(size)).body()


def test_a_request_reads_as_it_was_written() -> None:
    request = parse_add_checkpoint(body(3, 17))

    assert request.old == 3
    assert request.body() == body(3, 17)
    assert body(0, 5).startswith(b"old 0\n\ntest-hospital\n5\n")


def test_a_log_that_grows_is_cosigned_by_every_key(witness: Witness) -> None:
    for old, size in ((0, 1), (1, 7), (7, 7), (7, 40)):
        reply = witness.add_checkpoint(body(old, size))

        assert reply.status == 200
        note = head(size) + reply.body
        assert [one.verifier.cosigned_at(note) for one in COSIGNERS] == [NOW, NOW]


def test_the_size_that_it_has_is_told_where_another_was_sent(witness: Witness) -> None:
    assert witness.add_checkpoint(body(0, 7)).status == 200
    for old, size in ((0, 9), (3, 9), (8, 9)):
        reply = witness.add_checkpoint(body(old, size))

        assert (reply.status, reply.body) == (409, "7\n")
        assert reply.media_type == "text/x.tlog.size"


def test_before_the_first_head_the_size_is_zero(witness: Witness) -> None:
    reply = witness.add_checkpoint(body(3, 9))

    assert (reply.status, reply.body) == (409, "0\n")


def test_an_unknown_log_is_not_found(witness: Witness) -> None:
    other = Signer(origin="other", key=SIGNER.key)
    request = AddCheckpoint(old=0, proof=(), note=head(3, other))

    assert witness.add_checkpoint(request.body()).status == 404


def test_a_head_that_the_log_did_not_sign_is_forbidden(witness: Witness) -> None:
    spoiled = head(3).replace(" 3\n", "")
    for note in (head(3).replace("\n3\n", "\n4\n"), head(3).replace("— test-hospital", "— tess")):
        request = AddCheckpoint(old=0, proof=(), note=note)

        assert witness.add_checkpoint(request.body()).status == 403
    assert spoiled == head(3)


@pytest.mark.parametrize(
    "request_body",
    [
        b"",
        b"old 0\n",
        b"\xff",
        b"old 00\n\n" + head(3).encode(),
        b"old -1\n\n" + head(3).encode(),
        b"old 0\nAAA\n\n" + head(3).encode(),
        b"old 1\n" + b"AAAA\n" * 64 + b"\n" + head(3).encode(),
        b"new 0\n\n" + head(3).encode(),
        b"old 0\n\nno checkpoint",
        b"old 4\n\n" + head(3).encode(),
    ],
)
def test_what_is_malformed_or_shrinks_is_a_bad_request(
    witness: Witness, request_body: bytes
) -> None:
    assert witness.add_checkpoint(request_body).status == 400


def test_a_log_that_did_not_only_grow_is_never_cosigned(witness: Witness) -> None:
    assert witness.add_checkpoint(body(0, 7)).status == 200
    forked = [*LEAVES[:6], leaf_hash(b"other"), *LEAVES[7:20]]
    proof = consistency_proof(forked, 7)
    bad = [
        AddCheckpoint(old=7, proof=proof, note=SIGNER.sign(20, root_hash(forked))),
        AddCheckpoint(old=7, proof=(), note=head(20)),
        AddCheckpoint(old=7, proof=(bytes(5),), note=head(20)),
        AddCheckpoint(old=7, proof=(), note=SIGNER.sign(7, root_hash(forked[:7]))),
        AddCheckpoint(old=7, proof=(bytes(32),), note=head(7)),
    ]
    for request in bad:
        assert witness.add_checkpoint(request.body()).status == 422
    assert witness.add_checkpoint(body(7, 20)).status == 200


def test_the_empty_log_has_the_root_of_nothing_and_needs_no_proof(tmp_path: Path) -> None:
    fresh = make_witness(tmp_path)
    wrong_root = AddCheckpoint(old=0, proof=(), note=SIGNER.sign(0, bytes(32)))
    needless = AddCheckpoint(old=0, proof=(bytes(32),), note=head(5))
    empty = AddCheckpoint(old=0, proof=(), note=SIGNER.sign(0, EMPTY_ROOT))

    assert fresh.add_checkpoint(wrong_root.body()).status == 422
    assert fresh.add_checkpoint(needless.body()).status == 422
    assert fresh.add_checkpoint(empty.body()).status == 200
    assert fresh.add_checkpoint(body(0, 5)).status == 200


def test_what_was_cosigned_is_remembered_after_a_restart(tmp_path: Path) -> None:
    make_witness(tmp_path).add_checkpoint(body(0, 7))

    assert make_witness(tmp_path).add_checkpoint(body(0, 9)).body == "7\n"


def test_one_of_two_heads_that_do_not_fit_is_cosigned_however_they_race(tmp_path: Path) -> None:
    witness = make_witness(tmp_path)
    start = threading.Barrier(8)

    def submit(number: int) -> int:
        leaves = [leaf_hash(b"%d %d" % (number, place)) for place in range(5)]
        request = AddCheckpoint(old=0, proof=(), note=SIGNER.sign(5, root_hash(leaves)))
        start.wait(PATIENCE)
        return witness.add_checkpoint(request.body()).status

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(submit, range(8)))

    assert statuses == [200] + [409] * 7


def test_the_last_head_can_be_read_with_its_cosignatures(witness: Witness) -> None:
    place = hashlib.sha256(b"test-hospital").hexdigest()
    before = witness.monitored(place).status
    foreign = COSIGNERS[0].cosign(head(7), 1).replace("board", "stranger")
    request = AddCheckpoint(old=0, proof=(), note=head(7) + foreign)
    lines = witness.add_checkpoint(request.body()).body

    assert before == 404
    assert witness.monitored(place).body == head(7) + lines
    assert witness.monitored("0" * 64).status == 404


def test_one_log_has_one_key(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="two keys"):
        Witness([SIGNER.verifier] * 2, COSIGNERS, Heads(tmp_path / "heads"), lambda: NOW)


def test_over_http_replies_have_the_types_of_the_specification(witness: Witness) -> None:
    http = create_witness_app(witness).test_client()
    first = http.post("/add-checkpoint", data=body(0, 7))
    conflict = http.post("/add-checkpoint", data=body(0, 9))
    large = http.post("/add-checkpoint", data=b"x" * (256 * 1024 + 1))
    place = hashlib.sha256(b"test-hospital").hexdigest()

    assert first.status_code == 200
    assert first.text.startswith("— board.example ")
    assert (conflict.status_code, conflict.content_type) == (409, "text/x.tlog.size")
    assert http.get(f"/{place}/checkpoint").status_code == 200
    assert large.status_code == 413
    assert http.get("/add-checkpoint").status_code == 405
    assert http.get("/nothing").data == b""


def test_a_failure_of_the_witness_says_nothing_and_keeps_nothing(
    witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> str:
        raise OSError("secret words")

    monkeypatch.setattr(Cosigner, "cosign", failing)
    app = create_witness_app(witness)
    reply = app.test_client().post("/add-checkpoint", data=body(0, 7))
    monkeypatch.undo()

    assert (reply.status_code, reply.data) == (500, b"")
    assert make_witness(tmp_path).add_checkpoint(body(0, 5)).status == 200


def test_a_signed_head_that_does_not_follow_is_kept_as_evidence(
    witness: Witness, tmp_path: Path
) -> None:
    witness.add_checkpoint(body(0, 7))
    forged = [SIGNER.sign(9 + number, bytes(32)) for number in range(120)]
    for note in (*forged, forged[0]):
        lines = note + COSIGNERS[0].cosign(note, 1).replace("board", "stranger")
        assert (
            witness.add_checkpoint(AddCheckpoint(old=7, proof=(), note=lines).body()).status == 422
        )
    heads = Heads(tmp_path / "heads.sqlite")

    assert heads.refused() == tuple(sorted((NOW, note) for note in forged[:100]))
    assert list(heads.all()) == ["test-hospital"]
    assert witness.add_checkpoint(body(7, 9)).status == 200
