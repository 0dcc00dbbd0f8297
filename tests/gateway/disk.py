"""What is brought to the disk, and in which order it gets its names."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

_RANDOM = re.compile(r"\.[0-9a-f]{8}(?=\.|$)")


def watch_disk(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with each sync and renaming from here on, by names alone."""
    steps: list[str] = []
    sync, rename = os.fsync, Path.rename

    def noted_sync(descriptor: int) -> None:
        steps.append(f"sync {_name(Path(f'/proc/self/fd/{descriptor}').readlink())}")
        sync(descriptor)

    def noted_rename(self: Path, target: Path) -> Path:
        steps.append(f"rename {_name(self)} to {_name(target)}")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    return steps


def _name(path: Path) -> str:
    return _RANDOM.sub("", path.name)
