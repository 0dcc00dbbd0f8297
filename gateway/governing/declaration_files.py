"""The files of a folder of declarations: which there are, and what one may be named."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from gateway.errors import NotFoundError, RequestError

__all__ = ["check_name", "declared_files", "written_apart"]

_FOLDERS: Final = ("datasets", "projects", "tests", "refdata", "keys")
_MOST_CHARS: Final = 200
_ENDINGS: Final = frozenset({".yaml", ".csv"})


def declared_files(root: Path) -> Mapping[str, str]:
    """Return the texts of all declarations, by path relative to their folder, sorted."""
    paths = [
        *root.glob("*.yaml"),
        *(one for name in _FOLDERS for one in (root / name).rglob("*")),
    ]
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(paths)
        if path.is_file() and path.suffix in _ENDINGS
    }


@contextmanager
def written_apart(files: Mapping[str, str]) -> Iterator[Path]:
    """Write files into a folder that is gone after the block."""
    with tempfile.TemporaryDirectory(prefix="gateway-trial-") as temporary:
        root = Path(temporary)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        yield root


def check_name(name: str) -> None:
    """Refuse a name that no declaration can have.

    Raises:
        RequestError: If it has other letters than ASCII's: no header has room for them.
        NotFoundError: If it leads out of the folder, or is none that is read.
    """
    if not name.isascii():
        raise RequestError(
            "the name of the declaration has letters that are not ASCII",
            remedy="name its file in a to z, 0 to 9, '-', '_' and '.'",
        )
    path = PurePosixPath(name)
    parts = path.parts
    fits = len(parts) == 1 or (len(parts) == 2 and parts[0] in _FOLDERS)  # noqa: PLR2004  a folder and a file
    plain = all(part.replace("-", "").replace("_", "").replace(".", "").isalnum() for part in parts)
    named = name == path.as_posix() and len(name) <= _MOST_CHARS and path.suffix in _ENDINGS
    if not (fits and plain and named):
        raise NotFoundError("there is no such declaration", remedy="choose one of the list")
