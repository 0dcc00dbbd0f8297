from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from gateway.audit.errors import LogError
from gateway.audit.quorum import WitnessPolicy, threshold_policy
from gateway.audit.tlog import leaf_hash
from gateway.witness.settings import WitnessSettings
from gateway.witness.witnessed import Witnessed
from tests.gateway.ledger.worlds import SIGNER
from tests.gateway.witness.logs import BOARD, CLINIC, URLS, GrowingLog, Witnesses

KEYS = [BOARD.verifier.text(), CLINIC.verifier.text()]


@pytest.fixture
def log() -> GrowingLog:
    return GrowingLog()


@pytest.fixture
def witnesses(tmp_path: Path) -> Witnesses:
    return Witnesses(tmp_path, board=BOARD, clinic=CLINIC)


def policy(least: int = 2) -> WitnessPolicy:
    return threshold_policy(KEYS, least, URLS)


def witnessed(folder: Path, log: GrowingLog, transport: httpx.BaseTransport) -> Witnessed:
    path = folder / "witnessed"
    return Witnessed(path, SIGNER.verifier, log, WitnessSettings(), transport)


def test_a_head_with_a_quorum_is_kept_and_moves_on(
    tmp_path: Path, log: GrowingLog, witnesses: Witnesses
) -> None:
    kept = witnessed(tmp_path, log, witnesses)
    for size in (3, 3, 4, 300):
        log.grow(size)

        assert kept.ask(policy()) == ()
        head = kept.head(policy())
        assert head is not None
        assert (head.size, policy().judge(head.note).met) == (size, True)
    assert kept.head(WitnessPolicy()) is None


def test_a_size_that_is_known_is_asked_for_once(
    tmp_path: Path, log: GrowingLog, witnesses: Witnesses
) -> None:
    kept = witnessed(tmp_path, log, witnesses)
    kept.ask(policy())
    witnesses.asked.clear()
    log.grow(9)
    kept.ask(policy())
    again = list(witnesses.asked)
    witnesses.asked.clear()
    witnessed(tmp_path, log, witnesses).ask(policy())

    assert again == ["board.example", "clinic.example"]
    assert witnesses.asked == ["board.example", "board.example", "clinic.example", "clinic.example"]


def test_too_few_witnesses_leave_the_last_head_in_place(
    tmp_path: Path, log: GrowingLog, witnesses: Witnesses
) -> None:
    kept = witnessed(tmp_path, log, witnesses)
    kept.ask(policy())
    log.grow(8)
    witnesses.replies["clinic.example"] = httpx.Response(503)
    problems = kept.ask(policy())
    head = kept.head(policy())

    assert problems == ("the witness clinic.example/w2 answered 503",)
    assert head is not None
    assert head.size == 3
    assert kept.ask(policy(1)) == problems
    lower = kept.head(policy(1))
    assert lower is not None
    assert lower.size == 8


def test_a_witness_that_does_not_answer_is_told_without_the_words_of_a_vendor(
    tmp_path: Path, log: GrowingLog
) -> None:
    kept = witnessed(tmp_path, log, Witnesses(tmp_path, board=BOARD))
    without = threshold_policy(KEYS, 1, {"board.example": "http://nobody.example"})

    bad = threshold_policy(KEYS[:1], 1, {"board.example": "http://[no address"})

    assert kept.ask(policy()) == ("a witness did not answer",)
    assert kept.ask(bad) == ("a witness did not answer",)
    assert kept.ask(without) == (
        "a witness did not answer",
        "the address of the witness clinic.example/w2 is not in gateway.toml",
    )
    assert kept.head(policy()) is None


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, text=""),
        httpx.Response(200, text=CLINIC.cosign(GrowingLog().checkpoint(), 5)),
        httpx.Response(200, text="— board.example AAAAAAAAAAAA\n"),
        httpx.Response(200, text=BOARD.cosign(GrowingLog(2).checkpoint(), 5)),
        httpx.Response(200, text="x" * 300_000),
        httpx.Response(409, text="3\n"),
        httpx.Response(409, text="many\n", headers={"Content-Type": "text/x.tlog.size"}),
        httpx.Response(409, text="9" * 5000, headers={"Content-Type": "text/x.tlog.size"}),
        httpx.Response(409, text="\uff11\n", headers={"Content-Type": "text/x.tlog.size"}),
        httpx.Response(409, text="1\n", headers={"Content-Type": "text/x.tlog.size"}),
        httpx.Response(302, headers={"Location": "http://clinic.example/add-checkpoint"}),
    ],
)
def test_what_is_no_cosignature_of_the_declared_key_does_not_count(
    tmp_path: Path, log: GrowingLog, witnesses: Witnesses, reply: httpx.Response
) -> None:
    witnesses.replies["board.example"] = reply
    kept = witnessed(tmp_path, log, witnesses)

    assert len(kept.ask(policy())) == 1
    assert kept.head(policy()) is None


def test_a_log_that_is_shorter_than_a_witness_has_seen_was_rolled_back(
    tmp_path: Path, log: GrowingLog, witnesses: Witnesses
) -> None:
    log.grow(20)
    witnessed(tmp_path, log, witnesses).ask(policy())
    (tmp_path / "witnessed").unlink()
    older = GrowingLog(10)
    with pytest.raises(LogError, match="longer log") as refused:
        witnessed(tmp_path, older, witnesses).ask(policy())

    assert refused.value.code == "SYS-LOG-ROLLBACK"


def test_a_log_that_grew_again_after_a_rollback_is_found_out(
    tmp_path: Path, log: GrowingLog, witnesses: Witnesses
) -> None:
    log.grow(20)
    witnessed(tmp_path, log, witnesses).ask(policy())
    log.leaves[15:] = [leaf_hash(b"other %d" % number) for number in range(10)]
    with pytest.raises(LogError, match="another log") as refused:
        witnessed(tmp_path, log, witnesses).ask(policy())

    assert refused.value.code == "SYS-LOG-ROLLBACK"


@pytest.mark.parametrize("text", ["", "nonsense", SIGNER.sign(3, bytes(32))])
def test_a_file_that_is_no_witnessed_head_counts_for_nothing(
    tmp_path: Path, log: GrowingLog, witnesses: Witnesses, text: str
) -> None:
    (tmp_path / "witnessed").write_text(text)

    assert witnessed(tmp_path, log, witnesses).head(policy()) is None
