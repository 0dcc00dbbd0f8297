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


def test_a_rotated_key_works_beside_its_successor_for_the_overlap(accounts: Accounts) -> None:
    old = accounts.create("ana", expires=LATER, projects=("heart",))
    start = datetime.now(UTC)
    new = accounts.rotate(old.id, overlap=timedelta(hours=1), expires=LATER)

    assert new.secret != old.secret
    fresh = accounts.authenticate(new.text, NOW)
    assert (fresh.user, fresh.projects, fresh.key_id) == ("ana", frozenset({"heart"}), new.id)
    assert accounts.authenticate(old.text, start + timedelta(minutes=59)).user == "ana"
    with pytest.raises(AuthenticationError):
        accounts.authenticate(old.text, start + timedelta(minutes=61))
    assert accounts.records()[0].successor == new.id


def test_a_rotation_without_overlap_ends_the_old_key_at_once(accounts: Accounts) -> None:
    old = accounts.create("ana", expires=LATER)
    accounts.rotate(old.id, overlap=timedelta(0), expires=LATER)

    with pytest.raises(AuthenticationError):
        accounts.authenticate(old.text, datetime.now(UTC))


def test_a_rotation_never_makes_the_old_key_last_longer(accounts: Accounts) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=1)
    old = accounts.create("ana", expires=soon)
    accounts.rotate(old.id, overlap=timedelta(days=30), expires=LATER)

    assert accounts.records()[0].expires == soon


def test_only_a_key_in_force_is_rotated_and_once(accounts: Accounts) -> None:
    revoked, rotated = (accounts.create("ana", expires=LATER) for _ in range(2))
    accounts.revoke(revoked.id)
    accounts.rotate(rotated.id, overlap=timedelta(hours=1), expires=LATER)

    for key_id in (revoked.id, rotated.id, "0" * 16):
        with pytest.raises(NotFoundError):
            accounts.rotate(key_id, overlap=timedelta(hours=1), expires=LATER)
    with pytest.raises(OperatorError):
        accounts.rotate(rotated.id, overlap=timedelta(0), expires=datetime(2020, 1, 1, tzinfo=UTC))


def test_when_a_key_was_last_used_is_written_once_a_minute(accounts: Accounts) -> None:
    key = accounts.create("ana", expires=LATER)
    assert accounts.records()[0].used is None

    seen = []
    for seconds in (0, 59, 60):
        accounts.authenticate(key.text, NOW + timedelta(seconds=seconds))
        seen.append(accounts.records()[0].used)
    assert seen == [NOW, NOW, NOW + timedelta(seconds=60)]


def test_a_key_that_is_refused_leaves_no_trace_of_use(accounts: Accounts) -> None:
    key = accounts.create("ana", expires=LATER)
    with pytest.raises(AuthenticationError):
        accounts.authenticate(key.text, LATER)
    with pytest.raises(AuthenticationError):
        accounts.authenticate(ApiKey(id=key.id, secret=new_key().secret).text, NOW)

    assert accounts.records()[0].used is None


def test_a_file_that_is_being_written_stops_nobody(accounts: Accounts, tmp_path: Path) -> None:
    key = accounts.create("ana", expires=LATER)
    with sqlite3.connect(tmp_path / "accounts.sqlite", isolation_level=None) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert accounts.authenticate(key.text, NOW).user == "ana"
        connection.execute("ROLLBACK")
    connection.close()


def test_the_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    key = new_key()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE api_key(id TEXT PRIMARY KEY, digest BLOB NOT NULL, user TEXT NOT NULL,"
            " role TEXT NOT NULL, projects TEXT, created TEXT NOT NULL, expires TEXT NOT NULL,"
            " revoked TEXT) STRICT"
        )
        times = (NOW.isoformat(timespec="microseconds"), LATER.isoformat(timespec="microseconds"))
        connection.execute(
            "INSERT INTO api_key VALUES (?, ?, 'ana', 'researcher', NULL, ?, ?, NULL)",
            (key.id, digest_of(key), *times),
        )
    connection.close()
    accounts = Accounts(path)

    assert accounts.authenticate(key.text, NOW).user == "ana"
    assert accounts.records()[0].used == NOW


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (None, None),
        (("heart",), None),
        (None, ("heart",)),
        (("heart",), ("heart", "lungs")),
        (("heart",), ("lungs",)),  # what a steward declares is not of one project alone
    ],
)
@pytest.mark.parametrize("steward_first", [True, False])
def test_nobody_gets_keys_as_steward_and_researcher(
    accounts: Accounts,
    first: tuple[str, ...] | None,
    second: tuple[str, ...] | None,
    *,
    steward_first: bool,
) -> None:
    roles = [AccountRole.STEWARD, AccountRole.RESEARCHER]
    if not steward_first:
        roles.reverse()
    accounts.create("ana", expires=LATER, role=roles[0], projects=first)
    accounts.create("ben", expires=LATER, role=roles[1], projects=second)

    with pytest.raises(OperatorError) as caught:
        accounts.create("ana", expires=LATER, role=roles[1], projects=second)
    assert caught.value.code == "KEYS-DUTIES"


def test_a_duty_ends_with_its_key(accounts: Accounts) -> None:
    key = accounts.create("ana", expires=LATER, role=AccountRole.STEWARD, projects=("heart",))
    now = datetime.now(UTC)
    assert accounts.oversees("ana", now)
    assert not accounts.oversees("ben", now)

    accounts.revoke(key.id)
    assert not accounts.oversees("ana", now)
    assert accounts.create("ana", expires=LATER, projects=("heart",))
