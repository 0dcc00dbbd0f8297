"""People with keys, for tests of approvals."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter

from policies.approvals import ApprovalKey, Demand
from policies.signatures import Electorate, Statement, check_approvals, signed

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STATEMENT = Statement(action="activate", digest="sha256:" + "a" * 64, about="none")


def make_private(person: str, number: int = 0) -> Ed25519PrivateKey:
    """The same key for the same person each time."""
    return Ed25519PrivateKey.from_private_bytes(f"{person}{number}".encode().ljust(32, b".")[:32])


def make_key(
    person: str,
    roles: Sequence[str] = ("data_steward",),
    days: tuple[str, str] = ("2026-01-01", "2026-12-31"),
    number: int = 0,
) -> ApprovalKey:
    """The public half, as its file declares it."""
    public = make_private(person, number).public_key().public_bytes_raw()
    return TypeAdapter(ApprovalKey).validate_json(
        TypeAdapter(object).dump_json(
            {
                "apiVersion": "gateway.policy/v1",
                "kind": "ApprovalKey",
                "spec": {
                    "public_key": base64.b64encode(public).decode(),
                    "person": person,
                    "roles": list(roles),
                    "not_before": days[0],
                    "not_after": days[1],
                },
            }
        )
    )


def by(
    person: str, statement: Statement = STATEMENT, time: datetime = NOW, number: int = 0
) -> bytes:
    """A signed envelope."""
    return signed(statement, make_private(person, number), time).to_bytes()


def approve(
    *envelopes: bytes,
    keys: Sequence[ApprovalKey] = (),
    author: str | None = "ada",
    demand: Demand | None = None,
    now: datetime = NOW,
) -> tuple[str, ...]:
    """Check envelopes for the statement, with keys of Ada, Bea and Cid by default."""
    known = keys or (make_key("ada"), make_key("bea"), make_key("cid", ["privacy_officer"]))
    electorate = Electorate(keys={key.id: key for key in known}, author=author)
    return check_approvals(envelopes, STATEMENT, demand or Demand(min=2), electorate, now)
