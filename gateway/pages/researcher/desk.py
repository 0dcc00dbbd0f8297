"""The desk of one project: who sits there, what may be asked, and at which prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.bodies import QuestionBody, question_of
from gateway.catalog import catalog_document
from gateway.errors import NotFoundError
from gateway.membership import member_project
from gateway.pages.researcher.forms import Prices, prices_of, question_body
from gateway.ports import Service
from gateway.routes.callers import current_principal
from policies.active import PolicySet
from policies.projects import ProjectPolicy
from query.answers import Request
from query.fields import Document

__all__ = ["Desk", "desk_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the pages of one project share.

    Attributes:
        project: The project in force that the person is a member of.
        user: As whom they act in it.
        now: When the page was asked for, UTC.
        catalog: What may be asked.
        prices: From dataset to the prices that the slider offers.
    """

    project: ProjectPolicy
    user: str
    now: datetime
    catalog: Document
    prices: Mapping[str, Prices]

    def prices_for(self, dataset: str) -> Prices:
        """Return the prices of a dataset; of the first one for an unknown or an empty name.

        Raises:
            NotFoundError: If the project has no dataset in force.
        """
        found = self.prices.get(dataset) or next(iter(self.prices.values()), None)
        if found is None:
            raise NotFoundError(
                "this project has no dataset in force", remedy="ask the data steward"
            )
        return found

    def priced(self, form: Mapping[str, str]) -> Mapping[str, str]:
        """Return a form for its page: what its slider said of another dataset is left out."""
        if form.get("priced", "") in {"", form.get("dataset", "")}:
            return form
        return {**form, "priced": "", "step": ""}

    def body(self, form: Mapping[str, str]) -> QuestionBody:
        """Return what stands in the form, as the interface would be sent it.

        Raises:
            BodyError: If a field is not as it must be.
        """
        return question_body(form, self.prices_for(form.get("dataset", "")))

    def question(self, policies: PolicySet, form: Mapping[str, str]) -> Request:
        """Return the question of the form.

        Args:
            policies: In force.
            form: As it was sent.

        Raises:
            BodyError: If a field is not as it must be.
            RefusalError: If it cannot be asked.
        """
        return question_of(
            self.body(form), policies, user=self.user, project_id=self.project.id, time=self.now
        )


def desk_of(service: Service, project_id: str) -> Desk:
    """Return the desk at which whoever looks sits.

    Raises:
        PolicyDeniedError: If they are no member of the project, or it is not in force.
    """
    active, now = service.policies, service.now()
    user = current_principal().acting_in(project_id)
    project = member_project(active, user, project_id, now)
    catalog = catalog_document(active, project, now.date())
    prices = {
        dataset["id"]: prices_of(active.datasets[dataset["id"]]) for dataset in catalog["datasets"]
    }
    return Desk(project=project, user=user, now=now, catalog=catalog, prices=prices)
