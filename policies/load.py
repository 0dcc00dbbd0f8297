"""From files to the set of declarations: nothing is in force that did not pass every check here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from policies.active import PolicySet
from policies.approval_files import read_approvals, read_key
from policies.ceilings import under_ceilings
from policies.consistency import find_contradictions
from policies.datasets import DatasetPolicy
from policies.declared import Declarations, Declared, Policy
from policies.documents import Document, parse_document
from policies.errors import DeclarationError
from policies.folders import PolicyFolder
from policies.gateway import GatewayPolicy
from policies.lattice import Layer
from policies.lint.errors import ERRORS
from policies.projects import ProjectPolicy
from policies.refdata import read_categories, with_categories
from policies.validation import combined, validate

__all__ = [
    "load_policies",
    "policy_set",
    "read_declarations",
]

Read = TypeVar("Read")


def load_policies(folder: Path) -> PolicySet:
    """Read all declarations of a folder.

    Args:
        folder: Holds ``datasets/*.yaml``, and may hold ``gateway.yaml``, ``projects/*.yaml`` and
            ``refdata/*.csv``, ``approvals.yaml`` and ``keys/*.pub.yaml``. Hidden files and
            ``*.md`` are passed over.

    Returns:
        The declarations by id, with category lists read in and datasets under the gateway's
        ceilings, and the digest of all files.

    Raises:
        DeclarationError: If anything is wrong; its ``problems`` are all that were found.
    """
    return policy_set(read_declarations(folder))


def policy_set(declarations: Declarations) -> PolicySet:
    """Return declarations as they are in force together."""
    gateway = declarations.gateway
    ceilings = None if gateway is None else gateway.policy
    return PolicySet(
        datasets=MappingProxyType(
            {one.policy.id: under_ceilings(one.policy, ceilings) for one in declarations.datasets}
        ),
        projects=MappingProxyType({one.policy.id: one.policy for one in declarations.projects}),
        gateway=ceilings,
        documents=MappingProxyType(dict(_documents(declarations))),
        digest=declarations.digest,
        approvals=declarations.approvals,
        keys=declarations.keys,
        files=declarations.files,
    )


def _documents(declarations: Declarations) -> Iterator[tuple[tuple[Layer, str], Document]]:
    """Give each file, named as in the folder, whose own place nobody outside needs to know."""
    if declarations.gateway is not None:
        yield _document(Layer.GATEWAY, declarations.gateway)
    for dataset in declarations.datasets:
        yield _document(Layer.DATASET, dataset)
    for project in declarations.projects:
        yield _document(Layer.PROJECT, project)


def _document(layer: Layer, one: Declared[Policy]) -> tuple[tuple[Layer, str], Document]:
    return (layer, one.policy.id), replace(one.document, file=one.path)


def read_declarations(folder: Path) -> Declarations:
    """Read all declarations of a folder, with the places of everything in them.

    Args:
        folder: As for ``load_policies``.

    Raises:
        DeclarationError: As for ``load_policies``.
    """
    files = PolicyFolder(root=folder)
    if not (folder / "datasets").is_dir():
        raise DeclarationError(
            "there is no folder datasets",
            code="FILE-MISSING",
            remedy="name the folder that holds datasets/ and projects/",
            file=str(folder),
        )
    problems: list[DeclarationError] = []
    gateways = _read_each(files, files.gateway, partial(_plain, GatewayPolicy), problems)
    _read_each(files, lambda: files.files("refdata", ".csv"), read_categories, problems)
    datasets = _read_each(files, lambda: files.files("datasets", ".yaml"), _dataset, problems)
    read_project = partial(_plain, ProjectPolicy)
    projects = _read_each(files, lambda: files.files("projects", ".yaml"), read_project, problems)
    keys = {
        key.id: key
        for key in _read_each(files, lambda: files.files("keys", ".pub.yaml"), read_key, problems)
    }
    approvals = read_approvals(files, keys, problems)
    found = Declarations(
        gateway=gateways[0] if gateways else None,
        datasets=tuple(datasets),
        projects=tuple(projects),
        digest=files.digest(),
        approvals=None if approvals is None else approvals[0],
        approvals_document=None if approvals is None else approvals[1],
        keys=MappingProxyType(keys),
        files=files.contents(),
    )
    if not problems:
        problems.extend(find_contradictions(datasets, projects))
        problems.extend(problem for find in ERRORS for problem in find(found))
    if problems:
        raise combined(problems)
    return found


def _read_each(
    files: PolicyFolder,
    names_of: Callable[[], tuple[str, ...]],
    read: Callable[[PolicyFolder, str], Read],
    problems: list[DeclarationError],
) -> list[Read]:
    """Read all files of one kind, and go on after a wrong one, so that all problems are told."""
    found: list[Read] = []
    try:
        names = names_of()
    except DeclarationError as error:
        problems.append(error)
        return found
    for name in names:
        try:
            found.append(read(files, name))
        except DeclarationError as error:
            problems.append(error)
    return found


def _dataset(files: PolicyFolder, name: str) -> Declared[DatasetPolicy]:
    document = parse_document(files.read(name), files.shown(name))
    tree, problems = with_categories(document, files)
    try:
        policy = validate(DatasetPolicy, document, tree)
    except DeclarationError as error:
        raise combined([error, *problems]) from None
    if problems:
        raise combined(problems)
    return Declared(policy=policy, document=document, path=name)


def _plain(kind: type[Policy], files: PolicyFolder, name: str) -> Declared[Policy]:
    """Read a declaration that refers to no list."""
    document = parse_document(files.read(name), files.shown(name))
    policy = validate(kind, document, document.tree)
    return Declared(policy=policy, document=document, path=name)
