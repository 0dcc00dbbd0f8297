"""The text of a new ``gateway.toml``."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["settings_text"]


def settings_text(deployment: str, *, port: int, keys: Path) -> str:
    """Return the text of a new ``gateway.toml`` that shows what is most often changed.

    Args:
        deployment: Stable name.
        port: TCP port of the service.
        keys: Folder of the key ring.
    """
    folder = json.dumps(str(keys), ensure_ascii=False)  # JSON's escapes are TOML's
    return (
        "# Settings of this deployment; docs/settings.md lists all keys.\n"
        f'id = "{deployment}"\n'
        "\n"
        "[service]\n"
        'host = "127.0.0.1"  # put a proxy with TLS before it to serve others\n'
        f"port = {port}\n"
        "time_bucket_ms = 250  # answers leave at 250 ms, 1 s, 4 s, ...\n"
        "\n"
        "[paths]\n"
        'policies = "policies"\n'
        'store = "store"\n'
        f"keys = {folder}  # keep it off the disk and the backups that hold the store\n"
    )
