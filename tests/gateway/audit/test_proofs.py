from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.encoding import base64_text
from gateway.audit.errors import LogError
from gateway.audit.proofs import InclusionProof, parse_proof
from gateway.audit.tlog import leaf_hash, root_hash
from tests.gateway.ledger.worlds import SIGNER
from tests.merkle import inclusion_proof

LEAVES = [leaf_hash(b"%d" % number) for number in range(11)]
NOTE = SIGNER.sign(len(LEAVES), root_hash(LEAVES))
GOOD = InclusionProof(
    index=4, hashes=inclusion_proof(LEAVES, 4), checkpoint=NOTE, extra=b"what it is about"
)


@pytest.mark.parametrize("size", [1, 2, 11])
@pytest.mark.parametrize("extra", [b"", b"x"])
def test_a_proof_reads_as_it_was_written_and_holds(size: int, extra: bytes) -> None:
    note = SIGNER.sign(size, root_hash(LEAVES[:size]))
    for index in range(size):
        proof = InclusionProof(
            index=index,
            hashes=inclusion_proof(LEAVES[:size], index),
            checkpoint=note,
            extra=extra,
        )

        assert parse_proof(proof.text()) == proof
        assert proof.check(LEAVES[index], SIGNER.verifier).size == size


def test_the_text_is_that_of_the_specification() -> None:
    first, extra, index, *hashes, blank = GOOD.text().removesuffix(NOTE).split("\n")[:-1]

    assert (first, index, blank) == ("c2sp.org/tlog-proof@v1", "index 4", "")
    assert extra == "extra d2hhdCBpdCBpcyBhYm91dA=="
    assert hashes == [base64_text(one) for one in GOOD.hashes]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        f"c2sp.org/tlog-proof@v1\n\n{NOTE}",
        GOOD.text().replace("@v1", "@v2"),
        GOOD.text().replace("index 4", "index 04"),
        GOOD.text().replace("index 4", "index -4"),
        GOOD.text().replace("index 4", "index \uff14"),
        GOOD.text().replace("index 4", "index 4 "),
        GOOD.text().replace("extra ", "extra !"),
        GOOD.text().replace("index 4\n", "index 4\nAAAA\n"),
        GOOD.text().replace("index 4\n", "index 4\n" + f"{base64_text(bytes(32))}\n" * 63),
        GOOD.text() + " " * 2_000_000,
    ],
)
def test_what_is_not_of_the_form_is_refused(text: str) -> None:
    with pytest.raises(LogError) as refused:
        parse_proof(text)

    assert refused.value.code == "LOG-RECEIPT"


@settings(max_examples=80, deadline=None)
@given(place=st.integers(0, len(GOOD.text()) - 1), character=st.sampled_from("A0\n =+é—"))
def test_a_proof_with_one_other_character_is_refused_or_is_only_about_the_extra(
    place: int, character: str
) -> None:
    text = GOOD.text()
    changed = text[:place] + character + text[place + 1 :]
    if changed == text:
        return
    try:
        found = parse_proof(changed)
        found.check(LEAVES[4], SIGNER.verifier)
    except LogError:
        return

    assert (found.index, found.hashes, found.checkpoint) == (4, GOOD.hashes, NOTE)
