"""Serves a demo that was made before, as ``gateway demo --serve`` does at its end."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.demo.pages import Pages
from gateway.demo.people import make_people
from gateway.demo.site import DemoSite
from gateway.demo.story import _stay
from gateway.identity.accounts import Accounts


def main(root: Path) -> None:
    site = DemoSite(root=root, source=root / "source", folder=root / "gateway")
    accounts = Accounts(site.settings.accounts)
    _stay(site, make_people(accounts, expires=datetime.now(UTC) + timedelta(days=1)), Pages())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
