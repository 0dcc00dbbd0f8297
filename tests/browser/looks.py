"""How a page looks in both themes, on a desk and on a telephone."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

__all__ = ["faults", "overflowing", "serious"]

_WIDTHS = (1280, 390)


def faults(page: Page) -> dict[str, object]:
    """Return what is wrong with an open page, by how one looks at it; empty where nothing is."""
    found: dict[str, object] = {}
    for width in _WIDTHS:
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=theme)
            look = f"{width} {theme}"
            found |= {f"{look}: {one}": what for one, what in serious(page).items()}
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[f"{look}: too wide"] = overflowing(page)
    return found


def serious(page: Page) -> dict[str, object]:
    """Return what axe finds that is serious or critical, and where."""
    seen = Axe().run(page).response["violations"]
    return {
        one["id"]: [(node["html"][:160], node["failureSummary"][:300]) for node in one["nodes"]][:4]
        for one in seen
        if one["impact"] in {"serious", "critical"}
    }


def overflowing(page: Page) -> object:
    """Return what stands beyond the right edge."""
    return page.evaluate(
        "[...document.querySelectorAll('body *')].filter((one) =>"
        " one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll, pre'))"
        ".slice(0, 5).map((one) => one.outerHTML.slice(0, 120))"
    )
