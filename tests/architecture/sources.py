"""The project's own source files, as text and as syntax trees."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("policies", "anonymizers", "query", "gateway")


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """Return all Python files below the given top-level folders, sorted."""
    return tuple(sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def versioned() -> tuple[Path, ...]:
    """Return all files that git tracks or would track, relative to the root.

    Where git cannot say (an unpacked archive), all files that do not look generated.
    """
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode == 0:
        names = [Path(name) for name in done.stdout.decode().split("\0") if name]
        return tuple(sorted(name for name in names if (ROOT / name).is_file()))
    generated = {".venv", "__pycache__", "build", "dist"}
    return tuple(
        sorted(
            path.relative_to(ROOT)
            for path in ROOT.rglob("*")
            if path.is_file()
            and not generated & set(path.parts)
            and not any(part.endswith(("_cache", ".egg-info")) for part in path.parts)
        )
    )


def named(path: Path) -> str:
    """Return a file's name relative to the root."""
    return path.relative_to(ROOT).as_posix()
