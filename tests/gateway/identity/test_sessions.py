from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import ForbiddenError, NotFoundError
from gateway.identity.accounts import Accounts
from gateway.identity.principals import AccountRole, Principal
from gateway.identity.sessions import Sessions, form_token, is_form_token
from gateway.identity.settings import IdentitySettings
from tests.gateway.conftest import FAR_DAY
from tests.gateway.made_up import NOW

ANA = Principal(
    user="ana",
    role=AccountRole.STEWARD,
    key_id="",
    projects=frozenset({"heart", "lungs"}),
    expires=FAR_DAY,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts.sqlite"


@pytest.fixture
def sessions(path: Path) -> Sessions:
    return Sessions(path, IdentitySettings())


def test_a_session_is_found_by_its_name_in_any_process(sessions: Sessions, path: Path) -> None:
    opened = sessions.open(ANA, NOW, key_id=None)
    found = Sessions(path, IdentitySettings()).find(opened.name, NOW)

    assert found == opened.session
    assert found is not None
    assert (found.principal.user, found.principal.projects) == ("ana", ANA.projects)
    assert found.principal.expires == NOW + timedelta(hours=12)


def test_only_a_digest_of_the_name_is_kept(sessions: Sessions, path: Path) -> None:
    opened = sessions.open(ANA, NOW, key_id=None)

    assert opened.name.encode() not in path.read_bytes()
    assert bytes.fromhex(opened.name) not in path.read_bytes()
    assert opened.name not in repr(opened)
    assert sessions.find(opened.session.id, NOW) is None


@pytest.mark.parametrize("name", [None, "", "0" * 64, "é" * 64, "x" * 100_000, "' OR 1=1 --"])
def test_no_other_name_opens_anything(sessions: Sessions, name: str | None) -> None:
    sessions.open(ANA, NOW, key_id=None)

    assert sessions.find(name, NOW) is None


def test_a_session_ends_when_it_is_not_used(sessions: Sessions) -> None:
    name = sessions.open(ANA, NOW, key_id=None).name
    for minutes in (29, 58, 87):
        assert sessions.find(name, NOW + timedelta(minutes=minutes)) is not None

    assert sessions.find(name, NOW + timedelta(minutes=118)) is None


def test_a_session_ends_after_twelve_hours_however_it_is_used(sessions: Sessions) -> None:
    name, moment = sessions.open(ANA, NOW, key_id=None).name, NOW
    while moment < NOW + timedelta(hours=11, minutes=45):
        moment += timedelta(minutes=15)
        assert sessions.find(name, moment) is not None

    assert sessions.find(name, NOW + timedelta(hours=12)) is None


def test_use_is_written_once_a_minute(sessions: Sessions) -> None:
    opened = sessions.open(ANA, NOW, key_id=None)
    sessions.find(opened.name, NOW + timedelta(seconds=59))
    (soon,) = sessions.all_open(NOW)
    sessions.find(opened.name, NOW + timedelta(seconds=60))
    (later,) = sessions.all_open(NOW)

    assert soon.seen == NOW
    assert later.seen == NOW + timedelta(seconds=60)


def test_signing_in_again_gives_a_fresh_name_and_ends_the_one_before(sessions: Sessions) -> None:
    first = sessions.open(ANA, NOW, key_id=None)
    second = sessions.open(ANA, NOW, key_id=None, before=first.name)

    assert sessions.find(first.name, NOW) is None
    assert sessions.find(second.name, NOW) is not None


def test_proving_oneself_again_gives_a_fresh_name_and_no_longer_stay(sessions: Sessions) -> None:
    opened = sessions.open(ANA, NOW, key_id=None)
    later = NOW + timedelta(minutes=20)
    renewed = sessions.renew(opened.session, later)

    assert sessions.find(opened.name, later) is None
    assert renewed.session.id == opened.session.id
    assert renewed.session.principal.expires == opened.session.principal.expires
    assert renewed.session.is_recent(later + timedelta(minutes=5), 300)
    assert not opened.session.is_recent(later, 300)


def test_a_session_that_has_ended_is_not_renewed(sessions: Sessions) -> None:
    session = sessions.open(ANA, NOW, key_id=None).session
    sessions.end(session.id, NOW)

    with pytest.raises(NotFoundError):
        sessions.renew(session, NOW)
    with pytest.raises(NotFoundError):
        sessions.end(session.id, NOW)
    assert sessions.all_open(NOW) == ()


def test_a_session_ends_with_the_key_that_opened_it(sessions: Sessions, path: Path) -> None:
    accounts = Accounts(path)
    revoked = accounts.create("ana", expires=FAR_DAY)
    names = [
        sessions.open(accounts.authenticate(key.text, NOW), NOW, key_id=key.id).name
        for key in (revoked, accounts.create("ana", expires=FAR_DAY))
    ]
    accounts.revoke(revoked.id)

    assert sessions.find(names[0], NOW) is None
    assert sessions.find(names[1], NOW) is not None


def test_a_user_has_eight_sessions_at_most(sessions: Sessions) -> None:
    names = [
        sessions.open(ANA, NOW + timedelta(seconds=number), key_id=None).name
        for number in range(10)
    ]
    found = [sessions.find(name, NOW + timedelta(seconds=10)) is not None for name in names]

    assert found == [False, False, *[True] * 8]


@pytest.mark.parametrize("steward_first", [True, False])
def test_a_duty_does_not_end_by_signing_out(
    sessions: Sessions, path: Path, *, steward_first: bool
) -> None:
    one, other = ANA, replace(ANA, role=AccountRole.RESEARCHER, projects=frozenset({"skin"}))
    if not steward_first:
        one, other = other, one
    sessions.end(sessions.open(one, NOW, key_id=None).session.id, NOW)
    soon, later = NOW + timedelta(days=29), NOW + timedelta(days=31)

    with pytest.raises(ForbiddenError) as caught:
        sessions.open(other, soon, key_id=None)
    assert caught.value.code == "AUTH-DUTIES"
    assert sessions.all_open(soon) == ()
    assert Accounts(path).oversees("ana", soon) is steward_first
    sessions.open(replace(one, role=AccountRole.AUDITOR), soon, key_id=None)
    sessions.open(replace(other, user="ben"), soon, key_id=None)
    assert sessions.open(other, later, key_id=None).session.principal.role is other.role


def test_a_state_is_used_up_once(sessions: Sessions) -> None:
    until = NOW + timedelta(hours=12)

    assert sessions.spend("a", NOW, until)
    assert not sessions.spend("a", NOW, until)
    assert sessions.spend("b", NOW, until)


def test_what_a_form_carries_is_the_sessions_own() -> None:
    name, other = "a" * 64, "b" * 64

    assert is_form_token(name, form_token(name))
    assert not is_form_token(name, form_token(other))
    assert not is_form_token(name, "")
    assert not is_form_token(name, "é\ud800")
    assert name not in form_token(name)
