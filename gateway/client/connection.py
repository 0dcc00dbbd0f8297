"""One connection to one gateway: requests out, documents and errors back."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

import httpx

from gateway.errors import RequestError, UnavailableError
from gateway.problem_parsing import parse_problem
from query.fields import Document

__all__ = ["TIMEOUT_SECONDS", "Connection", "project_path"]

TIMEOUT_SECONDS: Final = 120.0


class Connection:
    """A connection with an API key; safe among threads.

    Args:
        url: Where the gateway is.
        api_key: Is sent with each request.
        timeout: Longest wait for one reply, in seconds.
        transport: How requests travel; httpx's own if None.

    Raises:
        RequestError: If the URL is not one that a key may be sent to.
    """

    def __init__(
        self, url: str, api_key: str, *, timeout: float, transport: httpx.BaseTransport | None
    ) -> None:
        local = _check_url(url)
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {api_key}", "Accept": "application/json"},
            timeout=timeout,
            transport=transport,
            trust_env=not local,
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def document(
        self,
        method: str,
        path: str,
        body: Document | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Document:
        """Send a request, and return the JSON object of its reply.

        Raises:
            GatewayError: What the gateway told in place of it.
        """
        document = _json(self.send(method, path, body, headers))
        if not isinstance(document, dict):
            raise parse_problem({}, 200)
        return document

    def send(
        self,
        method: str,
        path: str,
        body: Document | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request, and return its reply.

        Raises:
            GatewayError: What the gateway told in place of it.
            UnavailableError: If there is no connection, or no reply in time.
        """
        try:
            reply = self._http.request(method, path, json=body, headers=headers)
        except httpx.TimeoutException:
            raise UnavailableError(
                "the gateway did not answer in time",
                remedy="ask the same question again: an answer that was charged is given for free",
            ) from None
        except httpx.HTTPError:
            raise UnavailableError(
                f"there is no connection to {self._http.base_url}",
                remedy="check the URL, the network, and that the gateway runs",
            ) from None
        if reply.is_success:
            return reply
        document = _json(reply)
        raise parse_problem(document if isinstance(document, dict) else {}, reply.status_code)


def project_path(project: str, rest: str = "") -> str:
    """Return the address of a project, or of something below it."""
    return f"/v1/projects/{percent_encoded(project, safe='')}{rest}"


def _json(reply: httpx.Response) -> Any:  # noqa: ANN401  what a server sends is checked by its reader
    try:
        return reply.json()
    except ValueError:
        return None


def _check_url(url: str) -> bool:
    """Say whether a URL is this machine's; a key goes to others through TLS only."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    local = host == "localhost" or _is_loopback(host)
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise RequestError(
            "the URL is not one that an API key may be sent to",
            code="REQ-CLEARTEXT",
            remedy="use https, or http for this machine only",
        )
    return local


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
