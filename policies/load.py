"""From files to the set of declarations: nothing is in force that did not pass every check here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from policies.active import PolicySet
from policies.consistency import Declared, find_contradictions
from policies.datasets import DatasetPolicy
from policies.documents import parse_document
from policies.errors import DeclarationError
from policies.folders import PolicyFolder
from policies.projects import ProjectPolicy
from policies.refdata import read_categories, with_categories
from policies.validation import combined, validate

__all__ = ["load_dataset", "load_policies", "load_project"]

Read = TypeVar("Read")


def load_policies(folder: Path) -> PolicySet:
    """Read all declarations of a folder.

    Args:
        folder: Holds ``datasets/*.yaml``, and may hold ``projects/*.yaml`` and
            ``refdata/*.csv``. Hidden files and ``*.md`` are passed over.

    Returns:
        The declarations by id, with category lists read in, and the digest of all files.

    Raises:
        DeclarationError: If anything is wrong; its ``problems`` are all that were found.
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
    _read_each(files, ("refdata", ".csv"), read_categories, problems)
    datasets = _read_each(files, ("datasets", ".yaml"), _dataset, problems)
    projects = _read_each(files, ("projects", ".yaml"), _project, problems)
    if not problems:
        problems.extend(find_contradictions(datasets, projects))
    if problems:
        raise combined(problems)
    return PolicySet(
        datasets=MappingProxyType({one.policy.id: one.policy for one in datasets}),
        projects=MappingProxyType({one.policy.id: one.policy for one in projects}),
        digest=files.digest(),
    )


def load_dataset(path: Path) -> DatasetPolicy:
    """Read one dataset's declaration.

    Args:
        path: A file in the folder ``datasets`` of a folder of policies, from which the
            references to lists are followed.

    Raises:
        DeclarationError: If anything is wrong; its ``problems`` are all that were found.
    """
    files, name = _locate(path)
    return _dataset(files, name).policy


def load_project(path: Path) -> ProjectPolicy:
    """Read one project's declaration, without comparing it to datasets.

    Args:
        path: A file in the folder ``projects`` of a folder of policies.

    Raises:
        DeclarationError: If anything is wrong; its ``problems`` are all that were found.
    """
    files, name = _locate(path)
    return _project(files, name).policy


def _locate(path: Path) -> tuple[PolicyFolder, str]:
    if path.parent.name in {"", ".."}:  # a name alone does not say in which folder it lies
        path = path.resolve()
    return PolicyFolder(root=path.parent.parent), f"{path.parent.name}/{path.name}"


def _read_each(
    files: PolicyFolder,
    where: tuple[str, str],
    read: Callable[[PolicyFolder, str], Read],
    problems: list[DeclarationError],
) -> list[Read]:
    """Read all files of one kind, and go on after a wrong one, so that all problems are told."""
    found: list[Read] = []
    try:
        names = files.files(*where)
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
    return Declared(policy=policy, document=document)


def _project(files: PolicyFolder, name: str) -> Declared[ProjectPolicy]:
    document = parse_document(files.read(name), files.shown(name))
    return Declared(policy=validate(ProjectPolicy, document, document.tree), document=document)
