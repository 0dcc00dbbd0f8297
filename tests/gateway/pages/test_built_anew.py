"""The editor's script, built anew from its sources and compared byte for byte.

Nobody needs node to use or to test the gateway, so without it, or where the package registry cannot
be reached, this is skipped, in CI too; that sources and scripts belong together is compared by
digest in ``test_assets.py`` wherever tests are run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest

PAGES = Path(str(resources.files("gateway.pages")))
_OFFLINE = re.compile(
    r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|E?TIMEDOUT"
    r"|ERR_SOCKET_TIMEOUT|E40[137]|E5\d\d)\b"
)
"""What npm says where the registry cannot be reached; a wrong digest (EINTEGRITY) is none of it."""


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the pages' sources, with the packages that the lock file names."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("there is no node here; only who changes the editor needs it")
    root = tmp_path_factory.mktemp("pages")
    ui = root / "ui"
    shutil.copytree(PAGES / "ui", ui, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(PAGES / "static" / "built", root / "static" / "built")
    fetched = npm(ui, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0")
    if fetched.returncode and _OFFLINE.search(fetched.stderr):
        pytest.skip("the registry of npm cannot be reached")
    assert fetched.returncode == 0, fetched.stderr
    return ui


def npm(ui: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"npm_config_cache": str(ui.parent / "cache")}
    return subprocess.run(
        ["npm", *arguments],
        cwd=ui,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_what_pages_load_is_what_is_built_from_its_sources(ui: Path) -> None:
    checked = npm(ui, "run", "check")

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", ["editor.js", "htmx.js", "LICENSES.txt"])
def test_one_byte_more_is_noticed(ui: Path, name: str) -> None:
    file = ui.parent / "static" / "built" / name
    before = file.read_bytes()
    file.write_bytes(before + b"\n")
    checked = npm(ui, "run", "check")
    file.write_bytes(before)

    assert checked.returncode != 0
    assert f"{name} is not what is built" in checked.stderr
