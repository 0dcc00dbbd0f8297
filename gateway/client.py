"""The researcher's client: ask from Python, get numbers with their errors.

    from gateway.client import Gateway

    with Gateway("https://gateway.example", api_key) as gateway:
        result = gateway.query("heart", "SELECT COUNT(*) AS n FROM patients", epsilon="0.2")
        result.to_pandas()

Refusals are raised as the errors of ``policies.errors`` and ``gateway.errors``, with the code, the
remedy and the position that the gateway told.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Final, Self, TypedDict, Unpack
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

import httpx

from gateway.errors import RequestError, UnavailableError
from gateway.explanations import explanation_text
from gateway.problems import parse_problem
from gateway.results import Result
from query.answers import Quote
from query.documents import parse_answer, parse_quote
from query.fields import Document
from query.losses import parse_balance
from query.ports import Balance

__all__ = ["Gateway", "QuestionOptions", "Result", "question_body"]

TIMEOUT_SECONDS: Final = 120.0


class QuestionOptions(TypedDict, total=False):
    """What a question may say beside its SQL; the policy fills in what is left out.

    Attributes:
        dataset: What is asked; needed where the project has several.
        purpose: Why; needed where the project has several.
        epsilon: Price, in pools of pure differential privacy.
        rho: Price, in zCDP pools.
        max_groups: Narrows the bound on groups of one privacy unit.
        max_rows_per_group: Narrows the bound on rows of one unit in one group.
        accuracy: In place of a price: ``{"within": 25}``, and ``"confidence"`` if not 0.95; the
            price is then the least at which counts and sums are so exact.
        weights: From a column of the answer to how much its error matters, above 0; the loss is
            shared accordingly.
        confidence: Of the intervals; above 0 and below 1, 0.95 by default.
        confirm_price: Refuse if the price is not exactly this.
        delta: Most that a threshold of private group keys may use up.
    """

    dataset: str
    purpose: str
    epsilon: str | Decimal | float
    rho: str | Decimal | float
    accuracy: Mapping[str, float]
    weights: Mapping[str, float]
    max_groups: int
    max_rows_per_group: int
    confidence: float
    confirm_price: str | Decimal | float
    delta: str | Decimal | float


class Gateway:
    """A connection to one gateway, as one principal; may be used as a context manager.

    Args:
        url: Where the gateway is, such as ``https://gateway.example``; plain ``http`` only for
            this machine, since the key would be readable on the way.
        api_key: The key that the gateway's operator gave; starts with ``gw_``.
        timeout: Longest wait for one reply, in seconds.
        transport: How requests travel; httpx's own by default.

    Raises:
        RequestError: If the URL is not one that a key may be sent to.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        local = _check_url(url)
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {api_key}", "Accept": "application/json"},
            timeout=timeout,
            transport=transport,
            trust_env=not local,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def me(self) -> Document:
        """Return who the key stands for, and the projects that it opens."""
        return self._object("GET", "/v1/me")

    def project(self, project: str) -> Document:
        """Return a project's title, purposes, datasets and dates."""
        return self._object("GET", _path(project))

    def catalog(self, project: str) -> Document:
        """Return what the project may ask: datasets, tables, columns and public domains."""
        return self._object("GET", _path(project, "/catalog"))

    def budget(self, project: str) -> Mapping[str, tuple[Balance, ...]]:
        """Return what pool, project and researcher have spent and may spend, by dataset."""
        document = self._object("GET", _path(project, "/budget"))
        try:
            return {
                entry["dataset"]: tuple(parse_balance(balance) for balance in entry["balances"])
                for entry in document["datasets"]
            }
        except (KeyError, TypeError):
            raise parse_problem({}, 200) from None

    def quote(self, project: str, sql: str, **options: Unpack[QuestionOptions]) -> Quote:
        """Return the price of a question and the error to expect; free.

        Raises:
            RefusalError: If the question could not be answered.
        """
        body = question_body(sql, options)
        return parse_quote(self._object("POST", _path(project, "/queries:price"), body))

    def explain(self, project: str, sql: str, **options: Unpack[QuestionOptions]) -> str:
        """Return in words how a question would be answered; free.

        Raises:
            RefusalError: If the question could not be answered.
        """
        return explanation_text(self.quote(project, sql, **options))

    def practice(self, project: str, dataset: str, *, units: int = 200) -> dict[str, Any]:
        """Return made-up tables to try queries on, a ``pyarrow.Table`` each; free.

        They follow from the policy alone: no count in them says anything of the data.

        Args:
            project: The project; what it may not ask is not in the tables.
            dataset: One of its datasets.
            units: How many privacy units to make up; 1 to 1,000.

        Raises:
            NotFoundError: If the project has no such dataset.
        """
        from gateway.practice import read_tables  # noqa: PLC0415  loads pyarrow where it is wanted

        place = f"/datasets/{percent_encoded(dataset, safe='')}/practice"
        reply = self._send("GET", _path(project, f"{place}?format=parquet&units={units}"), None)
        try:
            return read_tables(reply.content)
        except ValueError:
            raise parse_problem({}, 200) from None

    def query(self, project: str, sql: str, **options: Unpack[QuestionOptions]) -> Result:
        """Answer a question; the price is charged to the project's budget.

        Asking the same again gives the stored answer for free, so it is safe after a lost
        connection.

        Raises:
            RefusalError: If the answer is no; nothing is charged.
            InternalError: If it failed inside; it may have been charged.
        """
        body = question_body(sql, options)
        return Result(parse_answer(self._object("POST", _path(project, "/queries"), body)))

    def answer(self, project: str, query_id: str) -> Result:
        """Return an answer that the project was given before; free.

        Raises:
            NotFoundError: If the project has no such answer.
        """
        path = _path(project, f"/queries/{percent_encoded(query_id, safe='')}")
        return Result(parse_answer(self._object("GET", path)))

    def receipt(self, index: int) -> str:
        """Return the receipt of an entry about a request of yours, as text (C2SP tlog-proof).

        Raises:
            NotFoundError: If there is no such entry, or it is about another's request.
        """
        return self._send("GET", f"/v1/receipts/{index:d}", None).text

    def growth(self, size: int) -> str:
        """Return the proof that the audit log grew from the size of a checkpoint that you kept.

        Raises:
            NotFoundError: If the log never had that size.
        """
        return self._send("GET", f"/v1/log/proof?old={size:d}", None).text

    def checkpoint(self) -> str:
        """Return the last signed checkpoint of the audit log, as text."""
        return self._send("GET", "/v1/log/checkpoint", None).text

    def _object(self, method: str, path: str, body: Document | None = None) -> Document:
        document = _json(self._send(method, path, body))
        if not isinstance(document, dict):
            raise parse_problem({}, 200)
        return document

    def _send(self, method: str, path: str, body: Document | None) -> httpx.Response:
        try:
            reply = self._http.request(method, path, json=body)
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


def _json(reply: httpx.Response) -> Any:  # noqa: ANN401  what a server sends is checked by its reader
    try:
        return reply.json()
    except ValueError:
        return None


def _path(project: str, rest: str = "") -> str:
    return f"/v1/projects/{percent_encoded(project, safe='')}{rest}"


def question_body(sql: str, options: QuestionOptions) -> Document:
    """Return the body of a question, with amounts as the strings that they must be."""
    body: Document = {"sql": sql}
    for name, value in options.items():
        if name in {"epsilon", "rho", "confirm_price", "delta"} and value is not None:
            body[name] = value if isinstance(value, str) else format(Decimal(str(value)), "f")
        elif value is not None:
            body[name] = dict(value) if isinstance(value, Mapping) else value
    return body


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
