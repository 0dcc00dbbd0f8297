"""Style sheets and scripts: read once, served under their digest, kept by browsers for ever."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

from flask import Blueprint, Response, abort, request

__all__ = ["Asset", "assets", "load_assets"]

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file.

    Attributes:
        name: As templates call it, such as ``built/editor.js``.
        body: Its bytes.
        packed: The same, by gzip (RFC 1952).
        kind: Its media type.
    """

    name: str
    body: bytes
    packed: bytes
    kind: str

    @property
    def url(self) -> str:
        """Where it is served; other bytes have another address."""
        return f"/assets/{hashlib.sha256(self.body).hexdigest()[:_DIGITS]}/{self.name}"


@cache
def load_assets() -> Mapping[str, Asset]:
    """Return all files of the package's folder ``static`` that pages load, by name."""
    root = resources.files("gateway.pages") / "static"
    return MappingProxyType({asset.name: asset for asset in _assets_in(root, "")})


def assets(files: Mapping[str, Asset]) -> Blueprint:
    """Return the route ``/assets``; what it serves is public."""
    routes = Blueprint("assets", __name__)
    by_url = {asset.url: asset for asset in files.values()}

    @routes.get("/assets/<path:name>")
    def asset(name: str) -> Response:
        """Give one file."""
        found = by_url.get(f"/assets/{name}")
        if found is None:
            abort(404)
        packed = request.accept_encodings.quality("gzip") > 0
        reply = Response(found.packed if packed else found.body, content_type=found.kind)
        reply.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        reply.headers["Vary"] = "Accept-Encoding"
        if packed:
            reply.headers["Content-Encoding"] = "gzip"
        return reply

    return routes


def _assets_in(folder: Traversable, prefix: str) -> list[Asset]:
    found = []
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        ending = file.name.rpartition(".")[2]
        if file.is_dir():
            found += _assets_in(file, f"{prefix}{file.name}/")
        elif ending in _TYPES:
            body = file.read_bytes()
            found.append(
                Asset(
                    name=prefix + file.name,
                    body=body,
                    packed=gzip.compress(body, mtime=0),
                    kind=_TYPES[ending],
                )
            )
    return found
