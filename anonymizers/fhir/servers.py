"""Ids of FHIR resources are those of one server; two servers may give one id to two patients."""

from __future__ import annotations

from typing import Final

from anonymizers.fhir.walk import Resource, objects_in, server_of
from policies.errors import SourceError

__all__ = ["Servers"]

_ADDRESSES: Final = ("reference", "fullUrl")


class Servers:
    """The server of each type of resource, as far as references and bundles name one."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def add(self, resource: Resource, file: str) -> None:
        """Take up what one resource or bundle points to.

        A reference without a server's address is taken for one to the same server.

        Args:
            resource: As it stands on its line.
            file: Name of its file, for the message.

        Raises:
            SourceError: ``SRC-SERVERS`` if resources of one type are of two servers.
        """
        named = (one.get(key) for one in objects_in(resource) for key in _ADDRESSES)
        for address in (one for one in named if isinstance(one, str)):
            server, kind = server_of(address)
            if server and self._of.setdefault(kind, server) != server:
                raise SourceError(
                    f"resources of type {kind} are of two servers, whose ids may be the same",
                    code="SRC-SERVERS",
                    remedy="give each server's export a folder and a dataset of its own, or write "
                    "all references with the address of one server",
                    file=file,
                )
