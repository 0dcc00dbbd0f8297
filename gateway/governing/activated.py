"""The sets of declarations that were put in force, each in a folder named by its digest.

What is served is read from here and not from the folder that stewards edit, so that a changed file
does nothing before it is activated. The log has the digest, so a changed copy is found out.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from gateway.audit.durable import make_folder, put_file, put_folder
from gateway.errors import OperatorError
from policies.active import PolicySet
from policies.errors import DeclarationError
from policies.load import load_policies

__all__ = ["ActivatedSets"]

_APPROVALS = "approvals"


class ActivatedSets:
    """Copies of all sets that were in force.

    Args:
        folder: Where they lie; made when the first one is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, digest: str) -> PolicySet:
        """Return a set that was put in force.

        Raises:
            OperatorError: If its copy is gone, or is not what was put in force.
        """
        path = self._path(digest)
        try:
            found = load_policies(path)
        except DeclarationError:
            found = None
        if found is None or found.digest != digest:
            raise OperatorError(
                "the copy of the declarations in force is gone, or is not what was put in force",
                code="SYS-POLICY-GONE",
                remedy="restore the folder from a backup; the audit log has its digest",
                file=str(path),
            )
        return found

    def find(self, digest: str) -> PolicySet | None:
        """Return a set that was put in force, or None if its copy is gone or damaged."""
        try:
            return self.load(digest)
        except OperatorError:
            return None

    def keep(self, policies: PolicySet, approvals: Iterable[bytes]) -> None:
        """Keep a copy of a set, durable before it returns; approvals are added to those there.

        Args:
            policies: The set.
            approvals: Signed envelopes, kept for those who verify.

        Raises:
            OSError: If it cannot be written.
        """
        path = self._path(policies.digest)
        files = _named((*self.approvals(policies.digest), *approvals))
        if self.find(policies.digest) is not None:
            _write(path, files)
            return
        draft = self._folder / f".{secrets.token_hex(8)}.partial"
        _write(draft, {**policies.files, **files})
        make_folder(draft / "datasets")
        if path.exists():  # a damaged copy: it is none
            shutil.rmtree(path)
        put_folder(draft, path)

    def keep_approvals(self, digest: str, envelopes: Iterable[bytes]) -> None:
        """Keep more envelopes beside a set, durable: of what is suspended or resumed under it."""
        _write(self._path(digest), _named(envelopes))

    def approvals(self, digest: str) -> tuple[bytes, ...]:
        """Return the envelopes that are kept beside a set."""
        folder = self._path(digest) / _APPROVALS
        return tuple(path.read_bytes() for path in sorted(folder.glob("*.dsse.json")))

    def _path(self, digest: str) -> Path:
        name = digest.removeprefix("sha256:")
        if not re.fullmatch(r"[0-9a-f]{64}", name):  # nothing else may become a path
            raise OperatorError("a digest of declarations has another form", code="SYS-POLICY-GONE")
        return self._folder / name


def _named(envelopes: Iterable[bytes]) -> Mapping[str, bytes]:
    """Name envelopes by their content, so that none takes the place of another."""
    return {
        f"{_APPROVALS}/{hashlib.sha256(one).hexdigest()[:32]}.dsse.json": one for one in envelopes
    }


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        make_folder(path.parent)
        put_file(path, content)
