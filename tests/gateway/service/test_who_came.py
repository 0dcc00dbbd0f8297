from __future__ import annotations

import re
from pathlib import Path

from gateway.app import create_app
from gateway.audit.identity_events import AuthenticationFailed, LogRead, SessionEnded, SignedIn
from gateway.audit.verify import verify_log
from gateway.deployment import Deployment
from gateway.identity.principals import AccountRole
from gateway.keyring import KeyRing
from gateway.opening import checkpoint_path
from gateway.settings import load_settings
from tests.gateway.conftest import FAR_DAY

HERE = {"Origin": "http://localhost"}


def test_the_real_log_tells_who_came_and_still_verifies(site: Path) -> None:
    with Deployment.open(site) as deployment:
        http = create_app(deployment).test_client()
        keys = {
            role: deployment.accounts.create(role.value, expires=FAR_DAY, role=role)
            for role in (AccountRole.ADMINISTRATOR, AccountRole.AUDITOR)
        }
        http.get("/v1/me", headers={"Authorization": "Bearer gw_x"})
        browser = create_app(deployment).test_client()
        browser.post(
            "/auth/signin", data={"key": keys[AccountRole.ADMINISTRATOR].text}, headers=HERE
        )
        page = browser.get("/auth/sessions").text
        (token,) = set(re.findall(r'form_token" value="(\w+)"', page))
        (own,) = re.findall(r"/auth/sessions/(\w+)/end", page)
        browser.post(f"/auth/sessions/{own}/end", data={"form_token": token}, headers=HERE)
        bearer = {"Authorization": f"Bearer {keys[AccountRole.AUDITOR].text}"}
        size = int(deployment.checkpoint().splitlines()[1])
        read = http.get(f"/v1/log/tile/entries/000.p/{size}", headers=bearer)
        events = [deployment.entries(index)[0].event for index in range(size - 3, size + 1)]
    settings = load_settings(site)
    report = verify_log(
        settings.ledger,
        key=KeyRing.open(settings.keys).signer(settings.id).verifier,
        checkpoint=checkpoint_path(settings),
    )

    assert report.exit_code == 0
    assert read.status_code == 200
    assert events == [
        AuthenticationFailed(attempts=1),
        SignedIn(actor="administrator", role="administrator", method="key", session=own),
        SessionEnded(actor="administrator", session=own),
        LogRead(actor="auditor"),
    ]
