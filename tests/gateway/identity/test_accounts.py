from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import AuthenticationError, NotFoundError, OperatorError
from gateway.identity import accounts as module
from gateway.identity.accounts import Accounts
from gateway.identity.principals import AccountRole, Principal, is_user_name
from gateway.identity.secrets import ApiKey, digest_of, matches, new_key, parse_key

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "accounts.sqlite")


def test_a_key_opens_its_account(accounts: Accounts) -> None:
    key = accounts.create(
        "ana", expires=LATER, role=AccountRole.STEWARD, projects=("lungs", "heart")
    )

    assert accounts.authenticate(key.text, NOW) == Principal(
        user="ana",
        role=AccountRole.STEWARD,
        key_id=key.id,
        projects=frozenset({"heart", "lungs"}),
        expires=LATER,
    )


def test_a_key_is_found_by_another_process(accounts: Accounts, tmp_path: Path) -> None:
    key = accounts.create("ana", expires=LATER)

    assert Accounts(tmp_path / "accounts.sqlite").authenticate(key.text, NOW).user == "ana"


@pytest.mark.parametrize(
    "text", [None, "", "gw_", "Bearer", "gw_" + "0" * 16 + "_" + "0" * 64, "gw_é_ß", "x" * 10_000]
)
def test_no_key_opens_nothing(accounts: Accounts, text: str | None) -> None:
    accounts.create("ana", expires=LATER)

    with pytest.raises(AuthenticationError):
        accounts.authenticate(text, NOW)


def test_a_wrong_secret_an_expired_and_a_revoked_key_are_told_alike(accounts: Accounts) -> None:
    key, revoked = accounts.create("ana", expires=LATER), accounts.create("ana", expires=LATER)
    accounts.revoke(revoked.id)
    wrong = ApiKey(id=key.id, secret=new_key().secret)
    told = set()
    for text, now in ((wrong.text, NOW), (key.text, LATER), (revoked.text, NOW)):
        with pytest.raises(AuthenticationError) as caught:
            accounts.authenticate(text, now)
        told.add(str(caught.value))

    assert len(told) == 1


def test_every_refusal_compares_digests_once(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, revoked = accounts.create("ana", expires=LATER), accounts.create("ana", expires=LATER)
    accounts.revoke(revoked.id)
    compared: list[ApiKey] = []

    def counted(shown: ApiKey, digest: bytes) -> bool:
        compared.append(shown)
        return matches(shown, digest)

    monkeypatch.setattr(module, "matches", counted)
    for text, now in ((None, NOW), (new_key().text, NOW), (key.text, LATER), (revoked.text, NOW)):
        with pytest.raises(AuthenticationError):
            accounts.authenticate(text, now)

    assert len(compared) == 4


def test_a_key_of_nobody_stays_closed_even_if_its_digest_were_zero(accounts: Accounts) -> None:
    with pytest.raises(AuthenticationError):
        accounts.authenticate("gw_" + "0" * 16 + "_" + "0" * 64, NOW)


def test_the_file_holds_no_secret_and_is_its_owners_only(
    accounts: Accounts, tmp_path: Path
) -> None:
    key = accounts.create("ana", expires=LATER)
    path = tmp_path / "accounts.sqlite"

    assert key.secret.encode() not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_lists_keys_with_their_state(accounts: Accounts) -> None:
    first = accounts.create("ana", expires=LATER)
    second = accounts.create("ben", expires=LATER, projects=("heart",))
    accounts.revoke(first.id)
    accounts.revoke(first.id)

    one, two = accounts.records()
    assert (one.id, one.projects, one.in_force(NOW)) == (first.id, None, False)
    assert (two.id, two.projects, two.in_force(NOW)) == (second.id, ("heart",), True)
    assert not two.in_force(LATER)


def test_only_a_key_that_exists_can_be_revoked(accounts: Accounts) -> None:
    with pytest.raises(NotFoundError):
        accounts.revoke("0" * 16)


@pytest.mark.parametrize("user", ["", " ", "a\nb", "key:abc", "x" * 201])
def test_refuses_a_user_that_cannot_be_one(accounts: Accounts, user: str) -> None:
    with pytest.raises(OperatorError) as caught:
        accounts.create(user, expires=LATER)

    assert caught.value.code == "KEYS-USER"


def test_refuses_a_key_that_has_expired(accounts: Accounts) -> None:
    with pytest.raises(OperatorError) as caught:
        accounts.create("ana", expires=datetime(2020, 1, 1, tzinfo=UTC))

    assert caught.value.code == "KEYS-EXPIRY"


@pytest.mark.parametrize("content", [None, b"not a database, but long enough to be looked at" * 9])
def test_says_where_accounts_cannot_be_opened(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "missing" / "accounts.sqlite"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)

    with pytest.raises(OperatorError) as caught:
        Accounts(path)
    assert (caught.value.code, caught.value.file) == ("CFG-ACCOUNTS", str(path))


def test_no_connection_stays_open(accounts: Accounts, tmp_path: Path) -> None:
    accounts.create("ana", expires=LATER)

    with sqlite3.connect(tmp_path / "accounts.sqlite", isolation_level=None) as connection:
        connection.execute("BEGIN EXCLUSIVE")  # refused while anybody else is connected
        assert connection.in_transaction
        connection.execute("COMMIT")
    connection.close()


def test_a_key_has_256_random_bits_and_a_form_that_scanners_know() -> None:
    key = new_key()

    assert parse_key(key.text) == key
    assert len(bytes.fromhex(key.secret)) == 32
    assert key.text.startswith("gw_")
    assert key.secret not in repr(key)
    assert new_key().secret != key.secret


def test_a_digest_binds_the_id_to_the_secret() -> None:
    key = new_key()
    other = ApiKey(id=new_key().id, secret=key.secret)

    assert matches(key, digest_of(key))
    assert not matches(other, digest_of(key))


def test_a_key_acts_as_its_user_only_in_its_projects() -> None:
    principal = Principal(
        user="ana",
        role=AccountRole.RESEARCHER,
        key_id="abc",
        projects=frozenset({"heart"}),
        expires=LATER,
    )

    assert principal.acting_in("heart") == "ana"
    assert principal.acting_in("lungs") == "key:abc"


def test_a_users_name_is_one_that_the_audit_log_can_hold() -> None:
    assert is_user_name("demo|researcher")
    assert is_user_name("x" * 200)
    assert not is_user_name("a\x7fb")
