"""The risk of a release, as it was counted when its records were made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, cast

from anonymizers.tables.report import KIND, Document
from gateway.errors import OperatorError
from gateway.releases.folder import MANIFEST, REVIEW, ReleaseFolder
from gateway.releases.manifest import Manifest, read_manifest
from gateway.releases.states import ReleaseState
from gateway.releases.together import Together, read_together
from gateway.settings import Settings

__all__ = ["ReleaseRisk", "release_risk"]

_REPORT: Final = "report.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRisk:
    """What is kept of a release.

    Attributes:
        state: What became of it.
        manifest: What was signed for; None where its file is gone or another.
        report: The exact figures before and after, for those who approve; None once it is
            destroyed.
        together: What it and earlier releases tell together; None where that is not kept.
    """

    state: ReleaseState
    manifest: Manifest | None
    report: Document | None
    together: Together | None


def release_risk(
    settings: Settings, states: Iterable[ReleaseState], release: str
) -> ReleaseRisk | None:
    """Return the risk of a release; None where none is called so.

    Args:
        settings: Of the deployment.
        states: All releases, as the log tells of them.
        release: The whole id.
    """
    state = next((one for one in states if one.request.release == release), None)
    if state is None:
        return None
    folder = ReleaseFolder(settings.releases, state.request.release)
    manifest = None
    with suppress(OperatorError):  # what lies there is not what was asked for
        manifest = read_manifest(folder.path / MANIFEST, state.request.manifest)[0]
    return ReleaseRisk(
        state=state,
        manifest=manifest,
        report=_report(folder),
        together=read_together(folder),
    )


def _report(folder: ReleaseFolder) -> Document | None:
    try:
        found = json.loads((folder.path / REVIEW / _REPORT).read_bytes())
    except (OSError, ValueError):
        return None
    is_known = isinstance(found, dict) and found.get("kind") == KIND
    return cast("Document", found) if is_known else None
