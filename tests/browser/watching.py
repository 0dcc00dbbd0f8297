"""What must not happen while a page is looked at, and what a page weighs."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

__all__ = ["Watch"]

_LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""


@dataclass
class Watch:
    """Watches all pages of a context.

    Attributes:
        errors: Of scripts and of the console.
        carried: Bytes of all that came, heads and bodies, as they were sent.
    """

    errors: list[str] = field(default_factory=list)
    carried: int = 0

    @classmethod
    def over(cls, context: BrowserContext) -> Watch:
        """Start watching, before the first page is opened."""
        watch = cls()
        context.add_init_script(_LISTEN)
        context.on("console", watch._said)
        context.on("weberror", lambda one: watch.errors.append(str(one.error)))
        context.on("requestfailed", watch._failed)
        return watch

    def weigh(self, page: Page) -> None:
        """Count what a page loads from here on, as if nothing had been kept."""
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.loadingFinished", self._came)

    def check(self, page: Page) -> None:
        """Fail if anything happened that must not."""
        violations = page.evaluate("window.violations")

        assert violations == [], violations
        assert self.errors == [], self.errors

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(f"{message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a price that is no longer wanted
            self.errors.append(f"not loaded: {request.url}")

    def _came(self, told: dict[str, int]) -> None:
        self.carried += int(told["encodedDataLength"])
