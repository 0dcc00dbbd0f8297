from __future__ import annotations

import pytest

from gateway.audit.cosignature import ED25519, ML_DSA_44, Cosigner
from gateway.audit.errors import LogError
from gateway.audit.quorum import WitnessPolicy, parse_policy, threshold_policy
from gateway.audit.tlog import EMPTY_ROOT
from tests.gateway.ledger.worlds import SIGNER

NOTE = SIGNER.sign(7, EMPTY_ROOT)
KEYS = {
    name: Cosigner(name=f"{name}.example", kind=kind, seed=name.encode() * 16)
    for name, kind in (("x1", ED25519), ("x2", ML_DSA_44), ("x3", ED25519), ("y1", ED25519))
}
VKEY = {name: one.verifier.text() for name, one in KEYS.items()}
TWO_GROUPS = f"""
# Two of the board's, and the other hospital's.
log {SIGNER.verifier.text()} https://log.example

witness x1 {VKEY["x1"]}
  witness x2\t{VKEY["x2"]}   https://x2.example
witness x3 {VKEY["x3"]}
group board 2 x1 x2 x3
witness y1 {VKEY["y1"]}
group both all board y1
quorum both
"""


def cosigned(*times: tuple[str, int]) -> str:
    return NOTE + "".join(KEYS[name].cosign(NOTE, time) for name, time in times)


@pytest.mark.parametrize(
    ("times", "time"),
    [
        ((), None),
        ((("x1", 10), ("x2", 20)), None),
        ((("x1", 10), ("y1", 20)), None),
        ((("x1", 10), ("x2", 20), ("y1", 30)), 10),
        ((("x1", 10), ("x2", 20), ("x3", 15), ("y1", 30)), 15),
        ((("x1", 10), ("x2", 20), ("x3", 15), ("y1", 12)), 12),
    ],
)
def test_a_quorum_is_met_since_enough_have_cosigned(
    times: tuple[tuple[str, int], ...], time: int | None
) -> None:
    found = parse_policy(TWO_GROUPS).judge(cosigned(*times))

    assert (found.met, found.time) == (time is not None, time)
    assert found.cosigned == dict(times)


def test_a_policy_file_names_logs_and_addresses() -> None:
    policy = parse_policy(TWO_GROUPS)

    assert policy.logs == (SIGNER.verifier,)
    assert policy.urls == {"x2": "https://x2.example"}


@pytest.mark.parametrize(
    ("quorum", "times", "met"),
    [
        ("quorum none", (), True),
        ("quorum x1", (), False),
        ("quorum x1", (("x1", 1),), True),
        ("group any any x1 x2\nquorum any", (("x2", 1),), True),
    ],
)
def test_simple_quorums(quorum: str, times: tuple[tuple[str, int], ...], met: bool) -> None:  # noqa: FBT001  a case
    text = f"witness x1 {VKEY['x1']}\nwitness x2 {VKEY['x2']}\n{quorum}\n"

    assert parse_policy(text).judge(cosigned(*times)).met is met


WITNESSES = f"witness x1 {VKEY['x1']}\nwitness x2 {VKEY['x2']}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        WITNESSES,
        "quorum x1\n" + WITNESSES,
        WITNESSES + "quorum x1\nquorum x2",
        WITNESSES + "quorum x9",
        WITNESSES + f"witness x1 {VKEY['x3']}\nquorum x1",
        WITNESSES + f"witness x4 {VKEY['x1']}\nquorum x1",
        WITNESSES + f"witness none {VKEY['x3']}\nquorum x1",
        WITNESSES + "group g 3 x1 x2\nquorum g",
        WITNESSES + "group g 0 x1 x2\nquorum g",
        WITNESSES + "group g 01 x1 x2\nquorum g",
        WITNESSES + "group g some x1 x2\nquorum g",
        WITNESSES + "group g 1\nquorum g",
        WITNESSES + "group g any x1 x1\nquorum g",
        WITNESSES + "group g any g\nquorum g",
        WITNESSES + "group g any none\nquorum g",
        WITNESSES + "group g any x1\ngroup h any x1\nquorum h",
        WITNESSES + "group x1 any x2\nquorum x1",
        WITNESSES + f"log {SIGNER.verifier.text()}\nlog {SIGNER.verifier.text()}\nquorum none",
        WITNESSES + "log nonsense\nquorum none",
        WITNESSES + "witness x3 nonsense\nquorum none",
        WITNESSES + "quorum none x1",
        WITNESSES + "quorum none\r",
        WITNESSES + "nonsense\nquorum none",
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(LogError):
        parse_policy(text)


def test_a_number_of_keys_is_a_policy() -> None:
    urls = {"x1.example": "https://x1.example", "stranger": "https://stranger.example"}
    policy = threshold_policy([VKEY["x1"], VKEY["x2"], VKEY["y1"]], 2, urls)

    assert policy.judge(cosigned(("x1", 5))).met is False
    assert policy.judge(cosigned(("x1", 5), ("y1", 9))).time == 5
    assert policy.urls == {"x1.example": "https://x1.example"}
    assert threshold_policy([], 0, {}) == WitnessPolicy()


def test_a_key_counts_once() -> None:
    with pytest.raises(LogError, match="twice"):
        threshold_policy([VKEY["x1"], VKEY["x1"]], 1, {})


def test_a_cosignature_that_does_not_hold_spoils_the_head() -> None:
    other = SIGNER.sign(8, EMPTY_ROOT)
    with pytest.raises(LogError, match="does not hold"):
        parse_policy(TWO_GROUPS).judge(other + KEYS["x1"].cosign(NOTE, 5))
