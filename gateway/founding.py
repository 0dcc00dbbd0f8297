"""The folder of a new deployment: settings, keys, accounts and a starter policy."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from string import Template
from typing import Final

from gateway.errors import OperatorError
from gateway.identity.accounts import Accounts
from gateway.keyring import KeyRing
from gateway.settings import SETTINGS_FILE, load_settings
from gateway.settings_text import settings_text
from policies.kinds import SCHEMA_FILE, schema_text

__all__ = ["make_deployment"]

_EXAMPLES: Final = {
    "datasets/example.yaml": "dataset.yaml",
    "projects/example.yaml": "project.yaml",
    "gateway.yaml": "gateway.yaml",
}
_ALWAYS: Final = {"approvals.yaml": "approvals.yaml"}
"""From files of a new folder of declarations to those of the package that they are made from."""


def make_deployment(
    folder: Path, name: str, *, port: int, keys: Path, example: bool = True
) -> None:
    """Write settings, keys, accounts and the starter policy of a new deployment.

    Args:
        folder: Must not exist or be empty.
        name: Stable name of the deployment.
        port: TCP port of the service.
        keys: Where the key ring goes; must not exist or be empty.
        example: Whether there is a dataset and a project to change.

    Raises:
        OperatorError: If something is there already, the name cannot be used, or the disk refuses.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OperatorError(
            "this is not an empty folder",
            code="CFG-NOT-EMPTY",
            remedy="name a folder that does not exist; nothing is overwritten",
            file=str(folder),
        )
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", name):
        raise OperatorError(
            "the deployment's name has other characters than a-z, 0-9 and hyphens",
            code="CFG-NAME",
            remedy="give a name with --id, such as hospital-a",
        )
    KeyRing.create(keys)
    today = datetime.now(UTC).date()
    dates = {"today": str(today), "next_year": str(today + timedelta(days=365))}
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for part in ("policies/datasets", "policies/projects", "policies/refdata", "store"):
        (folder / part).mkdir(parents=True)
    starters = _EXAMPLES if example else {}
    for path, starter in (starters | _ALWAYS).items():
        text = resources.files("gateway.starter").joinpath(starter).read_text("utf-8")
        (folder / "policies" / path).write_text(Template(text).substitute(dates), encoding="utf-8")
    (folder / "policies" / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")
    settings = settings_text(name, port=port, keys=keys)
    (folder / SETTINGS_FILE).write_text(settings, encoding="utf-8")
    Accounts(load_settings(folder).accounts)
