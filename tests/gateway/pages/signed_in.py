"""People with sessions: Flask's client as a browser, and a deployment whose log can be proved."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.audit.entries import Entry, Stamp, encode_entry
from gateway.audit.events import Event
from gateway.audit.proofs import InclusionProof
from gateway.audit.tlog import leaf_hash, root_hash
from gateway.identity.principals import AccountRole
from gateway.ports import Service
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import SIGNER
from tests.merkle import inclusion_proof

ORIGIN = "http://localhost"
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_LARGEST = 2**63 - 1
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class LoggedService(FakeService):
    """A deployment whose log is a real tree."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.kept_leaves: list[bytes] = []

    def write(self, event: Event, time: datetime = NOON) -> int:
        """Append an event; return the number of its entry."""
        seq = len(self.kept_leaves)
        text = f"{time:%Y-%m-%dT%H:%M:%S}.000000Z"
        stamp = Stamp(seq=seq, time=text, behind_ms=0, boot="0" * 32, mono=seq)
        self.log[seq] = (Entry(stamp, event),)
        self.kept_leaves.append(encode_entry(Entry(stamp, event)))
        return seq

    def leaves(self, start: int, end: int) -> tuple[bytes, ...]:
        if end > _LARGEST:
            raise OverflowError("SQLite has no such integer")
        return tuple(self.kept_leaves[start:end])

    def entries(self, index: int) -> tuple[Entry, ...]:
        if index > _LARGEST:
            raise OverflowError("SQLite has no such integer")
        return super().entries(index)

    def checkpoint(self) -> str:
        return SIGNER.sign(len(self.kept_leaves), root_hash(self._hashes()))

    def proof(self, index: int) -> str | None:
        if index >= len(self.kept_leaves):
            return None
        hashes = inclusion_proof(self._hashes(), index)
        return InclusionProof(index=index, hashes=hashes, checkpoint=self.checkpoint()).text()

    def _hashes(self) -> list[bytes]:
        return [leaf_hash(leaf) for leaf in self.kept_leaves]


class Browser:
    """One person's browser, without scripts.

    Args:
        http: Flask's client, with cookies of its own.
        service: The deployment.
    """

    def __init__(self, http: FlaskClient, service: Service) -> None:
        self.http = http
        self._service = service
        self._token = ""

    def sign_in(self, user: str, role: AccountRole = AccountRole.RESEARCHER) -> Browser:
        """Sign in with a fresh key."""
        key = self._service.accounts.create(user, expires=FAR_DAY, role=role)
        reply = self.http.post("/auth/signin", data={"key": key.text}, headers={"Origin": ORIGIN})
        assert reply.status_code == 303, reply.text
        return self

    def get(self, path: str) -> TestResponse:
        """Load a page; what its forms carry is kept."""
        reply = self.http.get(path)
        found = _TOKEN.search(reply.text) if reply.mimetype == "text/html" else None
        self._token = found[1] if found else self._token
        return reply

    def send(self, path: str, *, script: bool = False, **fields: str) -> TestResponse:
        """Send a form, as a browser does; with a script, as htmx does."""
        headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
        if script:
            headers["HX-Request"] = "true"
        return self.http.post(path, data={"form_token": self._token, **fields}, headers=headers)
