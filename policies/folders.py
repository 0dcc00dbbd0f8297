"""The folder that holds the declarations: what is read from it, and the digest of all that was."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from policies.documents import MAX_BYTES
from policies.errors import DeclarationError

__all__ = ["APPROVALS_FILE", "GATEWAY_FILE", "MAX_LIST_BYTES", "ROOT_FILES", "PolicyFolder"]

MAX_LIST_BYTES: Final = 4 * 1024 * 1024
"""Largest CSV list that is read, in bytes."""
GATEWAY_FILE: Final = "gateway.yaml"
APPROVALS_FILE: Final = "approvals.yaml"
ROOT_FILES: Final = frozenset({GATEWAY_FILE, APPROVALS_FILE})
"""The declarations that lie in the folder itself."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFolder:
    """Reads files of one folder, each once, and remembers their digests.

    Attributes:
        root: The folder with ``gateway.yaml``, ``datasets/``, ``projects/`` and ``refdata/``.
    """

    root: Path
    _contents: dict[str, bytes] = field(default_factory=dict)

    def files(self, folder: str, suffix: str) -> tuple[str, ...]:
        """Return the files of a sub-folder, as sorted paths relative to the root.

        Raises:
            DeclarationError: If a file would be passed over for its name, or is named oddly.
        """
        found: list[str] = []
        try:
            names = sorted(path.name for path in (self.root / folder).iterdir())
        except FileNotFoundError:
            return ()
        except OSError:
            raise self._error(folder, "FILE-UNREADABLE", "the folder cannot be read") from None
        for name in names:
            if name.startswith(".") or name.endswith(".md"):
                continue
            path = f"{folder}/{name}"
            if not name.endswith(suffix) or not _NAME.fullmatch(name):
                raise self._error(
                    path,
                    "FILE-NAME",
                    f"the file would not be read as a declaration: its name does not end in "
                    f"{suffix} or has odd characters",
                    remedy="rename it, or move it elsewhere",
                )
            found.append(path)
        return tuple(found)

    def gateway(self) -> tuple[str, ...]:
        """Return ``gateway.yaml`` if the folder has one.

        Raises:
            DeclarationError: If another YAML file lies beside it, which would be passed over.
        """
        try:
            names = sorted(path.name for path in self.root.iterdir())
        except OSError:
            raise self._error("", "FILE-UNREADABLE", "the folder cannot be read") from None
        for name in names:
            if name.endswith((".yaml", ".yml")) and name not in ROOT_FILES and name[0] != ".":
                raise self._error(
                    name,
                    "FILE-NAME",
                    f"only {GATEWAY_FILE} is read here, and this file would be passed over",
                    remedy=f"move it to datasets/ or projects/, or name it {GATEWAY_FILE}",
                )
        return (GATEWAY_FILE,) if GATEWAY_FILE in names else ()

    def read(self, path: str) -> bytes:
        """Return a file's bytes.

        Args:
            path: Relative to the root, with forward slashes.

        Raises:
            DeclarationError: If it is not a readable file inside the folder, or is too large.
        """
        if path not in self._contents:
            self._contents[path] = self._read(path)
        return self._contents[path]

    def digest(self) -> str:
        """Return ``sha256:`` and 64 hex digits over all files that were read.

        It is the SHA-256 of what ``sha256sum`` prints for these files, named relative to the
        root and sorted by name as bytes: so anybody can compute it without this program.
        """
        lines = (
            f"{hashlib.sha256(self._contents[path]).hexdigest()}  {path}\n"
            for path in sorted(self._contents, key=str.encode)
        )
        return "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest()

    def contents(self) -> Mapping[str, bytes]:
        """Return the bytes of all files that were read, by path."""
        return MappingProxyType(dict(self._contents))

    def shown(self, path: str) -> str:
        """Return how messages name a file."""
        return str(self.root / path)

    def _read(self, path: str) -> bytes:
        place = self.root / path
        limit = MAX_LIST_BYTES if path.endswith(".csv") else MAX_BYTES
        try:
            if not place.resolve().is_relative_to(self.root.resolve()):
                raise self._error(
                    path,
                    "FILE-OUTSIDE",
                    "the file is outside the folder of the policies",
                    remedy="copy it into the folder",
                )
            with place.open("rb") as stream:
                content = stream.read(limit + 1)
        except FileNotFoundError:
            raise self._error(path, "FILE-MISSING", "there is no such file") from None
        except (OSError, RuntimeError, ValueError):  # no permission, a loop of links, an odd name
            raise self._error(path, "FILE-UNREADABLE", "the file cannot be read") from None
        if len(content) > limit:
            raise self._error(
                path,
                "YAML-SIZE" if limit == MAX_BYTES else "REF-SIZE",
                f"the file has more than {limit} bytes",
                remedy="split it, or move long lists to CSV files",
            )
        return content

    def _error(self, path: str, code: str, message: str, remedy: str = "") -> DeclarationError:
        return DeclarationError(
            message,
            code=code,
            remedy=remedy or "check the name and who may read it",
            file=self.shown(path),
        )
