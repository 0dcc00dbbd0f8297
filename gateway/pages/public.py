"""What anybody may read: the start, the register of projects, guarantees and how to check."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, redirect

from gateway.audit.checkpoint import parse_checkpoint
from gateway.pages.site import HOMES, page_blueprint, page_reply
from gateway.ports import Service
from gateway.routes.callers import current_principal
from policies.active import PolicySet
from policies.projects import ProjectPolicy
from policies.record_limits import record_limits

__all__ = ["public_pages"]


def public_pages(service: Service) -> Blueprint:
    """Return the pages ``/``, ``/home`` and ``/register``."""
    pages = page_blueprint("public")

    @pages.get("/")
    def start() -> Response:
        """Say what this is, and where to sign in."""
        return page_reply("public/start.html")

    @pages.get("/home")
    def home() -> Response:
        """Send whoever is signed in to the pages of their role."""
        _, address, _ = HOMES[current_principal().role]
        return cast("Response", redirect(address, 303))

    @pages.get("/register")
    def register() -> Response:
        """List the projects in force, what is guaranteed, and how to hold the gateway to it."""
        active, today = service.policies, service.now().date()
        projects = [
            project
            for _, project in sorted(active.projects.items())
            if project.metadata.in_force(today)
        ]
        return page_reply(
            "public/register.html",
            projects=projects,
            datasets=active.datasets,
            given_records=_given_records(active, projects),
            suspended=active.suspended,
            head=parse_checkpoint(service.checkpoint()),
            vkey=service.vkey(),
        )

    return pages


def _given_records(active: PolicySet, projects: list[ProjectPolicy]) -> set[tuple[str, str]]:
    """Return each project and dataset of which rows may leave, by what all layers say."""
    return {
        (project.id, grant.id)
        for project in projects
        for grant in project.spec.datasets
        if (dataset := active.datasets.get(grant.id)) is not None
        and record_limits(active.gateway, dataset, project, grant).allowed.value
    }
