"""The pictures of the pages are there, are shown, and are small."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURES = DOCS / "screenshots"
MAX_BYTES = 150_000


def shown(page: Path) -> set[Path]:
    images = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    return {(page.parent / image).resolve() for image in images}


def test_every_picture_that_is_shown_is_there() -> None:
    images = shown(DOCS / "pages.md") | shown(DOCS.parent / "README.md")

    assert len(images) >= 7
    assert [image for image in images if not image.is_file()] == []


def test_pictures_are_png_and_small() -> None:
    pictures = list(PICTURES.iterdir())

    assert len(pictures) >= 12
    for picture in pictures:
        raw = picture.read_bytes()
        assert raw[:8] == b"\x89PNG\r\n\x1a\n"
        assert len(raw) <= MAX_BYTES, picture.name


def test_the_page_names_commands_that_exist() -> None:
    for module in re.findall(r"python -m ([\w.]+)", (DOCS / "pages.md").read_text("utf-8")):
        assert (DOCS.parent / Path(*module.split("."))).with_suffix(".py").is_file(), module
