"""From files to the set of declarations: nothing is in force that did not pass every check here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from policies.active import PolicySet
from policies.approvals import ApprovalKey, ApprovalPolicy, able_persons
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
_APPROVALS: Final = "approvals.yaml"


def load_policies(folder: Path) -> PolicySet:
    """Read all declarations of a folder.

    Args:
        folder: Holds ``datasets/*.yaml``, and may hold ``projects/*.yaml``, ``refdata/*.csv``,
            ``approvals.yaml`` and ``keys/*.pub.yaml``. Hidden files and ``*.md`` are passed over.

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
    keys = {key.id: key for key in _read_each(files, ("keys", ".pub.yaml"), _key, problems)}
    approvals = _approvals(files, keys, problems)
    if not problems:
        problems.extend(find_contradictions(datasets, projects))
    if problems:
        raise combined(problems)
    return PolicySet(
        datasets=MappingProxyType({one.policy.id: one.policy for one in datasets}),
        projects=MappingProxyType({one.policy.id: one.policy for one in projects}),
        digest=files.digest(),
        approvals=approvals,
        keys=MappingProxyType(keys),
        files=files.contents(),
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


def _key(files: PolicyFolder, name: str) -> ApprovalKey:
    document = parse_document(files.read(name), files.shown(name))
    return validate(ApprovalKey, document, document.tree)


def _approvals(
    files: PolicyFolder, keys: Mapping[str, ApprovalKey], problems: list[DeclarationError]
) -> ApprovalPolicy | None:
    """Read what is said of approvals, and check that whoever has to approve is able to."""
    if not (files.root / _APPROVALS).exists():
        return None
    try:
        document = parse_document(files.read(_APPROVALS), files.shown(_APPROVALS))
        policy = validate(ApprovalPolicy, document, document.tree)
    except DeclarationError as error:
        problems.append(error)
        return None
    for name in ("widen", "narrow", "suspend") if policy.required and not problems else ():
        demand = getattr(policy.spec, name)
        able = len(able_persons(policy, keys, demand))
        if able < demand.min:
            problems.append(
                document.error(
                    f"{demand.min} persons have to sign to {name}, and {able} of those with a key"
                    " may: nothing could ever be approved",
                    code="APP-ONE-PERSON",
                    remedy="add keys of others with 'gateway policy key create'",
                    path=("spec", name),
                )
            )
    return policy
