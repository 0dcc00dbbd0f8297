"""A deployment whose changes and stops somebody has to sign, served in this process."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from gateway.app import create_app
from gateway.deployment import Deployment
from gateway.identity.principals import AccountRole
from gateway.operations_log import operations_log
from tests.gateway.approving import LITTLE, MUCH, Office
from tests.gateway.conftest import FAR_DAY
from tests.gateway.deployments import PROJECT, make_empty
from tests.gateway.served import served

__all__ = ["OfficeSite", "serving_office"]


@dataclass(frozen=True)
class OfficeSite:
    """A served deployment.

    Attributes:
        office: Its declarations, and everybody's private keys.
        url: Where; without a path.
    """

    office: Office
    url: str
    _deployment: Deployment

    def sign_in(self, page: Page, role: AccountRole) -> None:
        """Sign somebody in with a fresh API key."""
        key = self._deployment.accounts.create("stella", expires=FAR_DAY, role=role)
        page.goto(f"{self.url}/auth/signin?next=/auth/session")
        page.fill("input[name=key]", key.text)
        page.click("button:has-text('Sign in')")
        page.wait_for_url("**/auth/session")

    def sign(self, page: Page, person: str) -> None:
        """Choose the file of somebody's key on a page that asks for a signature."""
        page.set_input_files("[data-key-file]", self.office.key(person))

    def change(self) -> None:
        """Declare something that is not in force yet."""
        self.office.edit(LITTLE, MUCH)

    def stop(self, page: Page) -> None:
        """Ask to stop the project; it is not stopped before somebody has signed."""
        page.goto(f"{self.url}/studio")
        page.select_option("select[name=subject]", f"project/{PROJECT}")
        page.click("button:has-text('Stop')")
        page.wait_for_selector("h1:has-text('Stop')")


@contextmanager
def serving_office(folder: Path) -> Iterator[OfficeSite]:
    """Serve a new one for a block."""
    office = Office.opened(make_empty(folder))
    with Deployment.open(office.site) as deployment:
        app = create_app(deployment, log=operations_log(io.StringIO()))
        with served(app) as url:
            yield OfficeSite(office, url, deployment)
