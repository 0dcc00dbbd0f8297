"""The files that say who approves: ``approvals.yaml`` and the public keys."""

from __future__ import annotations

from collections.abc import Mapping

from policies.approvals import ApprovalKey, ApprovalPolicy, able_persons
from policies.documents import Document, parse_document
from policies.errors import DeclarationError
from policies.folders import APPROVALS_FILE, PolicyFolder
from policies.validation import validate

__all__ = ["read_approvals", "read_key"]


def read_key(files: PolicyFolder, name: str) -> ApprovalKey:
    """Read one public key.

    Raises:
        DeclarationError: If it is none.
    """
    document = parse_document(files.read(name), files.shown(name))
    return validate(ApprovalKey, document, document.tree)


def read_approvals(
    files: PolicyFolder, keys: Mapping[str, ApprovalKey], problems: list[DeclarationError]
) -> tuple[ApprovalPolicy, Document] | None:
    """Read what is said of approvals, and check that whoever has to approve is able to.

    Args:
        files: The folder.
        keys: All public keys in it, by id.
        problems: What is wrong is added.

    Returns:
        The declaration and its file; None where there is none, or it is wrong.
    """
    if not (files.root / APPROVALS_FILE).exists():
        return None
    try:
        document = parse_document(files.read(APPROVALS_FILE), files.shown(APPROVALS_FILE))
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
    return policy, document
