"""Forms for the register of projects: a new one, or the members of one that is declared.

A form yields a declaration in the editor, where lint, difference and tests are those of any other;
it checks nothing by itself, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from flask import Blueprint, Response, request
from pydantic import TypeAdapter, ValidationError
from werkzeug.datastructures import MultiDict

from gateway.drafting.projects import (
    DraftedProject,
    MemberRow,
    members_of,
    project_file,
    project_id_of,
    with_members,
)
from gateway.errors import NotFoundError, RequestError
from gateway.governing.declaration_files import check_name
from gateway.pages.site import page_reply
from gateway.pages.steward.matrix import matrix_rows
from gateway.pages.steward.words import declaration_words
from gateway.ports import Service
from gateway.problems import problem_of
from gateway.routes.callers import current_principal
from policies.model import Identifier
from policies.projects import MemberRole

__all__ = ["add_projects"]

_EMPTY_ROWS: Final = 3
_DAYS: Final = 365
_PROJECT_ID: Final = TypeAdapter[str](Identifier)
_NOT_FILLED_IN: Final = "The form is not filled in as it must be"
_MEMBER: Final = ("user", "role", "until")


def add_projects(pages: Blueprint, service: Service) -> None:
    """Add the forms, and the file that an editor's text becomes."""
    _forms(pages, service)
    _texts(pages, service)


def _forms(pages: Blueprint, service: Service) -> None:
    @pages.get("/studio/projects/new")
    def new_project() -> Response:
        """Ask for what a new project declares; of which dataset comes first."""
        return _new_page(service, request.args.get("dataset"))

    @pages.get("/studio/projects/<project_id>/members")
    def members(project_id: str) -> Response:
        """Ask for the members of a declared project."""
        name, text = _declared(service, project_id)
        return page_reply(
            "steward/members.html",
            project_id=project_id,
            file=name,
            members=_rows(members_of(text)),
            roles=[role.value for role in MemberRole],
        )


def _texts(pages: Blueprint, service: Service) -> None:
    @pages.post("/studio/projects/new")
    def draft_project() -> Response:
        """Show the declaration of a new project in the editor."""
        drafted = _drafted(request.form)
        try:
            name = _free_name(service, drafted.id)
        except RequestError as error:
            return _new_page(service, drafted.dataset, typed=request.form, refused=error)
        return _in_editor(service, name, project_file(drafted))

    @pages.post("/studio/projects/<project_id>/members")
    def draft_members(project_id: str) -> Response:
        """Show the declaration of a project with other members in the editor."""
        (name, text), active = _declared(service, project_id), service.policies
        standing = active.projects.get(project_id)
        version = 1 if standing is None else standing.metadata.version + 1
        changed = with_members(text, tuple(_members(request.form)), version=version)
        return _in_editor(service, name, changed)

    @pages.post("/studio/download")
    def download() -> Response:
        """Give the text of the editor as a file, to be laid into the folder of declarations."""
        name, text = request.form.get("name", ""), request.form.get("text", "")
        check_name(name)
        return Response(
            text.replace("\r\n", "\n"),
            content_type="application/yaml; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name.rpartition("/")[2]}"',
            },
        )


def _new_page(
    service: Service,
    chosen: str | None,
    *,
    typed: MultiDict[str, str] | None = None,
    refused: RequestError | None = None,
) -> Response:
    """Show the form of a new project; what was typed stays in it where that was refused."""
    datasets, today = service.policies.datasets, service.now().date()
    dataset = datasets.get(next(iter(datasets), "") if chosen is None else chosen)
    if dataset is None:
        raise NotFoundError("no such dataset is in force", remedy="see the studio's start")
    last = min(today + timedelta(days=_DAYS), dataset.metadata.expires_at)
    fresh = MultiDict(
        {
            "owner": current_principal().user,
            "effective_from": f"{today}",
            "expires_at": f"{last}",
            "permit_kind": "ethics_board",
        }
    )
    problem = None if refused is None else problem_of(refused)
    told = None if problem is None else {**problem.document, "title": _NOT_FILLED_IN, "charged": ""}
    return page_reply(
        "steward/project.html",
        status=200 if problem is None else problem.status,
        problem=told,
        typed=fresh if typed is None else typed,
        datasets=datasets,
        dataset=dataset,
        columns=[row for row in matrix_rows(dataset) if row.stored and "filter" in row.uses],
        members=_rows(() if typed is None else tuple(_members(typed))),
        roles=[role.value for role in MemberRole],
    )


def _free_name(service: Service, project_id: str) -> str:
    """Return the name of the file that declares a new project.

    Raises:
        RequestError: If there is a project of the id, or it can be none.
    """
    try:
        _PROJECT_ID.validate_python(project_id)
    except ValidationError:
        raise RequestError(
            "the field Id of the new project has no id of the form of ids",
            remedy="write lower-case letters, digits and hyphens, with no hyphen first,"
            " 63 characters at most",
        ) from None
    name, files = f"projects/{project_id}.yaml", service.stewardship.files()
    if name in files or project_id in {project_id_of(text) for text in files.values()}:
        raise RequestError(
            f"there is a project of the id {project_id} already",
            remedy="choose another in the field Id, or edit the members of that one",
        )
    return name


def _declared(service: Service, project_id: str) -> tuple[str, str]:
    """Return the file that declares a project, and its text."""
    for name, text in service.stewardship.files().items():
        if name.startswith("projects/") and project_id_of(text) == project_id:
            return name, text
    if project_id in service.policies.projects:
        raise NotFoundError(
            "the file that declares this project is missing, or cannot be read; what was put in"
            " force before stays so",
            remedy="see in the studio what is wrong with its file, or lay it back into the folder"
            " of declarations",
        )
    raise NotFoundError(
        "no file of declarations is of this project", remedy="choose one in the studio"
    )


def _in_editor(service: Service, name: str, text: str) -> Response:
    return page_reply(
        "steward/file.html",
        name=name,
        text=text,
        trial=service.stewardship.try_out(name, text, service.now()),
        words=declaration_words(),
    )


def _rows(members: tuple[MemberRow, ...]) -> list[MemberRow]:
    """Return members with empty rows for more."""
    role = MemberRole.RESEARCHER.value
    return [*members, *[MemberRow(user="", role=role, until="")] * _EMPTY_ROWS]


def _members(form: MultiDict[str, str]) -> Iterator[MemberRow]:
    """Yield the rows of a form that name somebody; an emptied row is a member who leaves."""
    for row in zip(*(form.getlist(name) for name in _MEMBER), strict=False):
        user, role, until = (said.strip() for said in row)
        if user:
            yield MemberRow(user=user, role=role, until=until)


def _drafted(form: MultiDict[str, str]) -> DraftedProject:
    said = {name: text.strip() for name, text in form.items()}
    columns = [one.partition(".") for one in form.getlist("column")]
    tables = dict.fromkeys(table for table, _, _ in columns)
    return DraftedProject(
        **{
            name: said.get(name, "")
            for name in ("id", "title", "owner", "effective_from", "expires_at", "dataset")
        },
        permit={said.get("permit_kind") or "permit": said["permit"]} if said.get("permit") else {},
        tables={table: [column for of, _, column in columns if of == table] for table in tables},
        private_keys="allowed" if "private_keys" in said else "denied",
        releases="allowed" if "releases" in said else "denied",
        purposes=form.getlist("purpose"),
        members=tuple(_members(form)),
        budget={name: said.get(name, "") for name in ("epsilon", "per_researcher")},
    )
