"""A log that grows, and witnesses of it that are asked without a network."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from gateway.audit.cosignature import ED25519, ML_DSA_44, Cosigner
from gateway.audit.tlog import leaf_hash, root_hash
from gateway.witness.cosigning import Witness
from gateway.witness.heads import Heads
from gateway.witness.server import create_witness_app
from tests.gateway.ledger.worlds import SIGNER
from tests.merkle import consistency_proof

BOARD = Cosigner(name="board.example", kind=ED25519, seed=b"b" * 32)
CLINIC = Cosigner(name="clinic.example/w2", kind=ML_DSA_44, seed=b"c" * 32)
URLS = {"board.example": "http://board.example/", "clinic.example/w2": "http://clinic.example"}


class GrowingLog:
    """A log in memory."""

    def __init__(self, size: int = 3) -> None:
        self.leaves = [leaf_hash(b"%d" % number) for number in range(size)]

    def grow(self, size: int) -> None:
        self.leaves += [leaf_hash(b"%d" % number) for number in range(len(self.leaves), size)]

    def checkpoint(self) -> str:
        return SIGNER.sign(len(self.leaves), root_hash(self.leaves))

    def consistency(self, size: int, later_size: int) -> tuple[bytes, ...]:
        return consistency_proof(self.leaves[:later_size], size)


class Witnesses(httpx.BaseTransport):
    """Sends each request to the application of the host that it names; counts them.

    Args:
        folder: Of the witnesses' memories.
        cosigners: By host.
    """

    def __init__(self, folder: Path, **cosigners: Cosigner) -> None:
        self.asked: list[str] = []
        self.replies: dict[str, httpx.Response] = {}
        self._apps = {
            f"{host}.example": httpx.WSGITransport(
                create_witness_app(
                    Witness(
                        [SIGNER.verifier],
                        [cosigner],
                        Heads(folder / f"{host}.sqlite"),
                        lambda: int(time.time()),
                    )
                )
            )
            for host, cosigner in cosigners.items()
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.host)
        if request.url.host in self.replies:
            return self.replies[request.url.host]
        app = self._apps.get(request.url.host)
        if app is None:
            raise httpx.ConnectError("words of a vendor")
        return app.handle_request(request)
