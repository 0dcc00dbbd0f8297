"""One browser and one demo for all tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, chromium_path
from tests.browser.demo_site import ANSWERS, Site, ask, serving_again, serving_demo
from tests.browser.watching import Watch
from tests.limits import PATIENCE

# Other tests of the same run use the processors, too; what never comes is still red, only later.
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        missing = "there is no Chromium here; install it, or name one in GATEWAY_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        opened.on("context", lambda context: context.set_default_timeout(PATIENCE * 1000))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def made(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Where a demo lies, and how it was when it was new."""
    del browser  # without one there is nothing to serve
    folder = tmp_path_factory.mktemp("demo")
    with serving_demo(folder / "kept"):
        pass
    shutil.copytree(folder / "kept", folder / "new")
    return folder / "kept", folder / "new"


@pytest.fixture(scope="module")
def site(made: tuple[Path, Path]) -> Iterator[Site]:
    """The demo, as new for each module: what one asks is free for the next, and sessions are few.

    It lies where it was made, since its settings name the place.
    """
    kept, new = made
    shutil.rmtree(kept)
    shutil.copytree(new, kept)
    with serving_again(kept) as served:
        yield served


@pytest.fixture(scope="module")
def answers(browser: Browser, site: Site) -> dict[str, str]:
    """From the kind of chart to the address of an answer that has it."""
    context = site.context(browser, "researcher", script=False)
    page = context.new_page()
    found = {chart: ask(page, sql) for chart, sql in ANSWERS.items()}
    context.close()
    return found


@pytest.fixture(scope="module")
def people(browser: Browser, site: Site) -> dict[str, dict[str, object]]:
    """Cookies of the demo's people."""
    states: dict[str, dict[str, object]] = {}
    for role in ("researcher", "auditor", "steward"):
        context = site.context(browser, role)
        states[role] = dict(context.storage_state())
        context.close()
    return states


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["at a desk", "on a telephone"])
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a browser's context is opened with: both themes, and the two widths."""
    width, theme = request.param
    return {
        "viewport": {"width": width, "height": 800},
        "color_scheme": theme,
        "reduced_motion": "reduce",
    }


@pytest.fixture
def opened(
    browser: Browser,
    site: Site,
    people: dict[str, dict[str, object]],
    look: dict[str, Any],
) -> Iterator[Callable[[str], Page]]:
    """Opens a page for one of the demo's people; nothing may go wrong on it.

    It is the same session each time, since one may have only so many.
    """
    seen: list[tuple[Watch, Page]] = []

    def opening(role: str) -> Page:
        state: Any = people.get(role)
        context = browser.new_context(base_url=site.url, storage_state=state, **look)
        watch = Watch.over(context)
        seen.append((watch, context.new_page()))
        return seen[-1][1]

    yield opening
    for watch, page in seen:
        watch.check(page)
        page.context.close()
