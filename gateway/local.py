"""Asking a deployment's folder directly, with the methods of the client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Unpack

from gateway.answers.results import Result
from gateway.bodies import parse_question, question_of
from gateway.catalog import catalog_document
from gateway.client import QuestionOptions, question_body
from gateway.membership import member_project
from gateway.ports import Service
from query.answers import Quote, Request
from query.fields import Document
from query.ports import Balance

__all__ = ["LocalGateway"]


class LocalGateway:
    """A deployment on this machine, asked as one principal; policies hold as they do over HTTP.

    Args:
        service: The deployment.
        user: Who asks, as members of projects are named.
    """

    def __init__(self, service: Service, user: str) -> None:
        self._service = service
        self._user = user

    def catalog(self, project: str) -> Document:
        """Return what the project may ask."""
        now = self._service.now()
        found = member_project(self._service.policies, self._user, project, now)
        return catalog_document(self._service.policies, found, now.date())

    def budget(self, project: str) -> Mapping[str, tuple[Balance, ...]]:
        """Return what pool, project and researcher have spent and may spend, by dataset."""
        found = member_project(self._service.policies, self._user, project, self._service.now())
        return {
            grant.id: self._service.balances(project, grant.id, self._user)
            for grant in found.spec.datasets
        }

    def quote(self, project: str, sql: str, **options: Unpack[QuestionOptions]) -> Quote:
        """Return the price of a question and the error to expect; free."""
        return self._service.quote(self._question(project, sql, options))

    def query(self, project: str, sql: str, **options: Unpack[QuestionOptions]) -> Result:
        """Answer a question; the price is charged to the project's budget."""
        return Result(self._service.answer(self._question(project, sql, options)))

    def _question(self, project: str, sql: str, options: QuestionOptions) -> Request:
        return question_of(
            parse_question(json.dumps(question_body(sql, options)).encode()),
            self._service.policies,
            user=self._user,
            project_id=project,
            time=self._service.now(),
        )
