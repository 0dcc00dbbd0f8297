from __future__ import annotations

import gzip
import hashlib
import json
import re
from importlib import resources

import pytest

from gateway.pages.assets import load_assets
from tests.gateway.pages.signed_in import Browser

BUILT = resources.files("gateway.pages") / "static" / "built"
MAX_BYTES = 300_000
"""Of all that one page loads, packed."""


@pytest.mark.parametrize("asset", load_assets().values(), ids=lambda asset: asset.name)
def test_an_asset_is_served_under_its_digest_to_anybody_for_ever(
    nobody: Browser, asset: object
) -> None:
    found = load_assets()[asset.name]  # type: ignore[attr-defined]  # an asset
    plain = nobody.http.get(found.url)
    packed = nobody.http.get(found.url, headers={"Accept-Encoding": "gzip, br"})

    assert hashlib.sha256(plain.data).hexdigest().startswith(found.url.split("/")[2])
    assert gzip.decompress(packed.data) == plain.data == found.body
    assert (packed.headers["Content-Encoding"], "Content-Encoding" in plain.headers) == (
        "gzip",
        False,
    )
    for reply in (plain, packed):
        assert reply.status_code == 200
        assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert reply.headers["Vary"] == "Accept-Encoding"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.content_type == found.kind
        assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize(
    "path",
    [
        "style.css",
        "000000000000/style.css",
        "../site.py",
        "x/../../site.py",
        "",
        "built/BUILT.json",
    ],
)
def test_nothing_else_is_served(nobody: Browser, path: str) -> None:
    reply = nobody.http.get(f"/assets/{path}")

    assert reply.status_code in {401, 404}
    assert "max-age" not in reply.headers["Cache-Control"]


def test_all_assets_together_are_small() -> None:
    assert 0 < sum(len(asset.packed) for asset in load_assets().values()) <= MAX_BYTES


def test_the_same_files_are_always_packed_alike() -> None:
    assert {one.packed for one in load_assets().values()} == {
        one.packed for one in load_assets.__wrapped__().values()
    }


def test_every_script_that_was_built_is_the_one_that_was_written_down() -> None:
    built = json.loads((BUILT / "BUILT.json").read_text("utf-8"))
    scripts = {one.name for one in BUILT.iterdir() if one.name.endswith(".js")}

    assert set(built["files"]) == scripts
    for name, digest in built["files"].items():
        assert hashlib.sha256((BUILT / name).read_bytes()).hexdigest() == digest


def test_every_package_in_them_has_its_licence_beside_them() -> None:
    built = json.loads((BUILT / "BUILT.json").read_text("utf-8"))
    parts = (BUILT / "LICENSES.txt").read_text("utf-8").split("\n---\n\n")
    heads = [part.partition("\n")[0] for part in parts]

    assert len(heads) >= 15
    assert heads == [
        f"{one['name']} {one['version']} ({one['license']})" for one in built["packages"]
    ]
    assert {one["license"] for one in built["packages"]} <= {"MIT", "0BSD", "ISC", "BSD-3-Clause"}
    assert all(
        re.search(r"permi(t|ssion)|AS IS", part.partition("\n")[2], re.IGNORECASE) for part in parts
    )


def test_what_is_built_is_pinned_where_it_is_built_from() -> None:
    folder = resources.files("gateway.pages") / "ui"
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["devDependencies"]
    locked = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    built = json.loads((BUILT / "BUILT.json").read_text("utf-8"))["packages"]

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    for one in built:
        assert locked[f"node_modules/{one['name']}"]["version"] == one["version"]


def test_scripts_were_built_from_the_sources_that_are_here() -> None:
    known = json.loads((BUILT / "BUILT.json").read_text(encoding="utf-8"))["sources"]
    ui = resources.files("gateway.pages") / "ui"
    if not ui.is_dir():
        pytest.skip("the sources of the scripts are in the repository only")

    assert set(known) == {one.name for one in ui.iterdir() if one.is_file()}
    for name, digest in known.items():
        assert hashlib.sha256((ui / name).read_bytes()).hexdigest() == digest, (
            f"{name} changed: run 'npm ci && npm run build' in gateway/pages/ui"
        )
