"""The researcher's gateway: what may be asked, what it costs, and numbers with their errors."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, Unpack
from urllib.parse import quote as percent_encoded

import httpx

from gateway.answers.explanations import explanation_text
from gateway.answers.results import Result
from gateway.client.connection import TIMEOUT_SECONDS, Connection, project_path
from gateway.client.jobs import Job
from gateway.client.options import QuestionOptions, question_body
from gateway.client.views import Budgets, Catalog
from gateway.problem_parsing import parse_problem
from query.answers import Quote
from query.documents import parse_answer, parse_quote
from query.fields import Document
from query.losses import parse_balance

__all__ = ["Gateway"]


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
        self._connection = Connection(url, api_key, timeout=timeout, transport=transport)

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
        self._connection.close()

    def me(self) -> Document:
        """Return who the key stands for, and the projects that it opens."""
        return self._connection.document("GET", "/v1/me")

    def project(self, project: str) -> Document:
        """Return a project's title, purposes, datasets and dates."""
        return self._connection.document("GET", project_path(project))

    def catalog(self, project: str) -> Catalog:
        """Return what the project may ask: datasets, tables, columns and public domains."""
        return Catalog(self._connection.document("GET", project_path(project, "/catalog")))

    def budget(self, project: str) -> Budgets:
        """Return what pool, project and researcher have spent and may spend, by dataset."""
        document = self._connection.document("GET", project_path(project, "/budget"))
        try:
            return Budgets(
                (entry["dataset"], tuple(parse_balance(one) for one in entry["balances"]))
                for entry in document["datasets"]
            )
        except (KeyError, TypeError):
            raise parse_problem({}, 200) from None

    def quote(self, project: str, sql: str, **options: Unpack[QuestionOptions]) -> Quote:
        """Return the price of a question and the error to expect; free.

        Raises:
            RefusalError: If the question could not be answered.
        """
        path = project_path(project, "/queries:price")
        return parse_quote(self._connection.document("POST", path, question_body(sql, options)))

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

        try:
            return read_tables(self.practice_zip(project, dataset, "parquet", units=units))
        except ValueError:
            raise parse_problem({}, 200) from None

    def practice_zip(self, project: str, dataset: str, form: str, *, units: int = 200) -> bytes:
        """Return the same tables as a ZIP archive of ``csv`` or ``parquet`` files.

        Raises:
            NotFoundError: If the project has no such dataset.
        """
        place = f"/datasets/{percent_encoded(dataset, safe='')}/practice"
        path = project_path(project, f"{place}?format={form}&units={units}")
        return self._connection.send("GET", path).content

    def query(
        self,
        project: str,
        sql: str,
        *,
        idempotency_key: str | None = None,
        **options: Unpack[QuestionOptions],
    ) -> Result:
        """Answer a question; the price is charged to the project's budget.

        Asking the same again gives the stored answer for free, so it is safe after a lost
        connection.

        Args:
            project: Whose budget is charged.
            sql: One SELECT.
            idempotency_key: Makes all requests that carry it one; best a random UUID.
            options: What else is said.

        Raises:
            RefusalError: If the answer is no; nothing is charged.
            ChargedError: If it failed after it was charged; ``charge`` says what stays charged.
            InternalError: If it failed inside before that, or that cannot be told.
        """
        body, path = question_body(sql, options), project_path(project, "/queries")
        headers = _once(idempotency_key)
        return Result(parse_answer(self._connection.document("POST", path, body, headers)))

    def submit(
        self,
        project: str,
        sql: str,
        *,
        idempotency_key: str | None = None,
        **options: Unpack[QuestionOptions],
    ) -> Job:
        """Leave a question to be answered later, with the arguments of ``query``.

        Raises:
            TooManyRequestsError: If there are as many open jobs as there may be.
        """
        body, path = question_body(sql, options), project_path(project, "/queries")
        headers = {"Prefer": "respond-async", **_once(idempotency_key)}
        return Job(self._connection, self._connection.document("POST", path, body, headers))

    def job(self, project: str, job_id: str) -> Job:
        """Return a job of yours.

        Raises:
            NotFoundError: If you have no such job in the project.
        """
        path = project_path(project, f"/jobs/{percent_encoded(job_id, safe='')}")
        return Job(self._connection, self._connection.document("GET", path))

    def jobs(self, project: str) -> tuple[Job, ...]:
        """Return your last hundred jobs in a project, the newest first."""
        document = self._connection.document("GET", project_path(project, "/jobs"))
        return tuple(Job(self._connection, one) for one in document.get("jobs", ()))

    def answer(self, project: str, query_id: str) -> Result:
        """Return an answer that the project was given before; free.

        Raises:
            NotFoundError: If the project has no such answer.
        """
        path = project_path(project, f"/queries/{percent_encoded(query_id, safe='')}")
        return Result(parse_answer(self._connection.document("GET", path)))

    def receipt(self, index: int) -> str:
        """Return the receipt of an entry about a request of yours, as text (C2SP tlog-proof).

        Raises:
            NotFoundError: If there is no such entry, or it is about another's request.
        """
        return self._connection.send("GET", f"/v1/receipts/{index:d}").text

    def growth(self, size: int) -> str:
        """Return the proof that the audit log grew from the size of a checkpoint that you kept.

        Raises:
            NotFoundError: If the log never had that size.
        """
        return self._connection.send("GET", f"/v1/log/proof?old={size:d}").text

    def checkpoint(self) -> str:
        """Return the last signed checkpoint of the audit log, as text."""
        return self._connection.send("GET", "/v1/log/checkpoint").text


def _once(key: str | None) -> Mapping[str, str]:
    return {} if key is None else {"Idempotency-Key": key}
