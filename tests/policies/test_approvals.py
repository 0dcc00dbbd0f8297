from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from policies.approvals import Demand
from policies.dsse import MAX_ENVELOPE_BYTES, Envelope, Signature, key_id, parse_envelope, sign
from policies.errors import ApprovalError, DeclarationError
from policies.lint.approval_methods import find_no_methods
from policies.lint.run import lint
from policies.load import load_policies, read_declarations
from policies.signatures import PAYLOAD_TYPE, Electorate
from tests.policies.approving import NOW, STATEMENT, approve, by, make_key, make_private
from tests.policies.declarations import changed, write_policies

# What protocol.md of DSSE gives as an example.
HELLO = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def code_of(*envelopes: bytes, **how: object) -> str:
    with pytest.raises(ApprovalError) as caught:
        approve(*envelopes, **how)  # type: ignore[arg-type]  # passed on
    assert caught.value.remedy
    return caught.value.code


def test_what_is_signed_is_the_encoding_of_the_standard() -> None:
    key = Ed25519PrivateKey.generate()
    envelope = sign("http://example.com/HelloWorld", b"hello world", key)

    key.public_key().verify(envelope.signatures[0].value, HELLO)
    assert envelope.signatures[0].key_id == key_id(key.public_key())


def test_a_key_is_called_by_its_digest() -> None:
    public = make_private("ada").public_key()

    assert key_id(public) == hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]
    assert make_key("ada").id == key_id(public)


@given(st.binary(max_size=300), st.text(max_size=30))
def test_an_envelope_reads_as_it_was_written(payload: bytes, kind: str) -> None:
    key = make_private("ada")
    envelope = sign(kind, payload, key)
    read = parse_envelope(envelope.to_bytes())

    assert read == envelope
    assert read.signed_by(key.public_key())
    assert not read.signed_by(make_private("bea").public_key())


def test_base64_may_be_url_safe() -> None:
    envelope = Envelope(payload_type="x", payload=b"\xfb\xff", signatures=(Signature("", b"\xff"),))
    text = envelope.to_bytes().replace(b"+/8=", b"-_8=").replace(b"/w==", b"_w==")

    assert b"-_8=" in text
    assert parse_envelope(text) == envelope


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"payload": 1, "payloadType": "x", "signatures": []}',
        b'{"payload": "", "payloadType": 7, "signatures": []}',
        b'{"payload": "?", "payloadType": "x", "signatures": []}',
        b'{"payload": "", "payloadType": "x", "signatures": [1]}',
        b'{"payload": "", "payloadType": "x", "signatures": [{"keyid": "a"}]}',
        b"[" * 100_000,
        b'{"payload": "' + b"A" * MAX_ENVELOPE_BYTES + b'"}',
    ],
)
def test_what_is_no_envelope_is_refused(raw: bytes) -> None:
    with pytest.raises(ApprovalError) as caught:
        parse_envelope(raw)
    assert caught.value.code == "APP-ENVELOPE"


@given(st.integers(0, 2), st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_is_no_signature(part: int, place: int, bit: int) -> None:
    envelope = parse_envelope(by("ada"))
    parts = [
        envelope.payload_type.encode(),
        envelope.payload,
        envelope.signatures[0].value,
    ]
    changed = bytearray(parts[part])
    changed[place % len(changed)] ^= 1 << (bit if part else bit % 6)
    parts[part] = bytes(changed)
    forged = Envelope(
        payload_type=parts[0].decode("latin-1"),
        payload=parts[1],
        signatures=(Signature(envelope.signatures[0].key_id, parts[2]),),
    )

    assert not forged.signed_by(make_private("ada").public_key())


def test_two_others_than_the_author_approve() -> None:
    ids = tuple(sorted((make_key("bea").id, make_key("cid").id)))

    assert approve(by("bea"), by("cid")) == ids
    assert approve(by("ada"), by("bea"), by("cid"), b"nonsense") == ids


def test_one_person_with_two_keys_is_one_person() -> None:
    keys = (make_key("bea"), make_key("bea", number=1))

    assert code_of(by("bea"), by("bea", number=1), keys=keys) == "APP-ONE-PERSON"
    first = approve(by("bea"), by("bea", number=1), keys=keys, demand=Demand(min=1))
    assert first == approve(by("bea", number=1), by("bea"), keys=keys, demand=Demand(min=1))


def test_what_does_not_count_is_told_by_its_code() -> None:
    assert code_of() == "APP-MISSING"
    assert code_of(by("bea")) == "APP-MISSING"
    assert code_of(by("bea"), by("ada")) == "APP-AUTHOR"
    assert code_of(by("bea"), by("eve")) == "APP-SIGNATURE"
    assert code_of(by("bea"), b"{}") == "APP-ENVELOPE"
    officer = Demand(min=2, roles=(make_key("cid", ["privacy_officer"]).spec.roles[0],))
    assert code_of(by("bea"), by("cid"), demand=officer) == "APP-ROLE"


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "sha256:" + "b" * 64},
        {"about": "sha256:" + "c" * 64 + "@7"},
        {"action": "resume"},
    ],
)
def test_an_approval_of_something_else_does_not_count(change: dict[str, str]) -> None:
    other = replace(STATEMENT, **change)

    assert code_of(by("bea", other), by("cid")) == "APP-STALE"


@pytest.mark.parametrize(
    "payload",
    [
        b"{}",
        b"[]",
        b"nonsense",
        b'{"predicate": {"signed_at": 5}}',
        b'{"predicate": {"signed_at": "yesterday"}}',
        b'{"predicate": {"signed_at": "0001-01-01T00:00:00+23:00"}}',
    ],
)
def test_a_signed_payload_of_another_form_does_not_count(payload: bytes) -> None:
    envelope = sign(PAYLOAD_TYPE, payload, make_private("bea")).to_bytes()

    assert code_of(envelope, by("cid")) == "APP-STALE"


def test_a_statement_of_another_type_does_not_count() -> None:
    envelope = sign("text/plain", STATEMENT.payload(NOW), make_private("bea")).to_bytes()

    assert code_of(envelope, by("cid")) == "APP-STALE"


def test_the_key_must_be_valid_when_it_signed_and_when_it_is_used() -> None:
    old = make_key("bea", days=("2026-01-01", "2026-11-20"))
    new = make_key("bea", days=("2026-11-22", "2026-12-31"))
    cid = make_key("cid")
    yesterday, tomorrow = NOW - timedelta(days=1), NOW + timedelta(days=1)

    assert code_of(by("bea"), by("cid"), keys=(old, cid)) == "APP-KEY-EXPIRED"
    signed_in_time = by("bea", time=yesterday)
    assert code_of(signed_in_time, by("cid"), keys=(old, cid)) == "APP-KEY-EXPIRED"
    assert code_of(by("bea"), by("cid"), keys=(new, cid)) == "APP-KEY-NOT-YET"
    assert code_of(by("bea"), by("cid"), keys=(new, cid), now=tomorrow) == "APP-KEY-NOT-YET"
    assert code_of(by("bea", time=tomorrow), by("cid")) == "APP-TIME"
    assert approve(by("bea", time=yesterday), by("cid", time=NOW + timedelta(minutes=4)))


@pytest.mark.parametrize(
    ("methods", "told"), [("[key]", 0), ("[session]", 1), ("[key, session]", 1)]
)
def test_a_method_that_never_counted_is_read_and_warned_of(
    tmp_path: Path, methods: str, told: int
) -> None:
    """Sets that listed it were in force, and whoever verifies the log reads them: ADR 35."""
    root = write(tmp_path)
    (root / "gateway.yaml").write_text(CEILINGS.replace("METHODS", methods))
    found = [str(one) for one in find_no_methods(read_declarations(root), NOW.date())]

    assert len(found) == told
    assert all("gateway.yaml:6" in one and "APP-METHOD" in one for one in found)


def test_who_approves_is_what_the_declarations_say(tmp_path: Path) -> None:
    root = write(tmp_path)
    (root / "gateway.yaml").write_text(CEILINGS.replace("METHODS", "[key]"))
    electorate = Electorate.of(load_policies(root), "ada")

    assert {key.spec.person for key in electorate.keys.values()} == {"bea", "cid"}
    assert electorate.author == "ada"


def test_the_statement_is_one_of_in_toto() -> None:
    document = json.loads(STATEMENT.payload(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)))

    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["subject"] == [{"name": "policies", "digest": {"sha256": "a" * 64}}]
    assert document["predicate"]["signed_at"] == "2026-01-02T03:04:05+00:00"


APPROVALS = """\
apiVersion: gateway.policy/v1
kind: ApprovalPolicy
spec: {approvals: required, author: ada}
"""


CEILINGS = """\
apiVersion: gateway.policy/v1
kind: GatewayPolicy
metadata: {id: site, version: 1, title: Site, owner: steward:one}
spec:
  budget: {epsilon: "20"}
  signatures: METHODS
"""


def key_file(person: str, role: str = "data_steward", number: int = 0) -> str:
    public = make_private(person, number).public_key().public_bytes_raw()
    return (
        "apiVersion: gateway.policy/v1\nkind: ApprovalKey\nspec:\n"
        f'  public_key: "{base64.b64encode(public).decode()}"\n  person: {person}\n'
        f"  roles: [{role}]\n  not_before: 2026-01-01\n  not_after: 2026-12-31\n"
    )


def write(root: Path, approvals: str = APPROVALS, people: str = "bea cid") -> Path:
    write_policies(root)
    (root / "approvals.yaml").write_text(approvals)
    (root / "keys").mkdir()
    for person in people.split():
        (root / "keys" / f"{person}.pub.yaml").write_text(key_file(person))
    return root


def problems(root: Path) -> set[str]:
    with pytest.raises(DeclarationError) as caught:
        load_policies(root)
    assert all(one.position is not None for one in caught.value.problems)
    return {one.code for one in caught.value.problems}


def test_keys_and_rules_are_part_of_the_digest(tmp_path: Path) -> None:
    plain = load_policies(write_policies(tmp_path / "plain"))
    ruled = load_policies(write(tmp_path / "ruled"))
    more = load_policies(write(tmp_path / "more", people="bea cid dan"))

    assert not plain.needs_approval
    assert ruled.needs_approval
    assert len({plain.digest, ruled.digest, more.digest}) == 3
    assert {key.spec.person for key in more.keys.values()} == {"bea", "cid", "dan"}
    assert set(ruled.files) >= {"approvals.yaml", "keys/bea.pub.yaml", "datasets/ward.yaml"}


def test_approvals_and_tests_are_not_part_of_the_digest(tmp_path: Path) -> None:
    before = load_policies(write(tmp_path)).digest
    (tmp_path / "approvals").mkdir()
    (tmp_path / "approvals" / "x.dsse.json").write_text("{}")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "x.yaml").write_text("nonsense: [")

    assert load_policies(tmp_path).digest == before


def test_who_decides_may_be_said(tmp_path: Path) -> None:
    rules = "widen: {min: 2, roles: [data_steward]}, suspend: {min: 1, roles: [data_steward]}"
    active = load_policies(write(tmp_path, APPROVALS.replace("}", f", {rules}}}")))

    assert active.approvals is not None
    assert active.approvals.spec.suspend.roles == active.approvals.spec.widen.roles


def test_where_nothing_is_required_no_key_is_needed(tmp_path: Path) -> None:
    text = APPROVALS.replace("required, author: ada", "none")
    active = load_policies(write(tmp_path, text, people=""))

    assert active.approvals is not None
    assert not active.needs_approval


@pytest.mark.parametrize("people", ["", "bea", "ada bea"])
def test_a_set_that_nobody_could_change_again_is_refused(tmp_path: Path, people: str) -> None:
    assert problems(write(tmp_path, people=people)) == {"APP-ONE-PERSON"}


@pytest.mark.parametrize(
    ("ended", "rules", "releases", "told"),
    [
        ("", "approvals: required, author: ada", "denied", ""),
        ("bea", "approvals: required, author: ada", "denied", "widen"),
        ("bea cid", "approvals: required, author: ada", "denied", "widen narrow suspend"),
        ("bea", "approvals: none", "denied", ""),
        ("bea", "approvals: none", "allowed", "release"),
        ("", "approvals: none, author: bea", "allowed", ""),
    ],
)
def test_rules_that_nobody_can_fulfil_any_more_are_told(
    tmp_path: Path, ended: str, rules: str, releases: str, told: str
) -> None:
    root = write(tmp_path, APPROVALS.replace("approvals: required, author: ada", rules))
    for person in ended.split():
        key = root / "keys" / f"{person}.pub.yaml"
        key.write_text(key.read_text().replace("not_after: 2026-12-31", "not_after: 2026-05-31"))
    project = root / "projects" / "sugar.yaml"
    granted = f"- id: ward\n      releases: {releases}"
    project.write_text(changed(project.read_text(), "- id: ward", granted))
    report = lint(root, date(2026, 6, 1))
    found = [one for one in report.warnings if one.code == "APP-NOBODY"]

    assert not report.errors
    assert [one.message.split()[6].rstrip(",") for one in found] == told.split()
    assert all(str(one).startswith(f"{root}/approvals.yaml:3:") for one in found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{approvals: required}", "APP-AUTHOR"),
        ("{approvals: required, author: ada, widen: {min: 1}}", "APP-ONE-PERSON"),
        ("{approvals: required, author: ada, suspend: {min: 2}}", "KEY-INVALID"),
        ("{approvals: maybe}", "KEY-INVALID"),
        ("{approvals: required, author: Ada L}", "KEY-INVALID"),
        ("{approvals: none, widens: {min: 2}}", "KEY-UNKNOWN"),
        ("{approvals: required, author: ada, narrow: {roles: []}}", "KEY-INVALID"),
    ],
)
def test_rules_that_make_no_sense_are_refused(tmp_path: Path, text: str, code: str) -> None:
    approvals = APPROVALS.replace("{approvals: required, author: ada}", text)

    assert problems(write(tmp_path, approvals)) == {code}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('public_key: "', 'public_key: "AAAA', "APP-KEY-FORM"),
        ('public_key: "', 'public_key: "?', "APP-KEY-FORM"),
        ("not_after: 2026-12-31", "not_after: 2025-12-31", "META-DATES"),
        ("roles: [data_steward]", "roles: [king]", "KEY-INVALID"),
    ],
)
def test_keys_that_make_no_sense_are_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    root = write(tmp_path)
    (root / "keys" / "bea.pub.yaml").write_text(key_file("bea").replace(old, new))

    assert problems(root) == {code}


def test_a_misnamed_key_is_not_passed_over(tmp_path: Path) -> None:
    root = write(tmp_path)
    (root / "keys" / "dan.yaml").write_text(key_file("dan"))

    with pytest.raises(DeclarationError) as caught:
        load_policies(root)
    assert caught.value.code == "FILE-NAME"
