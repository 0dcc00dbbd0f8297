"""A deployment that asks for approvals, with people who give them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from gateway.clock import SystemClock
from gateway.governing.activation import APPROVALS, activate, statement_of
from gateway.governing.activation import Activation as Activated
from gateway.governing.signing_keys import create_key, open_key
from gateway.keyring import KeyRing
from gateway.ledger.sqlite import SqliteLedger
from gateway.opening import open_ledger
from gateway.settings import Settings, load_settings
from policies.documents import Tree, parse_document
from policies.load import load_policies
from policies.signatures import signed

REQUIRED = """\
apiVersion: gateway.policy/v1
kind: ApprovalPolicy
spec:
  approvals: required
  author: ada
"""
PEOPLE = {
    "ada": ["data_steward"],
    "bea": ["data_steward"],
    "cid": ["privacy_officer"],
    "dan": ["auditor"],
}
FILE = "projects/example.yaml"
LITTLE, MUCH = 'epsilon: "2"', 'epsilon: "3"'
"""A budget of that file, and a larger one."""
VERSION = re.compile(r"\bversion: (\d+)")
DAYS = (date(2020, 1, 1), date(2999, 1, 1))


def content(text: str) -> Tree:
    """Return what a declaration says, apart from its version."""
    return parse_document(VERSION.sub("version: 0", text, count=1).encode(), "declaration").tree


@dataclass(frozen=True, slots=True)
class Office:
    """A site, and the private keys of everybody."""

    site: Path
    drawer: Path

    @classmethod
    def of(cls, site: Path) -> Office:
        """Ask for approvals in a new deployment, and give everybody a key."""
        office = cls(site, site.parent / "drawer")
        office.drawer.mkdir()
        (site / "policies" / "approvals.yaml").write_text(REQUIRED)
        for person, roles in PEOPLE.items():
            create_key(site / "policies", office.key(person), person, roles, DAYS)
        return office

    @classmethod
    def opened(cls, site: Path) -> Office:
        """Ask for approvals in a new deployment, approve what it declares, and activate it."""
        office = cls.of(site)
        office.sign("bea", "cid")
        office.activate()
        return office

    @property
    def settings(self) -> Settings:
        return load_settings(self.site)

    def key(self, person: str) -> Path:
        return self.drawer / f"{person}.pem"

    def edit(self, old: str, new: str, file: str = FILE) -> None:
        """Change one place of a declaration; its version follows on the one in force."""
        path = self.site / "policies" / file
        text = path.read_text()
        assert text.count(old) == 1
        text = text.replace(old, new)
        active = self.settings.activated / self.in_force().removeprefix("sha256:") / file
        if active.is_file() and VERSION.search(text):
            was = VERSION.search(active.read_text())
            assert was is not None
            changed = content(text) != content(active.read_text())
            text = VERSION.sub(f"version: {int(was[1]) + changed}", text, count=1)
        path.write_text(text)

    def sign(self, *people: str, replaces: str | None = None) -> None:
        """Approve what the folder holds."""
        policies = self.settings.policies
        digest = load_policies(policies).digest
        statement = statement_of(digest, self.state() if replaces is None else replaces)
        (policies / APPROVALS).mkdir(exist_ok=True)
        for person in people:
            envelope = signed(statement, open_key(self.key(person)), datetime.now(UTC))
            name = f"{digest.removeprefix('sha256:')}.{person}.dsse.json"
            (policies / APPROVALS / name).write_bytes(envelope.to_bytes())

    def state(self) -> str:
        ledger = self.ledger()
        try:
            return ledger.standing().state
        finally:
            ledger.close()

    def in_force(self) -> str:
        ledger = self.ledger()
        try:
            return ledger.standing().policy
        finally:
            ledger.close()

    def last_turn(self, subject: str) -> int:
        ledger = self.ledger()
        try:
            return ledger.last_turn(subject)
        finally:
            ledger.close()

    def activate(self) -> Activated:
        ledger = self.ledger()
        try:
            return activate(self.settings, ledger, datetime.now(UTC))
        finally:
            ledger.close()

    def ledger(self) -> SqliteLedger:
        return open_ledger(self.settings, KeyRing.open(self.settings.keys), SystemClock())
