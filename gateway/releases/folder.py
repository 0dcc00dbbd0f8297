"""Where releases lie until they are destroyed: one folder each, for the operator alone."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gateway.audit.durable import locked, make_folder, new_file, put_file, put_folder
from gateway.errors import OperatorError
from gateway.releases.manifest import Manifest, digest_of, read_manifest

__all__ = [
    "APPROVALS",
    "CHECKS",
    "CLASSES",
    "MANIFEST",
    "REVIEW",
    "ReleaseFolder",
    "drafting",
    "sweep_drafts",
    "write_folder",
    "write_private",
]

MANIFEST = "manifest.json"
APPROVALS = "approvals"
CHECKS = "checks"
REVIEW = "review"
CLASSES = "classes.parquet"
_DRAFT: Final = re.compile(r"\.[0-9a-f]{32}\.[0-9a-f]{8}")
_NOTE: Final = re.compile(r"\.out\.[0-9a-f]{16}")
_BESIDE: Final = re.compile(r"\..+\.[0-9a-f]{8}")
_LEAVES: Final = re.compile(r"manifest\.json|records\.(csv|parquet)")


class ReleaseFolder:
    """The folder of one release.

    ``records.csv`` or ``records.parquet`` and ``manifest.json`` leave. ``review/`` has the plan and
    the report with exact counts, for who approves; ``classes.parquet`` says which row is in which
    class, for the next release. ``approvals/`` has the signed envelopes. When a release is
    destroyed, the manifest and the envelopes stay, for who verifies.

    Args:
        root: Folder of all releases.
        release: Its id.
    """

    def __init__(self, root: Path, release: str) -> None:
        self.path = root / release

    def manifest(self, digest: str) -> Manifest:
        """Return the manifest that the log knows.

        Raises:
            OperatorError: ``REL-CHANGED`` if it, or a file that it names, is gone or another.
        """
        return self.leaving(digest)[0]

    def leaving(self, digest: str) -> tuple[Manifest, Mapping[str, bytes]]:
        """Return the manifest, and all that leaves by name, each as it was signed for.

        Raises:
            OperatorError: ``REL-CHANGED`` if anything is gone or another.
        """
        manifest, raw = read_manifest(self.path / MANIFEST, digest)
        files = {MANIFEST: raw}
        for one in manifest.files:
            files[one.name] = self.proved(one.name, one.sha256)
        return manifest, files

    def proved(self, name: str, digest: str) -> bytes:
        """Return a file that has a known digest.

        Raises:
            OperatorError: ``REL-CHANGED`` if it is gone or another.
        """
        path = self.path / name
        content = path.read_bytes() if path.exists() else b""
        if digest_of(content) != digest:
            raise OperatorError(
                "a file of the release is gone, or is not the one that was made",
                code="REL-CHANGED",
                remedy="destroy the release, and request it again",
                file=str(path),
            )
        return content

    def keep_approval(self, key: str, envelope: bytes) -> None:
        """Keep a signed approval, under the id of its key."""
        self._keep(APPROVALS, key, envelope)

    def approvals(self) -> tuple[bytes, ...]:
        """Return the signed approvals."""
        return self._envelopes(APPROVALS)

    def keep_check(self, key: str, envelope: bytes) -> None:
        """Keep the signed verdict of a person who read texts, under the id of their key."""
        self._keep(CHECKS, key, envelope)

    def checks(self) -> tuple[bytes, ...]:
        """Return the signed verdicts."""
        return self._envelopes(CHECKS)

    def _keep(self, kind: str, key: str, envelope: bytes) -> None:
        folder = self.path / kind
        make_folder(folder)
        put_file(folder / f"{key}.dsse.json", envelope)

    def _envelopes(self, kind: str) -> tuple[bytes, ...]:
        found = sorted((self.path / kind).glob("*.dsse.json"))
        return tuple(path.read_bytes() for path in found)

    def remove_records(self) -> None:
        """Remove all but the manifest and the envelopes; what is gone already stays so."""
        for path in self.path.glob("records.*"):
            path.unlink()
        (self.path / CLASSES).unlink(missing_ok=True)
        shutil.rmtree(self.path / REVIEW, ignore_errors=True)


@contextmanager
def write_folder(target: Path, notes: Path | None = None) -> Iterator[Path]:
    """Give a draft folder that takes its place at the end, whole, and is removed on any error.

    Args:
        target: Where it belongs; the draft lies beside it.
        notes: The folder of all releases, where the target is elsewhere: a note in it says where
            the draft is, for ``sweep_drafts``.

    Raises:
        OperatorError: ``REL-EXISTS`` if something is in its place.
    """
    if target.exists():
        raise OperatorError(
            "there is something in the place of the release",
            code="REL-EXISTS",
            remedy="name a folder that does not exist",
            file=str(target),
        )
    draft = target.absolute().with_name(f".{target.name}.{secrets.token_hex(4)}")
    note = None if notes is None else notes / f".out.{secrets.token_hex(8)}"
    try:
        if note is not None:
            write_private(note, os.fsencode(draft))
        make_folder(draft)
        yield draft
        put_folder(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if note is not None:
            note.unlink(missing_ok=True)


@contextmanager
def drafting(root: Path) -> Iterator[None]:
    """Say for a block that drafts of this process lie in the folder of all releases."""
    make_folder(root)
    with locked(root, shared=True):
        yield


def sweep_drafts(root: Path) -> None:
    """Remove what killed processes have left of releases that were never kept, or never given.

    Where another process has a draft, the next one does it. What took its place is kept: a draft
    that did is no longer there.
    """
    if not root.exists():
        return
    with suppress(BlockingIOError), locked(root, wait=False):
        for path in root.iterdir():
            if _DRAFT.fullmatch(path.name):
                shutil.rmtree(path, ignore_errors=True)
            elif _NOTE.fullmatch(path.name):
                _remove_export(Path(os.fsdecode(path.read_bytes())))
                path.unlink()


def _remove_export(draft: Path) -> None:
    """Remove a draft of an export; a note that names anything else removes nothing."""
    if not (draft.is_absolute() and _BESIDE.fullmatch(draft.name) and draft.is_dir()):
        return
    files = list(draft.iterdir())
    if all(_LEAVES.fullmatch(path.name) for path in files):
        for path in files:
            path.unlink()
        draft.rmdir()


def write_private(path: Path, content: bytes) -> None:
    """Write a new file for its owner alone, durable before this returns."""
    make_folder(path.parent)
    new_file(path, content)
