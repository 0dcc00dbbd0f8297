"""Finds the browser of this machine; none is ever downloaded by Playwright."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["ARGUMENTS", "chromium_path"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Where memory is short the system kills the network's own process first; with it go the
    # session's cookies, and a test sees a person who was signed out.
    "--enable-features=NetworkServiceInProcess2",
)


def chromium_path() -> str | None:
    """Return where Chromium is; None where there is none and none may be installed.

    ``GATEWAY_CHROMIUM`` names another one. Where all tests have to run (``CI``), and this is a
    machine of our own, Debian's is installed once.
    """
    named = os.environ.get("GATEWAY_CHROMIUM")
    if named:
        return named
    found = _found()
    if found or not (os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get")):
        return found
    lock = Path(tempfile.gettempdir()) / "gateway-chromium.lock"
    with lock.open("w") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)  # of all processes that test, one installs
        if not _found():
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            for command in (["update", "-qq"], ["install", "-qq", "-y", "chromium"]):
                subprocess.run(
                    ["apt-get", *command], env=environment, capture_output=True, check=False
                )
    return _found()


def _found() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)
