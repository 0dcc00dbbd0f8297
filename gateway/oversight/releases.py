"""The risk of a release, as it was counted when its records were made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, cast, get_args, get_origin, get_type_hints, is_typeddict

from anonymizers.tables.report import KIND, Document
from gateway.errors import OperatorError
from gateway.releases.folder import MANIFEST, REVIEW, ReleaseFolder
from gateway.releases.manifest import Manifest, read_manifest
from gateway.releases.states import ReleaseState
from gateway.releases.together import Together, read_together
from gateway.settings import Settings

__all__ = ["ReleaseRisk", "release_risk"]

_REPORT: Final = "report.json"
_SIZES: Final = re.compile(r"[0-9]{1,9}(-[0-9]{1,9}|\+)?")
_CRITERIA: Final = frozenset({"k", "l", "t", "suppression", "threshold"})
"""Those that a page names."""


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
    except (OSError, ValueError, RecursionError):
        return None
    return cast("Document", found) if _fits(found, Document) and _is_whole(found) else None


def _is_whole(report: Document) -> bool:
    """Say whether both tables were counted alike, so that they stand side by side."""
    old, new = report["before"], report["after"]
    sizes = [[one["sizes"] for one in state["class_sizes"]] for state in (old, new)]
    attackers = [[one["attacker"] for one in state["attackers"]] for state in (old, new)]
    return (
        report["kind"] == KIND
        and sizes[0] == sizes[1]
        and all(_SIZES.fullmatch(one) for one in sizes[0])
        and attackers[0] == attackers[1]
        and report["criteria"].keys() >= _CRITERIA
    )


def _fits(value: object, form: Any) -> bool:  # noqa: ANN401  any type of a field
    """Say whether a JSON value is of the form that a field declares."""
    if is_typeddict(form):
        fields = get_type_hints(form).items()
        return isinstance(value, dict) and all(
            name in value and _fits(value[name], one) for name, one in fields
        )
    parts = get_args(form)
    if get_origin(form) is list:
        return isinstance(value, list) and all(_fits(one, parts[0]) for one in value)
    if get_origin(form) is dict:
        return isinstance(value, dict) and all(_fits(one, parts[1]) for one in value.values())
    if parts:
        return any(_fits(value, one) for one in parts)
    if form is float:
        return type(value) in {int, float} and isfinite(cast("float", value))
    return type(value) is form
