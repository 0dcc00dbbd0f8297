"""When pages are first painted and what they weigh: ``python -m benchmarks.pages``.

Needs Chromium, like the browser tests. Each page is loaded by a browser that has kept nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.timing import median
from tests.browser.chromium import ARGUMENTS, chromium_path
from tests.browser.demo_site import ANSWERS, PROJECT, Site, ask, serving_demo
from tests.browser.watching import Watch

__all__ = ["main"]

_PAGES = {
    "start": ("", "/"),
    "register": ("", "/register"),
    "desk": ("researcher", PROJECT),
    "audit room": ("auditor", "/audit"),
    "entries": ("auditor", "/audit/entries"),
    "studio": ("steward", "/studio"),
}
_PAINTED = """new Promise((told) => new PerformanceObserver((list) =>
  told(list.getEntriesByName("first-contentful-paint")[0].startTime))
  .observe({ type: "paint", buffered: true }))"""


def main() -> None:
    """Print a line for each page: median of the first paint in ms, and bytes as they were sent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="loads of each page")
    parser.add_argument("--patients", type=int, default=150, help="size of the demo's hospital")
    options = parser.parse_args()
    path = chromium_path()
    if path is None:
        sys.exit("there is no Chromium here; install it, or name one in GATEWAY_CHROMIUM")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving_demo(Path(folder) / "kept", patients=options.patients) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        print(f"{'page':<12} {'first paint, ms':>16} {'bytes':>10}")
        for name, (role, address) in (_PAGES | _answers(browser, site)).items():
            loads = [_load(browser, site, role, address) for _ in range(options.runs)]
            painted = median([when for when, _ in loads])
            print(f"{name:<12} {painted:>16.0f} {max(size for _, size in loads):>10,}")
        browser.close()


def _answers(browser: Browser, site: Site) -> dict[str, tuple[str, str]]:
    context = site.context(browser, "researcher", script=False)
    page = context.new_page()
    found = {chart: ("researcher", ask(page, sql)) for chart, sql in ANSWERS.items()}
    context.close()
    return found


def _load(browser: Browser, site: Site, role: str, address: str) -> tuple[float, int]:
    context = site.context(browser, role)
    watch, page = Watch.over(context), context.new_page()
    watch.weigh(page)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    painted = float(page.evaluate(_PAINTED))
    context.close()
    return painted, watch.carried


if __name__ == "__main__":
    main()
