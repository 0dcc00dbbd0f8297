"""Who has to approve a change of the declarations, and the public keys with which they do.

``approvals.yaml`` says whether approvals are asked for at all; each ``keys/*.pub.yaml`` is one
person's public key. Both are part of the set's digest, and a change of them is a change of the set.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from policies.dsse import key_id
from policies.model import STRICT, ApiVersion, invalid

__all__ = [
    "ApprovalKey",
    "ApprovalPolicy",
    "ApprovalSpec",
    "ApproverRole",
    "Demand",
    "KeySpec",
    "Person",
    "able_persons",
]

Person = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
"""Opaque id of somebody who signs: lower case, digits, ``._-``; at most 63 characters."""

_KEY_BYTES = 32


class ApproverRole(Enum):
    """As what somebody signs."""

    DATA_STEWARD = "data_steward"
    PRIVACY_OFFICER = "privacy_officer"
    OUTPUT_CHECKER = "output_checker"
    AUDITOR = "auditor"


_DECIDING = (ApproverRole.DATA_STEWARD, ApproverRole.PRIVACY_OFFICER)
_CHECKING = (*_DECIDING, ApproverRole.OUTPUT_CHECKER)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Demand:
    """How many different persons have to sign, and in which roles.

    Attributes:
        min: Persons at least.
        roles: Each of them has one of these.
    """

    min: Annotated[int, Field(ge=1, le=16)] = 1
    roles: Annotated[tuple[ApproverRole, ...], Field(min_length=1)] = _DECIDING


def _two_persons(demand: Demand) -> Demand:
    if demand.min < 2:  # noqa: PLR2004  one who widens alone needs nobody's leave
        raise invalid("APP-ONE-PERSON", "one person could decide alone; write min: 2 or more")
    return demand


def _one_person(demand: Demand) -> Demand:
    if demand.min > 1:
        raise invalid("KEY-INVALID", "one person stops at once; write min: 1, or leave it out")
    return demand


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ApprovalSpec:
    """The body of ``approvals.yaml``.

    Attributes:
        approvals: ``required``, or ``none`` where whoever can write the folder decides alone.
        author: Who wrote this state of the declarations; their own signature does not count.
        widen: For changes that allow anything more, and to resume what was suspended.
        narrow: For changes that allow nothing more.
        suspend: To stop a dataset or a project at once: one person.
        release: For records to leave, whether or not changes of declarations need approval; who
            asked for them does not count.
    """

    approvals: Literal["required", "none"]
    author: Person | None = None
    widen: Annotated[Demand, AfterValidator(_two_persons)] = Demand(min=2)
    narrow: Demand = Demand()
    suspend: Annotated[Demand, AfterValidator(_one_person)] = Demand(
        roles=(*_DECIDING, ApproverRole.AUDITOR)
    )
    release: Annotated[Demand, AfterValidator(_two_persons)] = Demand(min=2, roles=_CHECKING)

    def __post_init__(self) -> None:
        if self.approvals == "required" and self.author is None:
            raise invalid("APP-AUTHOR", "nobody is named as author; write author: and their id")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ApprovalPolicy:
    """Whether changes of the declarations need approval, and whose."""

    apiVersion: ApiVersion  # noqa: N815  the name that the files have
    kind: Literal["ApprovalPolicy"]
    spec: ApprovalSpec

    @property
    def required(self) -> bool:
        """Whether nothing changes without signatures."""
        return self.spec.approvals == "required"


def _check_key(text: str) -> str:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise invalid("APP-KEY-FORM", "a public key is 32 bytes in base64; copy the whole line")
    return text


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class KeySpec:
    """The body of a public key's file.

    Attributes:
        public_key: Ed25519 (RFC 8032), 32 bytes in base64.
        person: Whose it is; one person may have several keys.
        roles: As what they sign.
        not_before: First day on which signatures count.
        not_after: Last day.
    """

    public_key: Annotated[str, AfterValidator(_check_key)]
    person: Person
    roles: Annotated[tuple[ApproverRole, ...], Field(min_length=1)]
    not_before: date
    not_after: date

    def __post_init__(self) -> None:
        if self.not_after < self.not_before:
            raise invalid("META-DATES", "not_after is before not_before; swap the two dates")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ApprovalKey:
    """One person's public key."""

    apiVersion: ApiVersion  # noqa: N815  the name that the files have
    kind: Literal["ApprovalKey"]
    spec: KeySpec

    @property
    def id(self) -> str:
        """How the key is called: 16 hex digits."""
        return key_id(self.verifier)

    @property
    def verifier(self) -> Ed25519PublicKey:
        """The key itself."""
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(self.spec.public_key))


def able_persons(
    policy: ApprovalPolicy, keys: Mapping[str, ApprovalKey], demand: Demand
) -> frozenset[str]:
    """Return who could meet a demand: persons with a role that it names, but the author."""
    return frozenset(_able(policy, keys, demand))


def _able(policy: ApprovalPolicy, keys: Mapping[str, ApprovalKey], demand: Demand) -> Iterator[str]:
    for key in keys.values():
        if key.spec.person != policy.spec.author and set(key.spec.roles) & set(demand.roles):
            yield key.spec.person
