"""The files of docs/deploy are taken by the programs that they are for."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.cli.program import COMMANDS, program

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(made.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "privkey.pem").write_bytes(pem)
    return folder / "fullchain.pem", folder / "privkey.pem"


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed")
    certificate(tmp_path)
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    text = text.replace("/etc/ssl/gateway", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    done = subprocess.run(
        [nginx, "-t", "-e", tmp_path / "errors", "-c", whole],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


def test_nginx_asks_nothing_twice_and_logs_no_question() -> None:
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    (logged,) = re.findall(r"log_format gateway '(.*)';", text)

    assert "proxy_next_upstream off" in text
    assert "TLSv1.1" not in text
    assert not re.search(r"\$(request_uri|request|args|http_|query_string)\b", logged)


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    program_here = tmp_path / "gateway"
    program_here.write_text("#!/bin/sh\n")
    program_here.chmod(0o755)
    unit = tmp_path / "clinical-gateway.service"
    text = (DEPLOY / "clinical-gateway.service").read_text("utf-8")
    text = text.replace("/opt/clinical-gateway/bin/gateway", str(program_here))
    unit.write_text(re.sub(r"(?m)^(User|Group)=.*$", r"\1=daemon", text))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "Failed to" in done.stderr and "clinical-gateway.service:" not in done.stderr:
        pytest.skip("systemd cannot analyze here")

    assert "clinical-gateway.service:" not in done.stderr, done.stderr


def test_the_image_has_no_root_and_no_tools() -> None:
    stages = (DEPLOY / "Containerfile").read_text("utf-8").split("\nFROM ")
    final = stages[-1]
    copied = re.findall(r"(?m)^COPY (\w+) \w+$", stages[1])

    assert len(stages) == 3
    assert re.search(r"^USER 10001$", final, re.MULTILINE)
    assert "apt-get" not in "".join(stages)
    assert "pip uninstall" in final
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert set(copied) == set(built["targets"]["wheel"]["packages"])


def test_every_command_of_the_page_exists() -> None:
    fenced = re.findall(r"```sh\n(.*?)```", OPERATIONS, re.DOTALL)
    code = "\n".join([*fenced, *re.findall(r"`(gateway [^`\n]+)`", OPERATIONS)])
    found = set(re.findall(r"(?m)^gateway ([a-z-]+)(?: ([a-z-]+))?", code))

    assert len(found) > 12
    assert {name for name, _ in found} <= COMMANDS.keys()
    for name, part in found:
        assert isinstance(program, click.Group)
        command = program.get_command(click.Context(program), name)
        parts = getattr(command, "commands", None)
        assert parts is None or part in parts, (name, part)


def test_the_page_names_every_file_of_the_folder() -> None:
    names = {path.name for path in DEPLOY.iterdir()}

    assert names == {"nginx.conf", "clinical-gateway.service", "Containerfile"}
    assert all(f"deploy/{name}" in OPERATIONS for name in names)
